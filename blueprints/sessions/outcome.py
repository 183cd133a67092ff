"""What became of a session: what was seen, in words for coach and student, and the coach's correction."""

from dataclasses import dataclass
from datetime import datetime

from wtforms import RadioField

from blueprints.filters import minutes as length_text
from blueprints.forms import Form
from coaching.booking.models import SessionEvent
from coaching.booking.mutations import CORRECTED_WITHIN, Absent, Outcome
from coaching.booking.queries import SessionView
from coaching.rooms.queries import Seen

# What the radios send, and what the mutation takes.
OUTCOMES: dict[str, tuple[Outcome, Absent | None]] = {
    "completed": ("completed", None),
    "student": ("no_show", "student"),
    "coach": ("no_show", "coach"),
    "both": ("no_show", "both"),
}
# Those lines of the history that are about the outcome.
ABOUT_OUTCOME = ("completed", "no_show", "corrected to ")


class OutcomeForm(Form):
    outcome = RadioField("What happened", choices=[])

    def naming(self, student: str) -> "OutcomeForm":
        """The same form with the student's name in its choices."""
        self.outcome.choices = [
            ("completed", "The call took place"),
            ("student", f"{student} was missing"),
            ("coach", "I was missing"),
            ("both", "Neither of us came"),
        ]
        return self

    def details(self) -> tuple[Outcome, Absent | None]:
        return OUTCOMES[self.outcome.data]


@dataclass(frozen=True)
class OutcomeView:
    """A session's outcome as one person reads it. `seen` pairs each side with what was seen of it."""

    sentence: str
    seen: list[tuple[str, str]]
    corrected_until: datetime
    can_correct: bool
    chosen: str | None


def outcome_of(view: SessionView, seen: list[Seen], now: datetime) -> OutcomeView | None:
    """What became of the session; None before its end, and when it was called off."""
    coaching_session = view.coaching_session
    is_over = coaching_session.state in ("completed", "no_show") or now >= coaching_session.ends_at
    if not is_over or coaching_session.state == "cancelled":
        return None
    until = coaching_session.ends_at + CORRECTED_WITHIN
    return OutcomeView(
        sentence=sentence_of(view),
        seen=minutes_seen(view, seen) if coaching_session.session_type != "phone" else [],
        corrected_until=until,
        can_correct=view.role == "coach" and coaching_session.ends_at <= now < until,
        chosen=chosen_of(view),
    )


def sentence_of(view: SessionView) -> str:
    """What became of the session, said to whoever looks."""
    state, absent = view.coaching_session.state, view.coaching_session.absent
    coach, student = view.coaching_session.coach.name, view.seat.student.name
    if state == "completed":
        return "The call took place."
    if state != "no_show":
        return "It is written down once the room has closed."
    if view.role == "student":
        return {
            "student": f"It seems that you could not come. If you were there, tell {coach}, who can correct this.",
            "coach": f"{coach} was not there. We are sorry: this should not have happened to you.",
            "both": "Nobody was seen in the room.",
        }.get(str(absent), "Nobody could see whether the call took place.")
    names = {"student": student, "coach": "you" if view.role == "coach" else coach}
    return {
        "student": f"{names['student']} was missing.",
        "coach": "You were missing." if view.role == "coach" else f"{names['coach']} was missing.",
        "both": f"Neither {names['coach']} nor {names['student']} came.",
    }.get(str(absent), "Discord could not be asked who was in the room, so nobody knows whether the call took place.")


def minutes_seen(view: SessionView, seen: list[Seen]) -> list[tuple[str, str]]:
    """Coach and student, each with how long they were seen inside."""
    looked_for = {one.person.id: stay_of(one) for one in seen}
    coach, student = view.coaching_session.coach, view.seat.student
    shown = [(coach, "coach"), (student, "student")]
    return [("You" if view.role == role else one.name, looked_for.get(one.id, "Not known")) for one, role in shown]


def stay_of(seen: Seen) -> str:
    """How long somebody was inside, in words."""
    if seen.minutes is None:
        return "Not there"
    return f"{length_text(seen.minutes)} in the room" if seen.minutes else "Less than a minute in the room"


def chosen_of(view: SessionView) -> str | None:
    """The radio that says what is written down."""
    written = (view.coaching_session.state, view.coaching_session.absent)
    return next((name for name, outcome in OUTCOMES.items() if outcome == written), None)


def outcome_lines(view: SessionView, events: list[SessionEvent]) -> list[tuple[str, SessionEvent]]:
    """The history of the outcome in words, the oldest first."""
    return [(line_of(view, event), event) for event in events if event.what.startswith(ABOUT_OUTCOME)]


def line_of(view: SessionView, event: SessionEvent) -> str:
    """Who wrote it down and what, like "Corrected by Alice: Bob missing"."""
    what, _, absent = event.what.removeprefix("corrected to ").partition(": ")
    coach, student = view.coaching_session.coach.name, view.seat.student.name
    missing = {"student": student, "coach": coach, "both": f"{coach} and {student}"}.get(absent)
    words = "took place" if what == "completed" else f"{missing} missing" if missing else "not known"
    who = f"Corrected by {event.person.name}" if event.person else "Written down"
    return f"{who}: {words}"
