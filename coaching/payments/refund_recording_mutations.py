"""What is asked of a provider about a refund, and what it answered, is written down: each in one transaction."""

from datetime import datetime

from coaching.db import database
from coaching.payments.causes import Cause
from coaching.payments.dispute_rules import DISPUTED
from coaching.payments.models import Payment, PaymentAccount, Refund
from coaching.payments.notice_mutations import notify_refund_failed, notify_refunded
from coaching.payments.provider_parts import RefundState
from coaching.payments.refund_queries import counted_beside
from coaching.payments.refund_sending import CLAIMED_FOR, LONGEST_PENDING_PAUSE, next_look_at, pause

ASKABLE = ("owed", "asked", "pending", "succeeded")
ON_ITS_WAY = ("pending", "succeeded")


def claim_refund(refund_id: int, now: datetime) -> Refund | None:
    """The refund as it was, which nobody else asks about for a while; None where somebody does, or nothing is due.

    From now on an owed one counts as asked for: whatever becomes of the call, it may have had its effect.
    """
    with database.atomic():
        is_free = Refund.claimed_until.is_null() | (Refund.claimed_until <= now)
        due = (Refund.id == refund_id) & (Refund.next_ask_at <= now) & Refund.state.in_(ASKABLE)
        changed = Refund.update(claimed_until=now + CLAIMED_FOR, tries=Refund.tries + 1).where(due, is_free).execute()
        if not changed:
            return None
        before: Refund = Refund.get_by_id(refund_id)
        Refund.update(state="asked", asked_at=now).where(Refund.id == refund_id, Refund.state == "owed").execute()
        return before


def record_answer(refund_id: int, reference: str, state: str, now: datetime) -> None:
    """The refund stands like this at its provider (pending, succeeded, failed, by_hand). Told twice it is told once."""
    if state == RefundState.BY_HAND:
        hand_over(refund_id, now)
        return
    with database.atomic():
        before: Refund = Refund.get_by_id(refund_id)
        if before.state not in ASKABLE:
            return
        was_settled = before.settled_at if before.state == "succeeded" else None
        settled_at = (was_settled or now) if state in ("succeeded", "failed") else None
        if state == "pending":
            # A new state begins with short pauses.
            tries = before.tries if before.state == "pending" else 1
            next_ask_at: datetime | None = now + pause(tries, LONGEST_PENDING_PAUSE)
        else:
            tries = before.tries
            next_ask_at = next_look_at(settled_at or now, now) if state == "succeeded" else None
        Refund.update(
            state=state,
            reference=reference,
            settled_at=now if state == "failed" else settled_at,
            next_ask_at=next_ask_at,
            claimed_until=None,
            tries=tries,
            fault="",
        ).where(Refund.id == refund_id).execute()
        after: Refund = Refund.get_by_id(refund_id)
        if state == "failed":
            notify_refund_failed(after, now)
        elif before.state not in ON_ITS_WAY:
            notify_refunded(after, now)


def record_fault(before: Refund, fault: str, now: datetime, *, had_no_effect: bool) -> None:
    """The question came to nothing, and is put again after a while; what surely had no effect is owed as it was."""
    values: dict[str, object] = {"fault": fault, "claimed_until": None, "next_ask_at": now + pause(before.tries)}
    if had_no_effect and before.state == "owed":
        values |= {"state": "owed", "asked_at": None}
    Refund.update(**values).where(Refund.id == before.id, Refund.state.in_(ASKABLE)).execute()


def record_refused(refund_id: int, fault: str, now: datetime) -> None:
    """The provider will not do it, however often it is asked: the money has to reach the student another way.

    Where the student's bank decides about it nobody is told to send it, and the dispute is read at once.
    """
    with database.atomic():
        refused = Refund.update(state="failed", settled_at=now, next_ask_at=None, claimed_until=None, fault=fault)
        if refused.where(Refund.id == refund_id, Refund.state.in_(("owed", "asked"))).execute():
            refund: Refund = Refund.get_by_id(refund_id)
            if fault != DISPUTED:
                notify_refund_failed(refund, now)
            elif account_id := refund.payment.payment_account_id:
                PaymentAccount.update(disputes_read_at=None).where(PaymentAccount.id == account_id).execute()


