"""What is written down of disputes, as their provider has them."""

from datetime import datetime

from coaching.db import database
from coaching.notices.kinds import MessageKind
from coaching.notices.mutations import owe
from coaching.payments.dispute_queries import find_disputed_payment
from coaching.payments.dispute_rules import FINAL
from coaching.payments.models import Dispute, PaymentAccount
from coaching.payments.provider_parts import ProviderDispute


def record_dispute(account: PaymentAccount, reported: ProviderDispute, now: datetime) -> bool:
    """The dispute is as its provider has it; the coach of one that is new is told. True when that changed anything.

    One of a payment that is not ours is left alone.
    """
    payment = find_disputed_payment(account, reported.charge_reference)
    if payment is None:
        return False
    values = {"state": reported.state, "reason": reported.reason, "amount_cents": reported.amount_cents}
    values |= {"evidence_due_at": reported.evidence_due_at}
    with database.atomic():
        known = Dispute.get_or_none(Dispute.reference == reported.reference)
        if known and all(getattr(known, name) == value for name, value in values.items()):
            return False
        if known:
            closed_at = (known.closed_at or now) if reported.state in FINAL else None
            Dispute.update(closed_at=closed_at, **values).where(Dispute.id == known.id).execute()
            return True
        closed_at = now if reported.state in FINAL else None
        Dispute.create(
            payment=payment, reference=reported.reference, opened_at=reported.opened_at, closed_at=closed_at, **values
        )
        if payment.seat and not closed_at:
            session, kind = payment.seat.coaching_session, MessageKind.COACH_DISPUTED
            fields = {"amount_cents": reported.amount_cents}
            owe(kind, f"{kind}:{reported.reference}", session.coach_id, now, session_id=session.id, fields=fields)
    return True


def record_disputes_read(account: PaymentAccount, now: datetime) -> None:
    """All that the provider had by now is written down."""
    PaymentAccount.update(disputes_read_at=now).where(PaymentAccount.id == account.id).execute()
