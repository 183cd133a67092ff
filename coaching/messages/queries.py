"""Reads for messages: where people can be reached, what is due, and what the words are made from."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from coaching.accounts.models import DiscordLink, GuildMember, Person
from coaching.accounts.queries import check_discord, find_discord_link
from coaching.booking.cancel_terms import due_after
from coaching.booking.events import Lateness
from coaching.booking.invitation_queries import find_invited_seat, find_note
from coaching.booking.line_queries import extras_of
from coaching.booking.models import BOOKED_STATES, Answer, CoachingSession, Seat
from coaching.booking.move_rules import why_not_move
from coaching.booking.proposal_queries import proposals_of
from coaching.booking.queries import find_seat_of, last_move, movable_of, said_late, terms_of
from coaching.folders.queries import has_news
from coaching.messages.facts import DayCall, DayMessage, SessionMessage
from coaching.messages.models import MessageChoice, MessageSettings
from coaching.messages.money_queries import message_money
from coaching.messages.planning.desired import STARTS, Need, SessionFacts, mark_of
from coaching.messages.planning.routing import DmTrouble, MailTrouble, QuietHours, Reach, Way, next_morning
from coaching.messages.review_queries import ABOUT_REVIEWS, is_review_news_over, message_review
from coaching.messages.sender import Sender
from coaching.notices.kinds import RULES, Audience, Channel, MessageKind, Worth
from coaching.notices.models import Notice
from coaching.reading import Selection, given
from coaching.reviews.queries import wants_review
from coaching.rooms.views.session_queries import session_status

# Whoever refused direct messages may have opened them since: so long after that they are written to again.
DM_TRIED_AGAIN = timedelta(days=7)
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


@dataclass(frozen=True)
class Recipient:
    """A person with how they want to be reached; `settings` of somebody who set nothing are those by default."""

    person: Person
    settings: MessageSettings
    link: DiscordLink | None


def get_recipient(person: Person) -> Recipient:
    """The person as messages know them."""
    return Recipient(person, settings_of(person), find_discord_link(person))


def settings_of(person: Person) -> MessageSettings:
    """How the person wants to be reached; without a row what holds for everybody, not stored."""
    return _SETTINGS.first(person=person.id) or MessageSettings(person=person)


def reach_of(recipient: Recipient, sender: Sender, now: datetime) -> Reach:
    """Where the person can be reached at `now`, a machine's instant."""
    mail_trouble, dm_trouble = _mail_trouble(recipient, sender), _dm_trouble(recipient, now)
    takes_discord, link = recipient.settings.takes_discord, recipient.link
    return Reach(
        address=None if mail_trouble else recipient.person.email,
        discord_user_id=link.discord_user_id if link and takes_discord and not dm_trouble else None,
        mail_trouble=mail_trouble,
        dm_trouble=dm_trouble,
        takes_discord=takes_discord,
    )


def ways_of(person: Person) -> dict[str, Way]:
    """What the person has chosen, by kind."""
    rows = MessageChoice.select().where(MessageChoice.person == person)
    return {row.kind: Way(row.way) for row in rows if row.way in Way._value2member_map_}


def had_direct_message(person: Person) -> bool:
    """True when the bot has written to the person before."""
    was_sent = (Notice.person_id == person.id) & (Notice.channel == Channel.DISCORD) & (Notice.state == "sent")
    return bool(Notice.select().where(was_sent).exists())


def quiet_hours_of(recipient: Recipient, zone: str) -> QuietHours | None:
    """When the person does not want to be disturbed."""
    begin, end = recipient.settings.quiet_from, recipient.settings.quiet_until
    return None if begin is None or end is None or begin == end else QuietHours(begin, end, zone)


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


def zone_of(person: Person, coaching_session: CoachingSession | None = None) -> str:
    """The zone in which a person reads times."""
    return str(person.zone or (coaching_session.zone if coaching_session else "UTC"))


