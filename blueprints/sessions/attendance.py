"""Who has said that they are coming, or running late, and what can be said now."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from wtforms import RadioField

from blueprints.filters import time_label
from blueprints.forms import Form
from coaching.booking.attendance_mutations import LATE_BEFORE, LATENESSES, MOST_LATE
from coaching.booking.events import Lateness
from coaching.booking.models import BOOKED_STATES, SessionEvent
from coaching.booking.queries import SessionView
from coaching.rooms.models import Presence

# So long before the start the page asks whether the student is coming: as early as the earliest reminder.
ASKED_BEFORE = timedelta(days=7)


class LatenessForm(Form):
    minutes = RadioField("How late will you be?", choices=[], coerce=str)

    def offered(self) -> "LatenessForm":
        """The same form with its choices."""
        self.minutes.choices = [(str(count), f"{count} min") for count in LATENESSES]
        return self

    def details(self) -> int:
        """How late, in minutes."""
        return int(self.minutes.data)


@dataclass(frozen=True)
class Attendance:
    """What a session's two people have said, in words, and what whoever looks can say now."""

    coming: str | None
    lateness: list[tuple[str, datetime]]
    is_near: bool
    can_say_coming: bool
    can_say_late: bool
    can_take_back: bool  # that they are late
    is_other_here: bool  # whoever else said last how late they are was seen in the room since


def attendance_of(view: SessionView, lines: list[SessionEvent], seen: list[Presence], now: datetime) -> Attendance:
    """`lines` are those of the session's history that tell of lateness; of each person the latest counts.

    `seen` are those who were looked for in the room: whoever has come in since is late no more.
    """
    coaching_session = view.coaching_session
    is_to_come = coaching_session.state in BOOKED_STATES and now < coaching_session.ends_at
    says = is_to_come and not view.link
    own = [lateness_in(line) for line in lines if line.person_id == own_id(view)]
    said = [fields.minutes for fields in own if not fields.is_next]
    others = [line for line in lines if line.person_id != own_id(view)]
    is_near = now >= coaching_session.starts_at - LATE_BEFORE
    is_asked = coaching_session.starts_at - ASKED_BEFORE <= now < coaching_session.starts_at
    return Attendance(
        coming=coming_in_words(view) if is_to_come else None,
        lateness=latest_of_each(view, lines, seen) if is_to_come else [],
        is_near=is_near,
        can_say_coming=says and view.role == "student" and is_asked and view.seat.coming_at is None,
        can_say_late=says and view.role in ("student", "coach") and is_near and sum(map(bool, said)) < MOST_LATE,
        can_take_back=says and now < coaching_session.starts_at and bool(said and said[-1]),
        is_other_here=bool(others) and has_come(others[-1], seen),
    )


def late_in_words(fields: Lateness, who: str) -> str:
    """ "Alice is running 10 minutes late", or that the call before this one is; or that it is so no more."""
    if not fields.minutes:
        before = " in the call before this one" if fields.is_next else ""
        return f"{who} {'are' if who == 'You' else 'is'} not late after all{before}"
    if fields.is_next:
        later = f"{fields.minutes} minute{'' if fields.minutes == 1 else 's'} later"
        return f"{who} is running late in the call before this one: it may begin {later}"
    return f"{who} {'are' if who == 'You' else 'is'} running {fields.minutes} minutes late"


def since_when(view: SessionView, zone: str) -> str:
    """From when on somebody can say that they are late."""
    return time_label(view.coaching_session.starts_at - LATE_BEFORE, zone)


def coming_in_words(view: SessionView) -> str | None:
    if view.seat.coming_at is None:
        return None
    return "You have said that you are coming." if view.role == "student" else f"{view.seat.student.name} is coming."


def latest_of_each(view: SessionView, lines: list[SessionEvent], seen: list[Presence]) -> list[tuple[str, datetime]]:
    latest = {(line.person_id, lateness_in(line).is_next): line for line in lines if line.person}
    late = [line for line in latest.values() if lateness_in(line).minutes and not has_come(line, seen)]
    return [(f"{late_in_words(lateness_in(line), name_in(view, line))}.", line.at) for line in late]


def has_come(line: SessionEvent, seen: list[Presence]) -> bool:
    """True once whoever said it was in the room after that, there still or not."""
    return any(
        presence.person_id == line.person_id and presence.present_at and presence.present_at >= line.at
        for presence in seen
    )


def name_in(view: SessionView, line: SessionEvent) -> str:
    if line.person_id == own_id(view) and not lateness_in(line).is_next:
        return "You"
    return str(line.person.name) if line.person else "Somebody"


def own_id(view: SessionView) -> int | None:
    """Whoever looks, as one of the session's two people; None for an admin."""
    return {"student": view.seat.student_id, "coach": view.coaching_session.coach_id}.get(view.role)


def lateness_in(line: SessionEvent) -> Lateness:
    fields = line.event.fields
    return fields if isinstance(fields, Lateness) else Lateness(0)
