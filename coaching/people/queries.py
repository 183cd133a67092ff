"""Reads of people as admins see them: all of them, and one with everything that helps to help them."""

from dataclasses import dataclass
from typing import Any, Literal, get_args

from peewee import JOIN, Expression

from coaching.accounts.addresses import find_key
from coaching.accounts.event_queries import LARGEST_ID, Sought, events_page
from coaching.accounts.factor_queries import has_factor
from coaching.accounts.models import DiscordLink, Person, SecurityEvent, SignIn
from coaching.accounts.queries import find_discord_link, find_person_by_id, find_unconfirmed_address, sign_ins_of
from coaching.booking.models import CoachingSession, Seat
from coaching.catalog.models import Store
from coaching.catalog.queries import stores_of
from coaching.coaches.models import Coach
from coaching.coaches.standing_queries import coach_of
from coaching.errors import NotFound
from coaching.now import Now
from coaching.paging import page_of
from coaching.people.coming_queries import Coming, coming_of

Group = Literal["all", "admins", "coaches", "suspended"]
GROUPS: tuple[Group, ...] = get_args(Group)
LATEST_EVENTS = 8


@dataclass(frozen=True)
class PersonView:
    """One person, with what an admin wants to know; the latest security events come first."""

    person: Person
    link: DiscordLink | None
    coach: Coach | None
    stores: list[Store]
    has_factor: bool
    unconfirmed_address: str | None
    sign_ins: list[SignIn]
    events: list[SecurityEvent]
    coming: list[Coming]
    given: int
    taken: int

    @property
    def undecided(self) -> list[Coming]:
        """The coming sessions about which nobody has decided, for somebody who is suspended."""
        return [coming for coming in self.coming if not coming.is_left] if self.person.suspended_at else []


def people_page(search: str, group: Group, page: int, size: int) -> tuple[list[Person], bool]:
    """People, the newest first, with their Discord name (`username`) and `coach_id`, if they have one.

    `search` is a number like #12, an e-mail address or a part of it, a part of a name or Discord name, or a Discord id.
    Beside them comes back whether there are more.
    """
    people = (
        Person.select(Person, DiscordLink.username, Coach.id.alias("coach_id"))
        .join(DiscordLink, JOIN.LEFT_OUTER)
        .switch(Person)
        .join(Coach, JOIN.LEFT_OUTER)
    )
    is_in: dict[Group, Any] = {
        "all": True,
        "admins": Person.is_admin,
        "coaches": Coach.id.is_null(False),
        "suspended": Person.suspended_at.is_null(False),
    }
    people = people.where(is_in[group])
    if search:
        people = people.where(_fits(search))
    return page_of(people.order_by(Person.id.desc()).objects(), page, size)


def get_person(person_id: int, now: Now) -> PersonView:
    """The person of this number, or NotFound."""
    person = find_person_by_id(person_id)
    if person is None:
        raise NotFound
    return PersonView(
        person=person,
        link=find_discord_link(person),
        coach=coach_of(person),
        stores=stores_of(person),
        has_factor=has_factor(person),
        unconfirmed_address=find_unconfirmed_address(person, now.machine),
        sign_ins=sign_ins_of(person, now.machine),
        events=events_page(Sought(f"#{person.id}"), 1, LATEST_EVENTS, now.machine).events,
        coming=coming_of(person, now.product),
        given=CoachingSession.select().where(CoachingSession.coach == person).count(),
        taken=Seat.select().where(Seat.student == person).count(),
    )


def _fits(search: str) -> Expression:
    number = search.removeprefix("#")
    is_number = number.isascii() and number.isdigit()
    if search.startswith("#"):
        return Person.id == (int(number) if is_number and len(number) <= 10 and int(number) <= LARGEST_ID else 0)
    key = find_key(search)
    fits = Person.name.contains(search) | Person.email_key.contains(key or search.casefold())
    fits |= DiscordLink.username.contains(search)
    return fits | (DiscordLink.discord_user_id == number) if is_number else fits
