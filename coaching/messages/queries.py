"""Reads for messages: which are due, and which are still true and worth sending."""

import json
from datetime import datetime, timedelta

from coaching.accounts.models import Person
from coaching.accounts.queries import check_discord
from coaching.booking.invitation_queries import find_invited_seat
from coaching.booking.models import BOOKED_STATES, CoachingSession, Seat
from coaching.booking.queries import find_seat_of
from coaching.folders.queries import has_news
from coaching.messages.models import MessageSettings
from coaching.messages.planning.desired import STARTS, Need, SessionFacts, mark_of
from coaching.messages.planning.routing import Way
from coaching.messages.reach_queries import settings_of, ways_of
from coaching.messages.review_queries import ABOUT_REVIEWS, is_review_news_over
from coaching.notices.kind_rules import RULES, Worth
from coaching.notices.kinds import MessageKind
from coaching.notices.models import Notice
from coaching.reviews.queries import wants_review
from coaching.rooms.views.queries import session_status

DAY = timedelta(days=1)
# In which states of a session a message about how it came to be is still true.
TRUE_IN = {
    **dict.fromkeys((MessageKind.REQUESTED, MessageKind.COACH_REQUESTED), ("requested",)),
    MessageKind.INVITED: ("held",),
    **dict.fromkeys((MessageKind.HELD, MessageKind.COACH_HELD, MessageKind.HOLD_ENDING), ("held",)),
    MessageKind.COACH_WAITING: ("requested", "held"),
    MessageKind.COACH_PAID: ("held", "expired", *BOOKED_STATES),
    MessageKind.ACCEPTED: ("held", *BOOKED_STATES),
    **dict.fromkeys((MessageKind.CONFIRMED, MessageKind.PAID), BOOKED_STATES),
    MessageKind.PAYMENT_FAILED: ("held", "expired"),
    MessageKind.DECLINED: ("declined",),
    **dict.fromkeys((MessageKind.LAPSED, MessageKind.COACH_LAPSED), ("expired",)),
}


def worth_until(notice: Notice, coaching_session: CoachingSession | None) -> datetime | None:
    """Until when, by the product's clock, a message is worth sending; None where its row says it, or for ever."""
    if notice.kind not in RULES or notice.body:
        return None
    worth = RULES[MessageKind(notice.kind)].worth
    if worth in (Worth.DAY, Worth.WEEK):
        made: datetime = notice.made_at
        return made + (DAY if worth is Worth.DAY else 7 * DAY)
    if coaching_session is None or worth is Worth.ALWAYS:
        return None
    instant: datetime | None = {
        Worth.START: coaching_session.starts_at,
        Worth.END: coaching_session.ends_at,
        Worth.ANSWER: coaching_session.held_until,
    }[worth]
    return instant


def is_stale(notice: Notice, coaching_session: CoachingSession | None) -> bool:
    """True for a message about times that have changed, or a session that is off: another message tells of that."""
    if coaching_session is None:
        return False
    if coaching_session.state == "cancelled":
        return notice.kind not in RULES or not RULES[MessageKind(notice.kind)].outlives
    if notice.kind in TRUE_IN and coaching_session.state not in TRUE_IN[MessageKind(notice.kind)]:
        return True
    if notice.kind in ABOUT_REVIEWS and is_review_news_over(notice.kind, coaching_session):
        return True
    if notice.kind in (MessageKind.FOLDER_WRITTEN, MessageKind.COACH_FOLDER_WRITTEN):
        return not _is_folder_news(notice, coaching_session)
    written_for = json.loads(notice.fields).get(STARTS)
    return written_for is not None and written_for != mark_of(coaching_session.starts_at)


def _is_folder_news(notice: Notice, coaching_session: CoachingSession) -> bool:
    """True for what its person has not seen and may see: who is suspended opens no folder."""
    seat, person = find_seat_of(coaching_session.id), Person.get_or_none(Person.id == notice.person_id)
    return bool(seat and person and not person.suspended_at and has_news(seat, person.id))


def find_session(session_id: int | None) -> CoachingSession | None:
    """The session with product, store and coach."""
    if session_id is None:
        return None
    seat = find_any_seat_of(session_id)
    coaching_session: CoachingSession | None = seat.coaching_session if seat else None
    return coaching_session


def find_any_seat_of(session_id: int | None) -> Seat | None:
    """The session's seat, or the one that somebody is invited to."""
    return find_seat_of(session_id) or find_invited_seat(session_id)


# --- What is due


def sessions_to_look_at(now: datetime, limit: int) -> list[tuple[int, datetime]]:
    """The ids of sessions about which a message may be owed by now, each with since when, the longest due first."""
    columns = (CoachingSession.id, CoachingSession.next_look_at)
    due = CoachingSession.select(*columns).where(CoachingSession.next_look_at <= now)
    return [(row.id, row.next_look_at) for row in due.order_by(CoachingSession.next_look_at).limit(limit)]


def days_to_list(now: datetime, limit: int) -> list[MessageSettings]:
    """The coaches whose list of the day is due, with their persons."""
    due = MessageSettings.select(MessageSettings, Person).join(Person).where(MessageSettings.next_day_at <= now)
    return list(due.order_by(MessageSettings.next_day_at).limit(limit))


def notices_to_route(now: datetime, limit: int) -> list[Notice]:
    """The messages that are due and have no channel yet."""
    is_open = (Notice.state == "waiting") & (Notice.channel == "")
    is_due = Notice.due_at.is_null() | (Notice.due_at <= now)
    return list(Notice.select().where(is_open, is_due).order_by(Notice.id).limit(limit))


def session_facts(session_id: int, now: datetime) -> SessionFacts | None:
    """What decides about a session's messages; None for one without a student."""
    seat = find_seat_of(session_id)
    if seat is None:
        return None
    coaching_session, product = seat.coaching_session, seat.coaching_session.product
    needs_room = coaching_session.session_type != "phone"
    status = session_status(coaching_session, now) if needs_room else None
    return SessionFacts(
        session_id=session_id,
        student_id=seat.student_id,
        coach_id=coaching_session.coach_id,
        state=coaching_session.state,
        starts_at=coaching_session.starts_at,
        ends_at=coaching_session.ends_at,
        timed_at=coaching_session.timed_at or coaching_session.created_at,
        reminders=product.reminders,
        coach_reminders=settings_of(coaching_session.coach).reminders,
        opens_at=status.times.opens_at if status else None,
        notifies_opening=product.says_when_open and ways_of(seat.student).get(MessageKind.ROOM_OPEN) is not Way.OFF,
        is_room_late=bool(status and (status.is_late or status.is_missed)),
        needs=_needs_of(seat) if needs_room else (),
        held_until=coaching_session.held_until,
        said_paid_at=seat.said_paid_at,
        asks_for_review=now >= coaching_session.ends_at and wants_review(seat, now),
    )


def _needs_of(seat: Seat) -> tuple[Need, ...]:
    guild = seat.coaching_session.product.store.guild
    discord = check_discord(seat.student, guild.discord_guild_id if guild else None)
    if not discord.is_connected:
        return (Need.CONNECT,)
    if discord.membership in ("left", "banned"):
        return (Need.JOIN,)
    return (Need.CONFIRM,) if seat.student.email and seat.student.email_verified_at is None else ()