def find_session(session_id: int | None) -> CoachingSession | None:
    """The session with product, store and coach."""
    if session_id is None:
        return None
    seat = _find_seat(session_id)
    found: CoachingSession | None = seat.coaching_session if seat else None
    return found


def _find_seat(session_id: int | None) -> Seat | None:
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


# --- What the words are made from


def session_message(notice: Notice, recipient: Recipient, sender: Sender, now: datetime) -> SessionMessage | None:
    """What a message about a session says at `now`; None when the session is gone, or is not the person's."""
    seat = _find_seat(notice.session_id)
    if seat is None:
        return None
    coaching_session, product, coach = seat.coaching_session, seat.coaching_session.product, seat.coaching_session.coach
    is_to_coach = RULES[MessageKind(notice.kind)].audience is Audience.COACH
    other, terms = seat.student if is_to_coach else coach, terms_of(seat)
    store, settings = product.store, recipient.settings
    has_room = coaching_session.session_type != "phone"
    status = session_status(coaching_session, now) if has_room else None
    recorded = status.case.recorded if status else None
    guild_id = (recorded.discord_guild_id if recorded else None) or (
        store.guild.discord_guild_id if store.guild else None
    )
    server_url = f"{sender.discord_url}/channels/{guild_id}" if has_room and guild_id else None
    channel_id = recorded.discord_channel_id if recorded else None
    shows_answers, fields = is_to_coach and settings.shows_answers, json.loads(notice.fields)
    return SessionMessage(
        kind=notice.kind,
        fields=fields,
        now=now,
        is_to_coach=is_to_coach,
        recipient_name=recipient.person.name,
        zone=zone_of(recipient.person, coaching_session),
        other_zone=zone_of(other, coaching_session),
        code=coaching_session.code,
        seat_id=seat.id,
        title=coaching_session.title,
        state=coaching_session.state,
        starts_at=coaching_session.starts_at,
        ends_at=coaching_session.ends_at,
        minutes=coaching_session.minutes,
        session_type=coaching_session.session_type,
        revision=coaching_session.revision,
        created_at=coaching_session.created_at,
        ended_by=coaching_session.ended_by,
        ended_by_admin=coaching_session.ended_by_admin,
        coach_name=coach.name,
        student_name=seat.student.name,
        store_name=store.name,
        store_slug=store.slug,
        product_slug=product.slug,
        price_cents=seat.price_cents,
        currency=seat.currency,
        payment=seat.payment,
        pay_text=seat.pay_text,
        is_paid=seat.paid_at is not None,
        is_coming=seat.coming_at is not None,
        can_move=why_not_move(movable_of(seat), is_to_coach, now) is None,
        moves_left=max(seat.most_moves - seat.moves, 0),
        move_until=None if is_to_coach else coaching_session.starts_at - timedelta(minutes=seat.move_notice_minutes),
        cancel_until=terms.until,
        cancel_words="" if terms.is_plain else terms.tiers.words,
        due_cents=due_after(terms, coaching_session.ended_by, coaching_session.ended_at),
        end_reason=coaching_session.end_reason,
        move_reason=_move_reason(notice, coaching_session),
        opens_at=status.times.opens_at if status else None,
        closes_at=status.times.closes_at if status else None,
        room_url=(f"{server_url}/{channel_id}" if channel_id else server_url) if status and status.lets_in else None,
        server_url=server_url,
        own_words=product.message_words,
        other_late=_said_late_by(other, coaching_session),
        reminders=settings.reminders if is_to_coach else product.reminders,
        proposed=tuple(proposal.starts_at for proposal in proposals_of(coaching_session, now)),
        note=find_note(coaching_session) if notice.kind == MessageKind.INVITED else "",
        goals=seat.goals if shows_answers else "",
        answers=tuple((answer.label, answer.text) for answer in _answers(seat)) if shows_answers else (),
        reply_to=other.email if other.email_verified_at and settings_of(other).allows_replies else None,
        recipient_address=recipient.person.email,
        language=recipient.person.language,
        has_12_hours=recipient.person.has_twelve_hours,
        is_shared=bool(status and status.case.is_of_shared_role),
        says_when_open=product.says_when_open,
        held_until=coaching_session.held_until,
        has_said_paid=seat.said_paid_at is not None,
        pays_first=seat.pays_first,
        off=frozenset(kind for kind, way in ways_of(recipient.person).items() if way is Way.OFF),
        extras=tuple((extra.title, "" if is_to_coach else extra.gives) for extra in extras_of(seat)),
        money=message_money(seat, fields),
        review=message_review(seat) if notice.kind in ABOUT_REVIEWS else None,
    )


