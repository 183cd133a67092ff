"""What was paid for a session and what goes back of it, in words for whoever looks; what its coach can do about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from blueprints.filters import local_time, money
from coaching.booking.models import Seat
from coaching.booking.queries import SessionView
from coaching.payments.cause_labels import why_for_coach, why_for_student
from coaching.payments.causes import Cause
from coaching.payments.dispute_queries import disputed_cents
from coaching.payments.models import Refund
from coaching.payments.money_queries import money_of
from coaching.payments.own_provider_queries import own_provider_for
from coaching.payments.payment_queries import find_under_way, find_unlike
from coaching.payments.refund_queries import is_settled_otherwise, refunds_of, replaced_ids

PILLS = {
    "owed": ("info", "To be sent"),
    "asked": ("info", "Being sent"),
    "pending": ("info", "On its way"),
    "succeeded": ("good", "Sent"),
    "ticked": ("good", "Sent"),
    "by_hand": ("warn", "To be sent by hand"),
    "failed": ("bad", "Failed"),
}
FAULTS = {
    "key_refused": "The card provider refuses the key.",
    "lacks_right": "The key may not refund.",
    "unreachable": "The card provider does not answer.",
    "busy": "The card provider is busy.",
}
# Beside what nobody's hand sends any more, and where to send what a student without an account is owed.
ASK = " Write to whoever runs it."
NAMED = " Their name stands on the receipt."


@dataclass(frozen=True)
class MoneyLine:
    """One refund in words; `can_tick` and `can_send_again` are the coach's buttons."""

    refund_id: int
    pill: tuple[str, str]
    text: str
    why: str
    can_tick: bool = False
    can_send_again: bool = False


def refund_context(view: SessionView, zone: str, now: datetime) -> dict[str, Any]:
    """What the templates show of money that goes back, and whether the coach can give some of it back."""
    if not view.seat.price_cents:
        return {"money_lines": [], "can_give_back": False, "is_all_back": False, "is_under_way": False, "unlike": None}
    paid, refunds = money_of(view.seat), refunds_of(view.seat)
    may_act = view.role == "coach" and not view.link
    return {
        "money_lines": lines_of(view, refunds, zone, now),
        "can_give_back": may_act and paid.left_cents > 0,
        "is_under_way": is_under_way(view.seat),
        "unlike": find_unlike(view.seat) if may_act else None,
        "is_all_back": paid.paid_cents > 0 and paid.left_cents == paid.owed_cents == 0,
    }


def is_under_way(seat: Seat) -> bool:
    """True while money may still come that was not there when the session was last looked at."""
    return seat.paid_at is None and find_under_way(seat) is not None


def lines_of(view: SessionView, refunds: Sequence[Refund], zone: str, now: datetime) -> list[MoneyLine]:
    """Each refund, in order; one that failed and was sent once more says so by the other."""
    replaced, may_act = replaced_ids(list(refunds)), view.role == "coach" and not view.link
    lines = []
    for refund in refunds:
        if is_settled_otherwise(refund):
            is_replaced = refund.id in replaced
            pill = ("neutral", "Failed, sent once more" if is_replaced else "Not sent")
            text = text_of_settled(view, refund, is_replaced=is_replaced)
            lines.append(MoneyLine(refund.id, pill, text, why_of(view, refund)))
            continue
        text, why = text_of(view, refund, zone, now), why_of(view, refund)
        can_tick = may_act and refund.state in ("by_hand", "failed")
        can_send_again = may_act and refund.state == "failed" and own_provider_for(refund.payment) is None
        lines.append(MoneyLine(refund.id, PILLS[refund.state], text, why, can_tick, can_send_again))
    return lines


def text_of(view: SessionView, refund: Refund, zone: str, now: datetime) -> str:
    """What has become of it, for this reader."""
    amount = money(refund.amount_cents, refund.payment.currency)
    coach, student = view.coaching_session.coach.name, view.seat.student.name
    is_students, is_coachs = view.role == "student", view.role == "coach"
    is_by_card = refund.payment.provider != "outside"
    to = ("your card" if is_students else f"{student}’s card") if is_by_card else ("you" if is_students else student)
    at = local_time(refund.settled_at or refund.due_at, zone, "short")
    if refund.state == "owed" and refund.due_at - now > timedelta(minutes=2):
        return f"{amount} goes back to {to} on {at}."
    if refund.state in ("owed", "asked"):
        return f"{amount} goes back to {to} now. {waits_for(refund, is_students)}".strip()
    if refund.state == "pending":
        return f"{amount} is on its way to {to}."
    if refund.state == "succeeded":
        return f"{amount} went back to {to}, {at}.{' A bank may take ten days to show it.' if is_students else ''}"
    receiver = "you" if is_students else student
    if refund.state in ("by_hand", "failed") and view.coaching_session.coach.erased_at:
        return f"{amount} could not be sent back to {to}, and {coach} has left this site.{ASK if is_students else ''}"
    if refund.state == "ticked":
        return f"{'You have' if is_coachs else f'{coach} has'} sent {receiver} {amount} back, {at}."
    if refund.state == "by_hand":
        if is_coachs:
            how = (
                "another way: this site has no key any more for the account it was paid on"
                if is_by_card
                else "directly"
            )
            return f"Send {student} {amount} back {how}.{NAMED if view.seat.student.erased_at else ''}"
        return f"{coach} sends {receiver} {amount} back {'another way, not by card' if is_by_card else 'directly'}."
    if is_coachs:
        return f"{amount} could not be sent back to {to}. Try again, or send it another way and say so here."
    return f"{amount} could not be sent back to {to}. {coach} has to send it another way, and is told so."


def text_of_settled(view: SessionView, refund: Refund, *, is_replaced: bool) -> str:
    """The same for one that failed, and that nobody is to send any more."""
    amount, is_students = money(refund.amount_cents, refund.payment.currency), view.role == "student"
    to = "your card" if is_students else f"{view.seat.student.name}’s card"
    if is_replaced:
        return f"{amount} could not be sent back to {to} at first."
    if not disputed_cents(refund.payment):
        return f"{amount} could not be sent back to {to}, and went back another way since."
    who, whose = ("you have", "your") if is_students else (f"{view.seat.student.name} has", "their")
    return f"{amount} was not sent to {to}: {who} disputed the payment at {whose} bank, which decides about it now."


def waits_for(refund: Refund, is_students: bool) -> str:
    """What it waits for, while it does: the provider's business is the coach's alone."""
    if not refund.fault:
        return ""
    return "It takes longer than it should." if is_students else FAULTS.get(refund.fault, "It takes longer.")


def why_of(view: SessionView, refund: Refund) -> str:
    """For what it goes back."""
    if refund.key.startswith("outside:"):
        return "Given back in the card provider’s own pages."
    if refund.reason and refund.cause in (Cause.BY_COACH, Cause.BY_ADMIN):
        return f"“{refund.reason}”"
    if view.role == "student":
        return why_for_student(refund.cause, view.coaching_session.coach.name)
    return why_for_coach(refund.cause, view.seat.student.name)
