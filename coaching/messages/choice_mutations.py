"""What people choose about messages: the page of preferences, the link that turns a kind off, and the feed."""

import secrets
from datetime import datetime

from coaching.accounts.models import Person
from coaching.accounts.tokens import digest
from coaching.db import database
from coaching.messages.models import CalendarFeed
from coaching.messages.mutations import choose_way, save_settings
from coaching.messages.planning.routing import Reach, Way
from coaching.messages.preferences import Preferences, way_by_default
from coaching.messages.reach_queries import settings_of, ways_of
from coaching.notices.kinds import MessageKind
from coaching.notices.mutations import release_held

FEED_BYTES = 20  # 160 random bits


def save_preferences(person: Person, chosen: Preferences, reach: Reach, now: datetime) -> None:
    """All of it holds from now on. What was left as it is by default is not chosen, and stays so."""
    with database.atomic():
        before = ways_of(person)
        for kind, way in chosen.ways.items():
            if way is not before.get(kind, way_by_default(kind, reach)):
                choose_way(person, kind, way, now)
        values = {
            "quiet_from": chosen.quiet_from,
            "quiet_until": chosen.quiet_until,
            "allows_replies": chosen.allows_replies,
            "shows_answers": chosen.shows_answers,
            "reminders": chosen.reminders,
        }
        kept = settings_of(person)
        changed = {name: value for name, value in values.items() if getattr(kept, name) != value}
        if changed:
            save_settings(person, **changed)
        if reach.channels:
            release_held(person.id)


def turn_off(person: Person, kind: MessageKind, now: datetime) -> None:
    """The person gets no mail of this kind any more: by Discord alone what came by both. Twice does no harm."""
    way = ways_of(person).get(kind)
    choose_way(person, kind, Way.DISCORD if way in (Way.BOTH, Way.DISCORD) else Way.OFF, now)


def take_direct_messages(person: Person, takes_them: bool) -> None:
    """The bot may write to the person on Discord, or not."""
    save_settings(person, takes_discord=takes_them)


def make_feed(person: Person, now: datetime) -> str:
    """A new address for the person's calendar feed, as the secret in it; one that they had works no more."""
    token = secrets.token_urlsafe(FEED_BYTES)
    values = {"token_sha256": digest(token), "made_at": now}
    CalendarFeed.insert(person=person, **values).on_conflict(
        conflict_target=[CalendarFeed.person],
        update={getattr(CalendarFeed, name): value for name, value in values.items()},
    ).execute()
    return token


def remove_feed(person: Person) -> None:
    """Nobody reads the person's sessions by an address any more."""
    CalendarFeed.delete().where(CalendarFeed.person == person).execute()
