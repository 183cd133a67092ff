"""Reads of what merging two accounts would move, and of what keeps it from being done."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from coaching.accounts.factor_queries import has_factor
from coaching.accounts.models import Person
from coaching.accounts.queries import find_discord_link
from coaching.accounts.tokens import digest
from coaching.booking.lapse_queries import takes_time
from coaching.booking.models import CoachingSession, Seat
from coaching.catalog.models import Product, Store
from coaching.catalog.queries import stores_of
from coaching.coaches.application_queries import find_latest
from coaching.coaches.applications import OPEN
from coaching.coaches.standing_queries import coach_of
from coaching.merging.rules import Account, Held, Obstacle, address_of, name_of, obstacles, takeover, ways_in


@dataclass(frozen=True)
class Merger:
    """The account that stays, the one that ends, what moves, and what stands in the way."""

    here: Account
    there: Account
    takes: frozenset[str]
    obstacles: tuple[Obstacle, ...]

    @cached_property
    def mark(self) -> str:
        """Changes with anything that the person was shown."""
        return digest(repr((self.here, self.there, sorted(self.takes), self.obstacles)))

    @property
    def address(self) -> str | None:
        """The address of the account that stays, afterwards."""
        return address_of(self.here, self.there)

    @property
    def ways_in(self) -> str:
        """How one signs in afterwards."""
        return ways_in(self.here, self.there)

    @property
    def password_names(self) -> tuple[str, str]:
        """Whose the two passwords are."""
        return name_of(self.here), name_of(self.there)


def what_moves(here: Person, there: Person, now: datetime) -> Merger:
    """What merging `there` into `here` means as things stand. What has run out by now takes no time any more."""
    account, other = _account_of(here, now), _account_of(there, now)
    in_the_way = obstacles(account, other, [*_booked_at(here, there), *_booked_at(there, here)])
    return Merger(account, other, takeover(account, other), tuple(in_the_way))


def ways_into(person: Person, now: datetime) -> str:
    """How somebody signs in as things stand."""
    account = _account_of(person, now)
    return ways_in(account, account)


def _account_of(person: Person, now: datetime) -> Account:
    link = find_discord_link(person)
    given = CoachingSession.select().where(CoachingSession.coach == person)
    coach, application = coach_of(person), find_latest(person)
    return Account(
        person_id=person.id,
        name=person.name,
        email=person.email,
        is_verified=person.email_verified_at is not None,
        has_password=person.password_hash is not None,
        has_zone=person.zone is not None,
        is_admin=person.is_admin,
        discord=link.username if link else None,
        has_factor=has_factor(person),
        is_suspended=person.suspended_at is not None,
        stores=tuple(store.name for store in stores_of(person)),
        products=Product.select().join(Store).where(Store.owner == person, Product.state != "archived").count(),
        taken=Seat.select().where(Seat.student == person).count(),
        given=given.count(),
        live=(*_live_seats(person, now), *_live_sessions(person, now)),
        page=coach.slug if coach else None,
        is_stopped=coach is not None and not coach.may_sell,
        is_applying=application is not None and application.state in OPEN,
    )


def _live_seats(student: Person, now: datetime) -> list[Held]:
    theirs = Seat.student == student, Seat.is_live, takes_time(now)
    seats = Seat.select(Seat, CoachingSession).join(CoachingSession).where(*theirs)
    return [
        Held(
            session_id=seat.coaching_session_id,
            title=seat.coaching_session.title,
            starts_at=seat.starts_at,
            ends_at=seat.ends_at,
            busy_from=seat.starts_at,
            busy_until=seat.ends_at,
            is_coached=False,
        )
        for seat in seats.order_by(Seat.starts_at)
    ]


def _live_sessions(coach: Person, now: datetime) -> list[Held]:
    live = CoachingSession.select().where(CoachingSession.coach == coach, takes_time(now))
    return [
        Held(
            session_id=session.id,
            title=session.title,
            starts_at=session.starts_at,
            ends_at=session.ends_at,
            busy_from=session.busy_from,
            busy_until=session.busy_until,
            is_coached=True,
        )
        for session in live.order_by(CoachingSession.starts_at)
    ]


def _booked_at(student: Person, coach: Person) -> list[str]:
    """Titles of what one has booked with the other, called off or not."""
    theirs = (CoachingSession.coach == coach) | (Store.owner == coach)
    seats = CoachingSession.select(CoachingSession.title).join(Seat).switch(CoachingSession).join(Product).join(Store)
    booked = seats.where(Seat.student == student, theirs).order_by(CoachingSession.starts_at.desc()).limit(1)
    return [session.title for session in booked]
