"""Changes around messages: what the clock makes due is written down, and gets its channels; people choose."""

import logging
from datetime import datetime

from coaching.accounts.models import Person
from coaching.booking.mutations import record_looked_at, want_look
from coaching.db import database
from coaching.messages.fact_queries import day_message
from coaching.messages.models import CalendarFeed, MessageChoice, MessageSettings
from coaching.messages.planning.desired import REMINDERS, SessionFacts, next_look_at, owed
from coaching.messages.planning.routing import (
    DmTrouble,
    Go,
    PutAside,
    Reach,
    Wait,
    Way,
    next_morning,
    other_channel,
    route,
)
from coaching.messages.queries import (
    days_to_list,
    find_session,
    is_stale,
    notices_to_route,
    session_facts,
    sessions_to_look_at,
    worth_until,
)
from coaching.messages.reach_queries import get_recipient, quiet_hours_of, reach_of, settings_of, ways_of, zone_of
from coaching.messages.sender import Sender
from coaching.notices.kind_rules import RULES
from coaching.notices.kinds import Channel, MessageKind
from coaching.notices.late_mutations import record_too_late
from coaching.notices.models import Notice
from coaching.notices.mutations import (
    change_channel,
    choose_channels,
    drop,
    leave_to_twin,
    overtake,
    owe,
    put_aside,
    put_off,
    release_held,
    route_anew,
)
from coaching.notices.person_mutations import move_notices
from coaching.now import Now

logger = logging.getLogger(__name__)

# So many at a time: the database is given back in between.
MOST_AT_ONCE = 50


def look_at_sessions(now: datetime) -> int:
    """Write down every message that the clock has made due, and when to look again; how many sessions that were.

    One that cannot be read keeps no other waiting: it is looked at again an hour later.
    """
    sessions = sessions_to_look_at(now, MOST_AT_ONCE)
    for session_id, look_at in sessions:
        try:
            # Read before the transaction: it would keep rooms from being written to, session after session.
            facts = session_facts(session_id, now)
            with database.atomic():
                if facts:
                    _owe_all(facts, now)
                record_looked_at(session_id, look_at, next_look_at(facts, now) if facts else None)
        except Exception:
            logger.exception("messages not looked at", extra={"session": session_id})
            record_looked_at(session_id, look_at, next_morning("UTC", now))
    return len(sessions)


def _owe_all(facts: SessionFacts, now: datetime) -> None:
    session_id = facts.session_id
    for message in owed(facts, now):
        state = "overtaken" if message.is_overtaken else "waiting"
        owe(
            message.kind, message.key, message.person_id, now, session_id=session_id, fields=message.fields, state=state
        )
        if message.kind in REMINDERS and not message.is_overtaken:
            overtake(message.kind, session_id, message.key)


def list_days(now: datetime) -> int:
    """Owe every coach whose morning has come the list of their day's calls, where there are any; how many coaches."""
    coaches = days_to_list(now, MOST_AT_ONCE)
    for settings in coaches:
        person = settings.person
        with database.atomic():
            zone = zone_of(person)
            if day_message(get_recipient(person), now).calls:
                owe(MessageKind.COACH_DAY, f"{MessageKind.COACH_DAY}:{person.id}:{now:%Y-%m-%d}", person.id, now)
            MessageSettings.update(next_day_at=next_morning(zone, now)).where(
                MessageSettings.id == settings.id
            ).execute()
    return len(coaches)


def route_due(sender: Sender, now: Now) -> int:
    """Give every message that is due its channels, or put it off or aside; how many that were."""
    notices = notices_to_route(now.machine, MOST_AT_ONCE)
    for notice in notices:
        try:
            _route(notice, sender, now)
        except Exception:
            logger.exception("message not routed", extra={"notice": notice.id})
            put_aside(notice, "failed", "its recipient cannot be read")
    return len(notices)


