"""Owing money back: a row, once for each thing it goes back for, and never more than was paid."""

from datetime import datetime

from coaching.accounts.models import Person
from coaching.db import database
from coaching.errors import Refused
from coaching.payments.causes import Cause
from coaching.payments.models import Payment, Refund
from coaching.payments.money_queries import left_of


def owe_refund(
    payment: Payment,
    cause: Cause,
    amount_cents: int,
    key: str,
    now: datetime,
    *,
    due_at: datetime | None = None,
    person: Person | None = None,
    reason: str = "",
) -> Refund | None:
    """The refund that goes out from `due_at` on, at once without; the first one where this key was owed before.

    `key` says what it is for: "SEAT:CAUSE", with a form's key behind it where there can be several. None for nothing;
    Refused where more would go back than was paid. One payment's refunds queue up.
    """
    with database.atomic():
        Payment.update(tries=Payment.tries).where(Payment.id == payment.id).execute()
        if first := Refund.get_or_none(Refund.key == key):
            return first
        if amount_cents <= 0:
            return None
        current: Payment = Payment.get_by_id(payment.id)
        if amount_cents > left_of(current):
            raise Refused("That is more than is left of what was paid.")
        is_by_hand = current.provider == "outside"
        due = due_at or now
        return Refund.create(
            payment=current,
            key=key,
            cause=cause,
            amount_cents=amount_cents,
            state="by_hand" if is_by_hand else "owed",
            person=person,
            reason=reason,
            owed_at=now,
            due_at=due,
            next_ask_at=None if is_by_hand else due,
        )
