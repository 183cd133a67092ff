"""Reads of the security events, for admins."""

from dataclasses import dataclass
from datetime import datetime

from peewee import JOIN, ModelSelect

from coaching.accounts.addresses import find_key
from coaching.accounts.event_kinds import ADMIN_ACTIONS, BY_ADMINS, GROUPS, KINDS, kinds_in
from coaching.accounts.models import Person, SecurityEvent
from coaching.accounts.queries import find_person_by_id, sign_ins_of
from coaching.paging import page_of

# Names are no keys: of more than these an admin has to say which.
MOST_NAMESAKES = 20
LARGEST_ID = 2**31 - 1

Actor = Person.alias()


@dataclass(frozen=True)
class Sought:
    """Which events are asked for: of whom as it was typed, of which kind or heading (or BY_ADMINS), from where."""

    person: str = ""
    kind: str = ""
    address: str = ""


@dataclass(frozen=True)
class EventsPage:
    """Some events, the newest first; the one person they are of, if they are of one, and how often that one is in."""

    events: list[SecurityEvent]
    has_more: bool
    person: Person | None
    sign_ins: int


def find_restore(since: datetime, before: datetime) -> datetime | None:
    """When a backup was put back last between these two; None where none was."""
    is_one = (SecurityEvent.kind == "database restored") & (SecurityEvent.at >= since) & (SecurityEvent.at < before)
    last = SecurityEvent.select(SecurityEvent.at).where(is_one).order_by(SecurityEvent.at.desc()).first()
    return last.at if last else None


def events_page(sought: Sought, number: int, size: int, now: datetime) -> EventsPage:
    """The events that are asked for, page by page, with their people."""
    people = find_people(sought.person) if sought.person else []
    events = SecurityEvent.select(SecurityEvent, Person, Actor)
    events = events.join(Person, JOIN.LEFT_OUTER).switch(SecurityEvent)
    events = events.join(Actor, JOIN.LEFT_OUTER, on=SecurityEvent.actor, attr="actor")
    events = _chosen(events, sought, people).order_by(SecurityEvent.id.desc())
    page, has_more = page_of(events, number, size)
    person = people[0] if len(people) == 1 else None
    return EventsPage(page, has_more, person, len(sign_ins_of(person, now)) if person else 0)


def find_people(typed: str) -> list[Person]:
    """Whose number, address or name this is, or part of the name; at most MOST_NAMESAKES."""
    number = typed.removeprefix("#")
    if number.isascii() and number.isdigit() and len(number) <= 10:
        person = find_person_by_id(int(number)) if int(number) <= LARGEST_ID else None
        return [person] if person else []
    key = find_key(typed)
    named = Person.email_key == key if key else Person.name.contains(typed)
    return list(Person.select().where(named).order_by(Person.id.desc()).limit(MOST_NAMESAKES))


def _chosen(events: "ModelSelect[SecurityEvent]", sought: Sought, people: list[Person]) -> "ModelSelect[SecurityEvent]":
    if sought.person:
        events = events.where(SecurityEvent.person.in_(people) | SecurityEvent.actor.in_(people))
    if sought.kind in KINDS:
        events = events.where(SecurityEvent.kind == sought.kind)
    elif sought.kind == BY_ADMINS:
        events = events.where(SecurityEvent.kind.in_(ADMIN_ACTIONS))
    elif sought.kind in GROUPS:
        events = events.where(SecurityEvent.kind.in_(kinds_in(sought.kind)))
    if sought.address:
        events = events.where(SecurityEvent.address == sought.address)
    return events