def _route(notice: Notice, sender: Sender, now: Now) -> None:
    person = Person.get_or_none(Person.id == notice.person_id)
    coaching_session = find_session(notice.session_id)
    if person is None or notice.kind not in RULES or (notice.session_id and coaching_session is None):
        put_aside(notice, "failed", "whom or what it is about is gone")
        return
    if person.erased_at is not None:
        put_aside(notice, "off", "the account was deleted")
        return
    recipient, kind = get_recipient(person), MessageKind(notice.kind)
    if is_stale(notice, coaching_session):
        put_aside(notice, "overtaken")
        return
    reach, zone = reach_of(recipient, sender, now.machine), zone_of(person, coaching_session)
    quiet, until = quiet_hours_of(recipient, zone), worth_until(notice, coaching_session)
    match route(RULES[kind], ways_of(person).get(kind), reach, quiet, until, now.product):
        case Go(channels):
            choose_channels(notice, channels)
        case Wait(instant):
            put_off(notice, now.machine_time_of(instant))
        case PutAside("expired", None):
            record_too_late(notice, now.machine)
        case PutAside(state, reason):
            put_aside(notice, state, reason)


# --- What people choose


def choose_way(person: Person, kind: MessageKind, way: Way, now: datetime) -> None:
    """The person wants this kind of message by this way from now on."""
    with database.atomic():
        MessageChoice.insert(person=person, kind=kind, way=way).on_conflict(
            conflict_target=[MessageChoice.person, MessageChoice.kind], update={MessageChoice.way: way}
        ).execute()
        if kind is MessageKind.COACH_DAY:
            due = None if way is Way.OFF else next_morning(zone_of(person), now)
            save_settings(person, next_day_at=due)


def save_settings(person: Person, **values: object) -> None:
    """The person's settings hold these values from now on."""
    with database.atomic():
        settings = settings_of(person)
        if settings.id is None:
            settings.save(force_insert=True)
        MessageSettings.update(**values).where(MessageSettings.person == person).execute()
        if "reminders" in values:
            want_look(coach=person)
        if "quiet_from" in values or "quiet_until" in values:
            # What waited for the end of the former quiet hours is asked about anew.
            route_anew(person.id)


def record_mail_refused(person: Person, why: str, now: datetime) -> None:
    """The person's address refused a mail for good: none goes there until it is verified again."""
    save_settings(person, mail_refused_at=now, mail_refused_why=why[:250])


def go_another_way(notice: Notice, reach: Reach | None, reason: str) -> None:
    """Let the other channel take a claimed notice over, unless it goes there anyway.

    Where there is none, it waits until its person has one.
    """
    other = other_channel(Channel(notice.channel), reach) if reach else None
    if other:
        change_channel(notice, other, reason)
    elif not leave_to_twin(notice, reason):
        drop(notice, "held" if notice.person_id else "failed", reason)


def record_dm_channel(person: Person, discord_user_id: str, channel_id: str) -> None:
    """This is the channel in which the bot writes to the person's Discord account."""
    save_settings(person, dm_channel_id=channel_id, dm_user_id=discord_user_id)


def record_dm_refused(person: Person, discord_user_id: str, why: DmTrouble, now: datetime) -> None:
    """The person's Discord account takes no messages from the bot."""
    save_settings(person, dm_user_id=discord_user_id, dm_refused_at=now, dm_refused_why=why)


def record_dm_taken(person: Person) -> None:
    """The person's Discord account takes messages; what waited for that goes."""
    with database.atomic():
        save_settings(person, dm_refused_at=None, dm_refused_why=None)
        release_held(person.id)


def move_messages(from_person: Person, to_person: Person) -> None:
    """Messages, choices and feed of the one are the other's, who keeps their own where both have them.

    Call it in a transaction.
    """
    move_notices(from_person.id, to_person.id)
    for model in (MessageSettings, MessageChoice, CalendarFeed):
        if not model.select().where(model.person == to_person).exists():
            model.update(person=to_person).where(model.person == from_person).execute()
        model.delete().where(model.person == from_person).execute()
