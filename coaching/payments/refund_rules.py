"""What goes back by rule, and why: one table, from which this decision and `docs/money.md` are drawn. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from coaching.booking.cancel_terms import CancelTerms, share_of
from coaching.payments.causes import Cause

# So long after the planned end a coach can correct who was there before anything goes back for it.
OBJECTED_WITHIN = timedelta(hours=48)


@dataclass(frozen=True)
class Rule:
    """One row of the table: what happened, what of the money goes back and when, and for which causes it is kept."""

    happened: str
    money: str
    causes: tuple[Cause, ...] = ()


TABLE = (
    Rule(
        "The coach cancels, declines after it was paid, or lets a paid request lapse",
        "100 %, extras too, at once",
        (Cause.COACH_CANCELLED, Cause.DECLINED, Cause.UNANSWERED),
    ),
    Rule(
        "The room never let the student in for a cause that was not theirs (a right that the bot lost, a full server, "
        "an outage, a ban)",
        "100 %, extras too, once the planned end has passed",
        (Cause.NOT_LET_IN,),
    ),
    Rule(
        "… for a cause of their own (they left the server, disconnected Discord, came with another account)",
        "As if they had been absent",
        (Cause.STUDENT_ABSENT,),
    ),
    Rule(
        "The coach is absent and the student there",
        "100 %, extras too, 48 hours after the planned end, or at once when the coach says so; a correction before "
        "that is the coach’s objection",
        (Cause.COACH_ABSENT,),
    ),
    Rule(
        "The student is absent",
        "What the product’s policy says, by default nothing, 48 hours after the planned end",
        (Cause.STUDENT_ABSENT,),
    ),
    Rule(
        "Both are absent, nobody knows, the call was by phone, or a shared role without a record",
        "Nothing by itself: either side is asked once, and the coach decides",
    ),
    Rule(
        "The student cancels",
        "What the tier of the product’s policy gives at that instant",
        (Cause.STUDENT_CANCELLED,),
    ),
    Rule(
        "It was paid after the time had gone, or a second time, or for what no booking is known of",
        "100 %, at once; of the last one as the coach decides",
        (Cause.LATE, Cause.TWICE, Cause.UNSEATED),
    ),
    Rule(
        "The coach gives some of it back, or an admin upholds an objection",
        "What they say, and never more than is left of what was paid",
        (Cause.BY_COACH, Cause.BY_ADMIN),
    ),
)


@dataclass(frozen=True)
class SeatFacts:
    """What a paid seat's session has come to. `was_agreed` is false for what was only asked for, or held."""

    state: str
    ended_by: str | None
    ended_at: datetime | None
    absence_settled_at: datetime  # so long its coach can correct who was there, before anything goes back for it
    absent: str | None
    was_agreed: bool
    was_held: bool
    absent_percent: int
    paid_cents: int
    terms: CancelTerms  # of what was agreed on


@dataclass(frozen=True)
class Due:
    """So much goes back for this, from then on; at once without."""

    cause: Cause
    amount_cents: int
    due_at: datetime | None = None


def due_of(facts: SeatFacts) -> Due | None:
    """What goes back as far as the session's end and who was there say; nothing while it is to come.

    What was never agreed on was never sold: all that was paid for it goes back.
    """
    if facts.state == "declined":
        return Due(Cause.DECLINED, facts.paid_cents)
    if facts.state == "expired":
        return Due(Cause.LATE if facts.was_held else Cause.UNANSWERED, facts.paid_cents)
    if facts.state == "cancelled":
        return _due_of_cancelled(facts)
    if facts.state == "no_show" and facts.absent == "student":
        amount = share_of(facts.terms.lines, facts.absent_percent, facts.terms.currency)
        return Due(Cause.STUDENT_ABSENT, amount, facts.absence_settled_at)
    return None


def _due_of_cancelled(facts: SeatFacts) -> Due:
    is_students = facts.ended_by == "student"
    cause = Cause.STUDENT_CANCELLED if is_students else Cause.COACH_CANCELLED
    if not facts.was_agreed:
        return Due(cause, facts.paid_cents)
    if is_students and facts.ended_at:
        # What was paid only after the cancellation is what the coach could still ask for: nothing of that goes back.
        beyond = max(facts.paid_cents - facts.terms.due_at(facts.ended_at), 0)
        return Due(cause, min(facts.terms.back_at(facts.ended_at), beyond))
    # What a student keeps paying when they call it off is no reward for who does it to them.
    return Due(cause, facts.terms.price_cents)
