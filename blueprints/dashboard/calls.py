"""A person's calls as the dashboard needs them."""

from dataclasses import dataclass
from datetime import datetime

from blueprints.dashboard.rows import moved_up
from coaching.accounts.models import Person
from coaching.booking.queries import SessionView, past_sessions, upcoming_sessions
from coaching.rooms.views.queries import talking_past_end

PAST_SHOWN = 20


@dataclass(frozen=True)
class Calls:
    """Those they give and those they take, to come and before; those `going_on`, by id, are among those to come."""

    given: list[SessionView]
    given_before: list[SessionView]
    taken: list[SessionView]
    taken_before: list[SessionView]
    going_on: set[int]


def calls_of(person: Person, now: datetime, *, gives: bool) -> Calls:
    """Their calls at `now`; who has no store gives none."""
    given = upcoming_sessions(person, "coach", now) if gives else []
    given_before = past_sessions(person, "coach", now, PAST_SHOWN) if gives else []
    taken = upcoming_sessions(person, "student", now)
    taken_before = past_sessions(person, "student", now, PAST_SHOWN)
    going_on = talking_past_end([view.coaching_session for view in (*given_before, *taken_before)], now)
    return Calls(*moved_up(given, given_before, going_on), *moved_up(taken, taken_before, going_on), going_on)
