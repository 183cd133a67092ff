"""Reads of what became of messages, for admins and for a session's two people. Texts about sessions are in none."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession
from coaching.booking.queries import SessionView
from coaching.messages.queries import worth_until
from coaching.messages.texts.account import with_addresses
from coaching.notices.kind_rules import RULES
from coaching.notices.kinds import Audience, MessageKind
from coaching.notices.labels import kind_label, plain_state
from coaching.notices.models import Notice
from coaching.notices.queries import Sought, notices_about, notices_page
from coaching.now import Now
from coaching.vault import Unreadable


@dataclass(frozen=True)
class LoggedMessage:
    """One message with whom it goes to and what it is about, as far as these are known."""

    notice: Notice
    label: str
    person: Person | None
    coaching_session: CoachingSession | None
    can_go_again: bool  # by hand: it has words, and is still worth it
    text: str | None  # of a mail about an account, which an admin may have to hand on
    made_at: datetime  # this and the next by the product's clock
    sent_at: datetime | None


@dataclass(frozen=True)
class LogPage:
    messages: list[LoggedMessage]
    has_more: bool


def log_page(sought: Sought, page: int, size: int, site_url: str, now: Now) -> LogPage:
    """The messages that are asked for, the newest first."""
    notices, has_more = notices_page(sought, page, size)
    person_ids, session_ids = ({getattr(notice, name) for notice in notices} for name in ("person_id", "session_id"))
    people: dict[int | None, Person] = {
        person.id: person for person in Person.select().where(Person.id.in_(person_ids))
    }
    sessions: dict[int | None, CoachingSession] = {
        coaching_session.id: coaching_session
        for coaching_session in CoachingSession.select().where(CoachingSession.id.in_(session_ids))
    }
    return LogPage(
        [
            _logged(notice, people.get(notice.person_id), sessions.get(notice.session_id), site_url, now)
            for notice in notices
        ],
        has_more,
    )


def can_go_again(notice: Notice, coaching_session: CoachingSession | None, now: Now) -> bool:
    """True for a message that has not surely gone, has words, and is still worth sending."""
    has_words = bool(notice.body) or notice.session_id is not None or notice.kind == MessageKind.COACH_DAY
    is_open = notice.state in ("failed", "unsure") or (notice.state == "waiting" and notice.attempts > 0)
    until = worth_until(notice, coaching_session)
    is_late = (notice.ends_at and notice.ends_at <= now.machine) or (until and until <= now.product)
    return has_words and is_open and not is_late


@dataclass(frozen=True)
class SessionMessage:
    """One message about a session, in words."""

    label: str
    state: str
    words: str
    recipient: Person | None  # None for an admin, and where it is somebody who is not of the session any more
    is_to_coach: bool
    at: datetime  # when it went, or was written


def messages_about(view: SessionView, reader: Person) -> list[SessionMessage]:
    """The messages about a session, the oldest first: to its coach all of them, to its student their own, to admins
    which there are and what became of them.
    """
    notices = notices_about(view.coaching_session.id)
    if view.role == "student":
        notices = [notice for notice in notices if notice.person_id == reader.id]
    shows_people = view.role != "admin"
    people: dict[int | None, Person] = {
        person.id: person for person in (view.seat.student, view.coaching_session.coach) if shows_people
    }
    return [_about(notice, people.get(notice.person_id), reader) for notice in notices]


def _about(notice: Notice, recipient: Person | None, reader: Person) -> SessionMessage:
    is_to_coach = notice.kind in RULES and RULES[MessageKind(notice.kind)].audience is Audience.COACH
    return SessionMessage(
        _label(notice),
        notice.state,
        plain_state(
            notice.state,
            notice.channel,
            notice.attempts,
            is_own=notice.person_id == reader.id,
            reason=notice.last_error or "",
        ),
        recipient,
        is_to_coach,
        notice.sent_at or notice.made_at,
    )


def _label(notice: Notice) -> str:
    """The kind's label, of a reminder with how long before."""
    minutes, label = _fields(notice).get("minutes"), kind_label(notice.kind)
    if not isinstance(minutes, int) or minutes <= 0:
        return f"{label}, not any more" if minutes == 0 else label
    is_reminder = notice.kind in (MessageKind.REMINDER, MessageKind.COACH_REMINDER)
    return f"{label}, {_span(minutes)} before" if is_reminder else f"{label}, by {_span(minutes)}"


def _span(minutes: int) -> str:
    for length, word in ((24 * 60, "day"), (60, "hour"), (1, "minute")):
        if minutes % length == 0:
            count = minutes // length
            return f"{count} {word}" if count == 1 else f"{count} {word}s"
    raise AssertionError("minutes are whole")


def _fields(notice: Notice) -> dict[str, object]:
    try:
        fields = json.loads(notice.fields)
    except ValueError:
        return {}
    return fields if isinstance(fields, dict) else {}


def _logged(
    notice: Notice, person: Person | None, coaching_session: CoachingSession | None, site_url: str, now: Now
) -> LoggedMessage:
    is_of_account = notice.session_id is None and notice.kind != MessageKind.COACH_DAY
    text = with_addresses(str(notice.body), site_url) if is_of_account and notice.body else None
    can_go = can_go_again(notice, coaching_session, now) and not isinstance(notice.body, Unreadable)
    ahead = now.product - now.machine if notice.is_by_machine else timedelta()
    made_at, sent_at = notice.made_at + ahead, notice.sent_at + ahead if notice.sent_at else None
    return LoggedMessage(notice, _label(notice), person, coaching_session, can_go, text, made_at, sent_at)
