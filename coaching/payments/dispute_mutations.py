"""What is written down of disputes, as their provider has them."""

from datetime import datetime

from coaching.db import database
from coaching.notices.kinds import MessageKind
from coaching.notices.mutations import owe
from coaching.payments.dispute_queries import find_disputed_payment
from coaching.payments.dispute_rules import FINAL
from coaching.payments.models import Dispute, PaymentAccount
from coaching.payments.provider_parts import ProviderDispute


def record_dispute(account: PaymentAccount, told: ProviderDispute, now: datetime) -> bool:
    """The dispute is as its provider has it; the coach of one that is new is told. True when that changed anything.

    One of a payment that is not ours is left alone.
    """
    payment = find_disputed_payment(account, told.charge_reference)
    if payment is None:
        return False
    values = {"state": told.state, "reason": told.reason, "amount_cents": told.amount_cents}
    values |= {"evidence_due_at": told.evidence_due_at}
    with database.atomic():
        known = Dispute.get_or_none(Dispute.reference == told.reference)
        if known and all(getattr(known, name) == value for name, value in values.items()):
            return False
        if known:
            closed_at = (known.closed_at or now) if told.state in FINAL else None
            Dispute.update(closed_at=closed_at, **values).where(Dispute.id == known.id).execute()
            return True
        closed_at = now if told.state in FINAL else None
        Dispute.create(
            payment=payment, reference=told.reference, opened_at=told.opened_at, closed_at=closed_at, **values
        )
        if payment.seat and not closed_at:
            session, kind = payment.seat.coaching_session, MessageKind.COACH_DISPUTED
            fields = {"amount_cents": told.amount_cents}
            owe(kind, f"{kind}:{told.reference}", session.coach_id, now, session_id=session.id, fields=fields)
    return True


def record_disputes_read(account: PaymentAccount, now: datetime) -> None:
    """All that the provider had by now is written down."""
    PaymentAccount.update(disputes_read_at=now).where(PaymentAccount.id == account.id).execute()
