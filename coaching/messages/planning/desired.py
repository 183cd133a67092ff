"""Which messages a session owes at an instant, and when to ask again. Pure.

Level, not edge: it follows from the session's times, its product's and its coach's settings, what is known of the room
and of the student, and the clock. So changed times move a reminder, a cancellation takes it back, and an outage costs
nothing but the time it took.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from coaching.booking.hold_rules import PENDING_STATES, warned_at
from coaching.booking.outcome_rules import ENDED
from coaching.hours.wall_clock import MINUTE
from coaching.notices.kinds import MessageKind
from coaching.reviews.rules import ASKED_AFTER, ASKED_UNTIL

# Opening takes seconds. Whoever waits longer before a closed door is told why.
LATE_AFTER = timedelta(minutes=2)
# So long after the planned start a room that is not there is said not to have come.
MISSING_AFTER = timedelta(minutes=5)
# When it is asked whether the student can get in: early enough to mend it.
NEED_LOOKS = (timedelta(days=7), timedelta(days=2), timedelta(days=1), timedelta(hours=3), timedelta(minutes=40))
COMING = ("scheduled", "in_progress")
# The field of a message that says for which start it was written: moved since, it is about nothing any more.
STARTS = "starts"
REMINDERS = (MessageKind.REMINDER, MessageKind.COACH_REMINDER)


class Need(StrEnum):
    """What a student has to do, or their call fails."""

    CONNECT = "connect"  # their Discord account
    JOIN = "join"  # the store's server
    CONFIRM = "confirm"  # their address


class RoomDelay(StrEnum):
    """What became of a room that ought to be open."""

    LATE = "late"
    MISSING = "missing"


@dataclass(frozen=True)
class SessionFacts:
    """What decides about a session's messages; instants by the product's clock."""

    session_id: int
    student_id: int
    coach_id: int
    state: str
    starts_at: datetime
    ends_at: datetime
    timed_at: datetime  # when these times were set: what was due before that is not made up for
    reminders: tuple[int, ...] = ()  # minutes before the start
    coach_reminders: tuple[int, ...] = ()
    opens_at: datetime | None = None  # None: no room is to open
    notifies_opening: bool = False  # the student is told as the room opens: no reminder comes beside that
    is_room_late: bool = False
    needs: tuple[Need, ...] = ()
    held_until: datetime | None = None  # while it is asked for, or held until it is paid
    said_paid_at: datetime | None = None
    asks_for_review: bool = False  # of its student, who may write one and has not

    @property
    def is_to_come(self) -> bool:
        return self.state in COMING

    @property
    def warned_at(self) -> datetime | None:
        """When whoever has to act is told that it is soon too late; None where nobody has to."""
        if self.state not in PENDING_STATES or self.held_until is None:
            return None
        return warned_at(self.said_paid_at or self.timed_at, self.held_until)


@dataclass(frozen=True)
class Owed:
    """A message that is due, or that a later one has overtaken."""

    kind: MessageKind
    key: str
    person_id: int
    fields: dict[str, object]
    is_overtaken: bool = False


def owed(facts: SessionFacts, now: datetime) -> list[Owed]:
    """Everything that is due at `now` and follows from the clock; what was written before has the same key again."""
    if facts.state in PENDING_STATES:
        return list(_endings(facts, now))
    if now >= facts.ends_at:
        return list(_review(facts, now))
    if not facts.is_to_come:
        return []
    return [*_reminders(facts, now), *_needs(facts, now), *_delays(facts, now)]


def next_look_at(facts: SessionFacts, now: datetime) -> datetime | None:
    """When something may be due next; None when nothing of a session can be any more."""
    if facts.warned_at:
        return facts.warned_at if facts.warned_at > now else None
    if not facts.is_to_come:
        # Its coach may have said at once that it took place: its student is asked later all the same.
        ask_at = facts.ends_at + ASKED_AFTER
        return ask_at if facts.state in ENDED and facts.ends_at <= now < ask_at else None
    return min((look for look in _looks(facts) if look > now), default=None)


def _looks(facts: SessionFacts) -> Iterator[datetime]:
    yield from (facts.starts_at - minutes * MINUTE for minutes in {*facts.reminders, *facts.coach_reminders})
    if facts.opens_at:
        yield from (facts.starts_at - before for before in NEED_LOOKS)
        yield facts.opens_at + LATE_AFTER
        yield facts.starts_at + MISSING_AFTER
    yield facts.ends_at + ASKED_AFTER


def _review(facts: SessionFacts, now: datetime) -> Iterator[Owed]:
    """Its student is asked for a review once; of a call that nobody knew of, as soon as its coach has said so."""
    if facts.asks_for_review and facts.ends_at + ASKED_AFTER <= now < facts.ends_at + ASKED_UNTIL:
        yield Owed(MessageKind.REVIEW_ASKED, f"{MessageKind.REVIEW_ASKED}:{facts.session_id}", facts.student_id, {})


def _endings(facts: SessionFacts, now: datetime) -> Iterator[Owed]:
    since = facts.said_paid_at or facts.timed_at
    if facts.warned_at is None or facts.held_until is None or not since < facts.warned_at <= now < facts.held_until:
        return
    is_for_student = facts.state == "held" and not facts.said_paid_at
    kind = MessageKind.HOLD_ENDING if is_for_student else MessageKind.COACH_WAITING
    key = f"{kind}:{facts.session_id}:{mark_of(facts.held_until)}"
    yield Owed(kind, key, facts.student_id if is_for_student else facts.coach_id, {})


def _reminders(facts: SessionFacts, now: datetime) -> Iterator[Owed]:
    if now >= facts.starts_at:
        return
    for kind, person_id, reminders in (
        (MessageKind.REMINDER, facts.student_id, _before_the_opening(facts)),
        (MessageKind.COACH_REMINDER, facts.coach_id, facts.coach_reminders),
    ):
        # Nearest to the start first: of several that are due that one is sent.
        due = [minutes for minutes in sorted(set(reminders)) if _is_due(facts, minutes, now)]
        for place, minutes in enumerate(due):
            key = f"{kind}:{facts.session_id}:{mark_of(facts.starts_at)}:{minutes}"
            fields: dict[str, object] = {"minutes": minutes, STARTS: mark_of(facts.starts_at)}
            yield Owed(kind, key, person_id, fields, is_overtaken=place > 0)


def _before_the_opening(facts: SessionFacts) -> Iterator[int]:
    for minutes in facts.reminders:
        if not (facts.notifies_opening and facts.opens_at and facts.starts_at - minutes * MINUTE >= facts.opens_at):
            yield minutes


def _is_due(facts: SessionFacts, minutes: int, now: datetime) -> bool:
    due_at = facts.starts_at - minutes * MINUTE
    return facts.timed_at < due_at <= now


def _needs(facts: SessionFacts, now: datetime) -> Iterator[Owed]:
    if facts.opens_at is None or now < facts.starts_at - NEED_LOOKS[0]:
        return
    for need in facts.needs:
        key = f"{MessageKind.NEEDED}:{need}:{facts.session_id}:{mark_of(facts.starts_at)}"
        fields = {"need": need, STARTS: mark_of(facts.starts_at)}
        yield Owed(MessageKind.NEEDED, key, facts.student_id, fields)


def _delays(facts: SessionFacts, now: datetime) -> Iterator[Owed]:
    # Whoever cannot get in was told what to do about it.
    if not facts.is_room_late or facts.opens_at is None or Need.CONNECT in facts.needs or Need.JOIN in facts.needs:
        return
    for delay, since in (
        (RoomDelay.MISSING, facts.starts_at + MISSING_AFTER),
        (RoomDelay.LATE, facts.opens_at + LATE_AFTER),
    ):
        if now >= since:
            key = f"{MessageKind.ROOM_LATE}:{delay}:{facts.session_id}:{mark_of(facts.starts_at)}"
            fields = {"delay": delay, STARTS: mark_of(facts.starts_at)}
            yield Owed(MessageKind.ROOM_LATE, key, facts.student_id, fields)
            return


def mark_of(starts_at: datetime) -> int:
    """What tells a session's present times from those it had before."""
    return int(starts_at.timestamp())