def _move_reason(notice: Notice, coaching_session: CoachingSession) -> str:
    is_about_a_move = notice.kind in (MessageKind.MOVED, MessageKind.COACH_MOVED)
    move = last_move(coaching_session) if is_about_a_move else None
    return str(move.words) if move else ""


def _said_late_by(person: Person, coaching_session: CoachingSession) -> int:
    said = [line.event.fields for line in said_late(coaching_session) if line.person_id == person.id]
    return said[-1].minutes if said and isinstance(said[-1], Lateness) else 0


def day_message(recipient: Recipient, now: datetime) -> DayMessage:
    """The person's calls from now until the next morning."""
    zone = zone_of(recipient.person)
    until = next_morning(zone, now)
    student = Person.alias()
    seats = (
        Seat.select(Seat, student, CoachingSession)
        .join(student, on=(Seat.student == student.id))
        .switch(Seat)
        .join(CoachingSession)
        .where(CoachingSession.coach == recipient.person, CoachingSession.state.in_(("scheduled", "in_progress")))
        .where(CoachingSession.starts_at >= now, CoachingSession.starts_at < until)
        .order_by(CoachingSession.starts_at)
    )
    person = recipient.person
    return DayMessage(zone, now, tuple(_day_call(seat) for seat in seats), person.language, person.has_twelve_hours)


def _day_call(seat: Seat) -> DayCall:
    one = seat.coaching_session
    return DayCall(
        one.code, one.revision, one.title, seat.student.name, one.starts_at, one.ends_at, seat.coming_at is not None
    )


def _answers(seat: Seat) -> list[Answer]:
    return list(Answer.select().where(Answer.seat == seat).order_by(Answer.position, Answer.id))


def _mail_trouble(recipient: Recipient, sender: Sender) -> MailTrouble | None:
    person, refused_at = recipient.person, recipient.settings.mail_refused_at
    if not person.email:
        return MailTrouble.NO_ADDRESS
    if person.email_verified_at is None:
        return MailTrouble.NOT_CONFIRMED
    # Verified again since, the address takes mail.
    if refused_at and person.email_verified_at <= refused_at:
        return MailTrouble.REFUSED
    return None if sender.sends_mail else MailTrouble.NO_MAIL_SERVER


def _dm_trouble(recipient: Recipient, now: datetime) -> DmTrouble | None:
    settings, link = recipient.settings, recipient.link
    if link is None or settings.dm_refused_at is None or settings.dm_user_id != link.discord_user_id:
        return None
    trouble = DmTrouble(settings.dm_refused_why or "closed")
    is_over = now >= settings.dm_refused_at + DM_TRIED_AGAIN
    if is_over or (trouble is DmTrouble.NO_SERVER and _is_back(link, settings.dm_refused_at)):
        return None
    return trouble


def _is_back(link: DiscordLink, since: datetime) -> bool:
    """True when the account was found on a server of ours since then."""
    is_new = (GuildMember.state == "joined") & (GuildMember.checked_at > since)
    return bool(GuildMember.select().where(GuildMember.link == link, is_new).exists())


_SETTINGS: Selection[MessageSettings] = Selection(
    lambda: MessageSettings.select().where(MessageSettings.person == given("person"))
)
