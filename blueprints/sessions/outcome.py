"""What became of a session, in words for whoever reads it: what was seen, what was corrected, what can be done now.

Coach and student read the same record; only who is called "you" differs.
"""

from dataclasses import dataclass
from datetime import datetime

from wtforms import RadioField

from blueprints.filters import local_time, time_label
from blueprints.filters import minutes as length_text
from blueprints.forms import Form
from blueprints.sessions.phase import is_unknown, roughly
from coaching.booking.events import EventKind, KeptOut, OutBecause, WhatBecame
from coaching.booking.history_queries import history_of
from coaching.booking.models import CoachingSession, SessionEvent
from coaching.booking.outcome_rules import CORRECTED_WITHIN, ENDED, Absent, Outcome
from coaching.booking.queries import SessionView
from coaching.rooms.models import Presence
from coaching.rooms.planning.coverage import LONGEST_GAP, unlooked

# What the radios send, and what the mutation takes.
OUTCOMES: dict[str, tuple[Outcome, Absent | None]] = {
    "completed": ("completed", None),
    "student": ("no_show", "student"),
    "coach": ("no_show", "coach"),
    "both": ("no_show", "both"),
}


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
    """A session's outcome as one person reads it. `seen` pairs each side with what was seen of it.

    `next_step` says what can be done about it now, if anything.
    """

    sentence: str
    next_step: str
    seen: list[tuple[str, str]]
    can_correct: bool
    is_unknown: bool
    chosen: str | None


def outcome_of(view: SessionView, seen: list[Presence], zone: str, now: datetime) -> OutcomeView | None:
    """What became of the session; None before its end, and where nothing took place."""
    coaching_session = view.coaching_session
    is_over = coaching_session.state in ("completed", "no_show") or now >= coaching_session.ends_at
    if not is_over or coaching_session.state not in ENDED:
        return None
    until = coaching_session.ends_at + CORRECTED_WITHIN
    return OutcomeView(
        sentence=sentence_of(view),
        next_step=next_step_of(view, zone, now),
        seen=stays_of(view, seen, zone) if coaching_session.needs_room and not view.link else [],
        can_correct=view.role == "coach" and not view.link and coaching_session.ends_at <= now < until,
        is_unknown=is_unknown(coaching_session),
        chosen=chosen_of(view),
    )


def sentence_of(view: SessionView) -> str:
    """What became of the session."""
    state = view.coaching_session.state
    if state == "completed":
        return "The call took place."
    if is_unknown(view.coaching_session) and had_no_room(view.coaching_session):
        return "The room was never open, so nobody could come into it."
    if state == "no_show":
        return f"{capital(absence_of(view, str(view.coaching_session.absent)))}."
    if not view.coaching_session.needs_room:
        return "It is written down in a minute."
    return "It is written down once the room has closed."


def had_no_room(coaching_session: CoachingSession) -> bool:
    """True where it is written down that the room never let anybody in while the call was to be."""
    kept_out_facts = (line.event.fields for line in history_of(coaching_session) if line.kind == EventKind.KEPT_OUT)
    return any(isinstance(facts, KeptOut) and facts.because is OutBecause.NO_ROOM for facts in kept_out_facts)


def absence_of(view: SessionView, absent: str) -> str:
    """Who was not there, as a clause: "Bob was not there", "neither Alice nor you were there"."""
    coach, student = named(view, "coach"), named(view, "student")
    if absent == "both":
        if view.role == "admin":
            return f"neither {coach} nor {student} was there"
        return f"neither {coach if view.role == 'student' else student} nor you were there"
    who = {"coach": coach, "student": student}.get(absent)
    if who is None:
        return "nobody knows whether the call took place, for the room was not looked into for long enough"
    return f"{who} {'were' if who == 'you' else 'was'} not there"


def named(view: SessionView, side: str) -> str:
    """Coach or student by name, or "you"."""
    if view.role == side:
        return "you"
    return str(view.coaching_session.coach.name if side == "coach" else view.seat.student.name)


def next_step_of(view: SessionView, zone: str, now: datetime) -> str:
    """What can be done about the outcome now, by whom, and for how long still; nothing before it is written down."""
    coaching_session, coach = view.coaching_session, view.coaching_session.coach.name
    if coaching_session.state not in ("completed", "no_show"):
        return ""
    until = coaching_session.ends_at + CORRECTED_WITHIN
    by = time_label(until, zone)
    if now >= until:
        return f"It could be corrected until {by}."
    if view.coaching_session.coach.erased_at:
        return f"It cannot be corrected any more: {coach} has deleted their account."
    if view.role == "coach":
        how = "Say what happened" if is_unknown(coaching_session) else "If that is not so, correct it"
        return f"{how}: you can for {roughly(until - now)} more, until {by}."
    if is_unknown(coaching_session):
        return f"{coach} can say what happened until {by}."
    if view.role == "admin":
        return f"{coach} can correct it until {by}."
    return f"If that is not so, tell {coach}, who can correct it until {by}."


def stays_of(view: SessionView, seen: list[Presence], zone: str) -> list[tuple[str, str]]:
    """Coach and student, each with how long they were seen inside."""
    looked_for = {presence.person_id: stay_of(presence, view, zone) for presence in seen}
    coach, student = view.coaching_session.coach, view.seat.student
    parties = [(coach, "coach"), (student, "student")]
    return [(capital(named(view, role)), looked_for.get(party.id, "Not known")) for party, role in parties]


def stay_of(seen: Presence, view: SessionView, zone: str) -> str:
    """How long somebody was inside, and when nobody could look for them, in words."""
    starts_at, ends_at = view.coaching_session.starts_at, view.coaching_session.ends_at
    holes = unlooked(seen.looks, starts_at, ends_at) if seen.looks is not None else ()
    holes = tuple(hole for hole in holes if hole[1] - hole[0] > LONGEST_GAP)
    if seen.minutes is None:
        stay = "Not seen" if holes else "Not there"
    else:
        stay = f"{length_text(seen.minutes) if seen.minutes else 'Less than a minute'} in the room"
    times = [f"from {local_time(since, zone, 'time')} to {local_time(until, zone, 'time')}" for since, until in holes]
    return f"{stay}; not looked for {' and '.join(times)}" if times else stay


def capital(text: str) -> str:
    """The same with its first letter large."""
    return text[:1].upper() + text[1:]


def chosen_of(view: SessionView) -> str | None:
    """The radio that says what is written down."""
    written = (view.coaching_session.state, view.coaching_session.absent)
    return next((name for name, outcome in OUTCOMES.items() if outcome == written), None)


def outcome_lines(view: SessionView, events: list[SessionEvent]) -> list[tuple[str, SessionEvent]]:
    """The history of the outcome in words, the oldest first."""
    return [(line_of(view, event), event) for event in events if isinstance(event.event.fields, WhatBecame)]


def line_of(view: SessionView, event: SessionEvent) -> str:
    """Who wrote it down and what, like "Corrected by Alice: Bob was not there"."""
    became = event.event.fields
    assert isinstance(became, WhatBecame)
    if became.outcome == "completed":
        words = "the call took place"
    else:
        words = "not known" if became.absent == "unknown" else absence_of(view, str(became.absent))
    if event.kind == EventKind.CORRECTED:
        # By nobody but its coach.
        return f"Corrected by {named(view, 'coach')}: {words}"
    return f"Written down: {words}"
