"""What became of a paid call as far as its money goes, told from what was written down of it. Pure.

The outcome says who was seen in the room; a line of the session's history says whether the room ever let its student
in, and whose cause it was if not. What follows for the money stands in `docs/money.md`, from the same table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import zip_longest

from coaching.booking.events import KeptOut
from coaching.booking.outcome_rules import CORRECTED_WITHIN, ENDED
from coaching.payments.refund_rules import OBJECTED_WITHIN

# However late it was written down that the coach was missing, so long they can correct it.
LEAST_TO_OBJECT = timedelta(hours=24)


class MoneyOutcome(StrEnum):
    """What happened, in one word: each has its row in the table of refunds."""

    OPEN = "open"  # not over, or not written down yet
    CALLED_OFF = "called_off"  # cancelled, declined, lapsed: no call was to take place
    TOOK_PLACE = "took_place"
    NOT_LET_IN = "not_let_in"  # for a cause that was not the student's
    COACH_ABSENT = "coach_absent"
    STUDENT_ABSENT = "student_absent"  # or kept out for a cause of their own
    UNDECIDED = "undecided"  # both missing, unknown, by phone: either side is asked, the coach decides


@dataclass(frozen=True)
class OutcomeLine:
    """One line of the history that says what became of the call: the site's own word, or its coach's."""

    at: datetime
    outcome: str  # completed, no_show
    absent: str | None
    is_by_coach: bool


@dataclass(frozen=True)
class CallFacts:
    """What the outcome rests on. `lines` are in order; `coach_was_seen` is whether the coach was seen in the call."""

    state: str
    starts_at: datetime
    ends_at: datetime
    lines: Sequence[OutcomeLine] = ()
    is_by_phone: bool = False
    kept_out: KeptOut | None = None  # why the room never let the student in; None when it did
    coach_was_seen: bool = False


def money_outcome_of(facts: CallFacts, now: datetime) -> MoneyOutcome:
    """What the call's money goes by at `now`."""
    if facts.state not in ENDED:
        return MoneyOutcome.CALLED_OFF
    if now < facts.ends_at:
        return MoneyOutcome.OPEN
    if facts.kept_out and not facts.kept_out.is_students_own:
        # The record stands against whatever is said of it afterwards: nobody can have met in a room without a way in.
        return MoneyOutcome.NOT_LET_IN
    return _outcome_by(facts.lines[-1], facts) if facts.lines else MoneyOutcome.OPEN


def coach_absent_due_at(facts: CallFacts) -> datetime | None:
    """When all of it goes back because the coach was missing; None when it does not, as things stand.

    What was written at the end of the time to object counts, and any later correction to it: one away from it is too
    late and changes the record only.
    """
    line_of_site = next((line for line in facts.lines if not line.is_by_coach), None)
    until = objected_until(facts.ends_at, line_of_site.at if line_of_site else None)
    for line, following in zip_longest(facts.lines, facts.lines[1:]):
        lasts = following is None or following.at > until
        if lasts and _outcome_by(line, facts) is MoneyOutcome.COACH_ABSENT:
            return max(line.at, until)
    return None


def objected_until(ends_at: datetime, written_at: datetime | None) -> datetime:
    """Until when the coach can correct that they were missing before anything is given back for it."""
    until = ends_at + OBJECTED_WITHIN
    return max(until, written_at + LEAST_TO_OBJECT) if written_at else until


def settled_at(facts: CallFacts) -> datetime:
    """From when on the outcome can change no more by itself or by the coach's correction."""
    written_at = facts.lines[-1].at if facts.lines else facts.ends_at
    return max(facts.ends_at + CORRECTED_WITHIN, objected_until(facts.ends_at, written_at))


def was_seen_to_take_place(facts: CallFacts) -> bool:
    """True where the site wrote, by whom it saw in the room, that the call took place: then nobody was kept out."""
    written = next((line for line in facts.lines if not line.is_by_coach), None)
    return written is not None and written.outcome == "completed" and not facts.is_by_phone


def is_missed_by_student(facts: CallFacts) -> bool:
    """True where the site wrote that nobody knows, and it is known: kept out by their own cause, the coach there."""
    if not facts.lines or facts.lines[-1].is_by_coach or facts.kept_out is None:
        return False
    return facts.kept_out.is_students_own and _is_missed(facts.lines[-1], facts)


def _outcome_by(line: OutcomeLine, facts: CallFacts) -> MoneyOutcome:
    if line.outcome == "completed":
        # The site writes it of every call by phone, for it can see nobody there.
        is_guessed = facts.is_by_phone and not line.is_by_coach
        return MoneyOutcome.UNDECIDED if is_guessed else MoneyOutcome.TOOK_PLACE
    if line.absent == "coach":
        return MoneyOutcome.COACH_ABSENT
    is_students = line.absent == "student" or _is_missed(line, facts)
    return MoneyOutcome.STUDENT_ABSENT if is_students else MoneyOutcome.UNDECIDED


def _is_missed(line: OutcomeLine, facts: CallFacts) -> bool:
    return facts.kept_out is not None and facts.coach_was_seen and line.absent == "unknown"
