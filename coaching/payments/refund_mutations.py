"""Owing money back: a row, once for each thing it goes back for, and never more than was paid."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from coaching.accounts.models import Person
from coaching.booking.models import Seat
from coaching.booking.queries import side_of
from coaching.db import database
from coaching.errors import ChangedMeanwhile, NotFound, Refused, TooLate
from coaching.payments.causes import Cause
from coaching.payments.models import Payment, Refund
from coaching.payments.money_queries import COUNTED, left_of, money_of
from coaching.payments.notice_mutations import notify_refunded
from coaching.payments.own_provider_queries import own_provider_for
from coaching.payments.provider_parts import RefundState
from coaching.payments.refund_queries import is_settled_otherwise, key_of_another_try

TOO_MUCH = "That is more than is left of what was paid."


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
    Refused where more would go back than was paid. One payment's refunds queue up. One that was dropped is owed anew.
    """
    with database.atomic():
        Payment.update(tries=Payment.tries).where(Payment.id == payment.id).execute()
        first = Refund.get_or_none(Refund.key == key)
        if first and first.state != "dropped":
            return first
        if amount_cents <= 0:
            return None
        current = _with_so_much_left(payment, amount_cents)
        due = due_at or now
        is_by_hand = due <= now and _goes_by_hand(current, amount_cents, key)
        values = {
            "cause": cause,
            "amount_cents": amount_cents,
            "state": "by_hand" if is_by_hand else "owed",
            "person": person,
            "reason": reason,
            "owed_at": now,
            "due_at": due,
            "next_ask_at": None if is_by_hand else due,
        }
        owed = _owe_anew(first, values) if first else Refund.create(payment=current, key=key, **values)
        if is_by_hand:
            notify_refunded(owed, now)
        return owed


def _with_so_much_left(payment: Payment, amount_cents: int) -> Payment:
    current: Payment = Payment.get_by_id(payment.id)
    if amount_cents > left_of(current):
        raise Refused(TOO_MUCH)
    return current


def _goes_by_hand(payment: Payment, amount_cents: int, key: str) -> bool:
    """True where the payment's provider leaves it to the coach to send the money."""
    own = own_provider_for(payment)
    sent = own.refund(payment.charge_reference or "", amount_cents, payment.currency, {}, key) if own else None
    return sent is not None and sent.state is RefundState.BY_HAND


def _owe_anew(dropped: Refund, values: Mapping[str, Any]) -> Refund:
    Refund.update(**values).where(Refund.id == dropped.id, Refund.state == "dropped").execute()
    owed: Refund = Refund.get_by_id(dropped.id)
    return owed


def owe_of_seat(
    seat: Seat,
    cause: Cause,
    amount_cents: int,
    key: str,
    now: datetime,
    *,
    due_at: datetime | None = None,
    person: Person | None = None,
    reason: str = "",
) -> list[Refund]:
    """So much of what was paid for the seat goes back, from as many of its payments as it takes; those owed before
    with this key where there are any. Refused where that is more than is left. One seat's refunds queue up.
    """
    with database.atomic():
        Seat.update(moves=Seat.moves).where(Seat.id == seat.id).execute()
        if first := _owed_with(key, seat):
            return first
        paid = Payment.select().where(Payment.seat == seat.id, Payment.state == "paid").order_by(Payment.id.desc())
        left = {payment: left_of(payment) for payment in paid}
        if amount_cents > sum(left.values()):
            raise Refused(TOO_MUCH)
        owed: list[Refund] = []
        for payment, cents in left.items():
            part = min(cents, amount_cents)
            amount_cents -= part
            part_key = f"{key}/{len(owed)}" if owed else key
            refund = owe_refund(payment, cause, part, part_key, now, due_at=due_at, person=person, reason=reason)
            if refund:
                owed.append(refund)
        return owed


def drop_refund(key: str) -> bool:
    """What was owed with this key is owed no more, unless it was asked for already; whether it was dropped."""
    waiting = Refund.state.in_(("owed", "by_hand"))
    dropped = Refund.update(state="dropped", next_ask_at=None).where(Refund.key == key, waiting)
    return bool(dropped.execute())


def give_back(
    seat: Seat,
    coach: Person,
    amount_cents: int,
    reason: str,
    form_key: str,
    now: datetime,
    *,
    seen_left_cents: int | None = None,
) -> list[Refund]:
    """The coach gives a part of what was paid back, or all that is left. The same form sent again gives the first.

    Refused where it is more than is left, ChangedMeanwhile where something else is left than the coach has seen: who
    has two pages open would give the same back twice.
    """
    if side_of(seat.coaching_session, coach) != "coach":
        raise NotFound
    key = f"{seat.id}:{Cause.BY_COACH}:{form_key}"
    with database.atomic():
        Seat.update(moves=Seat.moves).where(Seat.id == seat.id).execute()
        is_as_seen = seen_left_cents in (None, money_of(seat).left_cents)
        if not is_as_seen and not _owed_with(key, seat):
            raise ChangedMeanwhile
        return owe_of_seat(seat, Cause.BY_COACH, amount_cents, key, now, person=coach, reason=reason)


def send_again(refund: Refund, coach: Person, now: datetime) -> Refund:
    """What failed is asked for once more, by a refund of its own; pressed twice it is the same one."""
    with database.atomic():
        _lock(refund)
        failed = _own(refund, coach)
        key = key_of_another_try(failed)
        if failed.state != "failed":
            raise TooLate("This refund has not failed, or was sent another way by now.")
        if own_provider_for(failed.payment):
            raise Refused("This money was not paid by card. Send it back yourself, and say so here.")
        again = owe_refund(
            failed.payment, Cause(failed.cause), failed.amount_cents, key, now, person=coach, reason=failed.reason
        )
        if again is None:
            raise Refused(TOO_MUCH)
        return again


def tick_refund(refund: Refund, coach: Person, now: datetime) -> Refund:
    """The coach has sent the money back themselves: also what a provider could not. Twice does no harm."""
    with database.atomic():
        _lock(refund)
        current = _own(refund, coach)
        if current.state == "ticked":
            return current
        if current.state not in ("by_hand", "failed"):
            raise TooLate("This refund is not to be sent by hand, or is under way by itself.")
        if is_settled_otherwise(current):
            raise Refused("It has been given back in another way since, or the student’s bank decides about it.")
        Refund.update(state="ticked", settled_at=now, next_ask_at=None).where(
            Refund.id == current.id, Refund.state == current.state
        ).execute()
        ticked: Refund = Refund.get_by_id(current.id)
        notify_refunded(ticked, now)
        return ticked


def _owed_with(key: str, seat: Seat) -> list[Refund]:
    of_seat = Refund.payment.in_(Payment.select(Payment.id).where(Payment.seat == seat.id))
    refunds = Refund.select().where(of_seat, Refund.state.in_((*COUNTED, "failed"))).order_by(Refund.id)
    return [refund for refund in refunds if refund.key.partition("/")[0] == key]


def _lock(refund: Refund) -> None:
    Payment.update(tries=Payment.tries).where(Payment.id == refund.payment_id).execute()


def _own(refund: Refund, coach: Person) -> Refund:
    current: Refund = Refund.get_by_id(refund.id)
    seat = current.payment.seat
    if seat is None or seat.coaching_session.coach_id != coach.id:
        raise NotFound
    return current