def record_asked_anew(refund_id: int, now: datetime) -> None:
    """It was looked for and is not there: asking for it once more makes the first one."""
    Refund.update(asked_at=now).where(Refund.id == refund_id, Refund.state == "asked").execute()


def postpone(refund_id: int, until: datetime) -> None:
    """Nothing is asked before then."""
    Refund.update(next_ask_at=until).where(Refund.id == refund_id, Refund.state.in_(ASKABLE)).execute()


def record_nothing_left_to_ask(refund_id: int) -> None:
    """What is final is asked about no more, whoever told of it since."""
    Refund.update(next_ask_at=None).where(Refund.id == refund_id, Refund.state.not_in(ASKABLE)).execute()


def hand_over(refund_id: int, now: datetime) -> None:
    """The coach has to send it: it was paid directly, or the key of the account it was paid on is gone."""
    with database.atomic():
        handed = Refund.update(state="by_hand", next_ask_at=None, claimed_until=None)
        if handed.where(Refund.id == refund_id, Refund.state.in_(("owed", "asked", "pending"))).execute():
            notify_refunded(Refund.get_by_id(refund_id), now)
        # What has gone back long ago is not asked about any more.
        Refund.update(next_ask_at=None).where(Refund.id == refund_id, Refund.state == "succeeded").execute()


def record_made_outside(
    payment_id: int, reference: str, state: str, amount_cents: int, made_at: datetime, now: datetime
) -> bool:
    """A refund that was made in the provider's own pages is known of from now on; False where it was before."""
    with database.atomic():
        Payment.update(tries=Payment.tries).where(Payment.id == payment_id).execute()
        if Refund.select().where(Refund.reference == reference).exists():
            return False
        is_final = state != "pending"
        made = Refund.create(
            payment=payment_id,
            key=f"outside:{reference}",
            cause=Cause.BY_COACH,
            amount_cents=amount_cents,
            state=state,
            reference=reference,
            owed_at=made_at,
            due_at=made_at,
            asked_at=made_at,
            settled_at=made_at if is_final else None,
            next_ask_at=now + pause(1) if not is_final else None,
        )
        if state != "failed":
            notify_refunded(made, now)
        return True


def record_refunds_read(account: PaymentAccount, read_at: datetime | None, now: datetime) -> None:
    """The account's refunds up to `read_at` are known, as was tried just now."""
    tried = PaymentAccount.update(refunds_read_at=read_at, refunds_tried_at=now)
    tried.where(PaymentAccount.id == account.id).execute()


def fit_into_rest(refund_id: int, fault: str, now: datetime) -> None:
    """What went back in another way is not owed any more: the rest is, if there is any.

    Where by our own count as much as it is left, the provider has reasons that nobody here knows: it has failed.
    """
    with database.atomic():
        refund: Refund = Refund.get_by_id(refund_id)
        Payment.update(tries=Payment.tries).where(Payment.id == refund.payment_id).execute()
        payment: Payment = Payment.get_by_id(refund.payment_id)
        rest = payment.amount_cents - counted_beside(refund)
        if rest >= refund.amount_cents:
            record_refused(refund_id, fault, now)
        elif rest > 0:
            again = Refund.update(amount_cents=rest, state="owed", asked_at=None, next_ask_at=now, claimed_until=None)
            again.where(Refund.id == refund_id, Refund.state.in_(("owed", "asked"))).execute()
        else:
            dropped = Refund.update(state="dropped", next_ask_at=None, claimed_until=None, fault=fault)
            dropped.where(Refund.id == refund_id, Refund.state.in_(("owed", "asked"))).execute()
