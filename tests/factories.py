"""Rows for tests, each with what makes it ordinary; a test names only the differences."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from argon2 import PasswordHasher
from flask.testing import FlaskClient
from pyotp import TOTP

from coaching.accounts import mutations
from coaching.accounts.models import DiscordLink, GuildMember, Person, SecondFactor
from coaching.booking.models import CoachingSession, Seat
from coaching.calendars.models import Feed
from coaching.catalog.models import Guild, Offer, Product, Store
from coaching.coaches.models import Coach
from coaching.db import new_code
from coaching.guild_parts import Overwrite
from coaching.guild_rights import VIDEO_RIGHTS
from coaching.hours.models import Schedule, WeeklySpan
from coaching.reviews.models import Review
from coaching.rooms.models import Orphan
from coaching.rooms.orphans.mutations import new_room_code, record_orphans
from coaching.rooms.orphans.rules import Marked
from coaching.rooms.planning.case import Part
from coaching.rooms.planning.wanted import closed_overwrites
from tests.clocks import at
from tests.fakes import BOT_ID, FakeHost

GUILD_ID = "1100000000000000001"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PASSWORD = "correct horse battery"
# Well in the past, so that machine time is always later.
MADE_AT = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
numbers = count(1)
CHEAP_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD_HASH = CHEAP_HASHER.hash(PASSWORD)


def make_person(
    name: str = "Robin", *, linked_as: str | None = None, is_member: bool = True, **differences: Any
) -> Person:
    """A person with a verified address and the password PASSWORD, by default without Discord."""
    address = f"{name.lower().replace(' ', '.')}.{next(numbers)}@example.com"
    ordinary = {
        "name": name,
        "email": address,
        "email_key": address,
        "email_verified_at": MADE_AT,
        "password_hash": PASSWORD_HASH,
        "zone": "Europe/Berlin",
        "created_at": MADE_AT,
    }
    person = Person.create(**ordinary | differences)
    if linked_as:
        link_discord(person, linked_as, is_member=is_member)
    return person


def link_discord(person: Person, discord_user_id: str, *, is_member: bool = True) -> DiscordLink:
    """A Discord account for `person`, by default a member of the guild."""
    link = DiscordLink.create(
        person=person, discord_user_id=discord_user_id, username=f"{person.name.lower()}_d", linked_at=MADE_AT
    )
    state = "joined" if is_member else "left"
    GuildMember.create(link=link, discord_guild_id=GUILD_ID, state=state, checked_at=MADE_AT)
    return link


def make_guild(discord_guild_id: str = GUILD_ID, **differences: Any) -> Guild:
    """The guild, found or made."""
    ordinary = {"name": "Nova Studio", "seen_at": MADE_AT}
    return Guild.get_or_create(discord_guild_id=discord_guild_id, defaults=ordinary | differences)[0]


def make_coach(person: Person, **differences: Any) -> Coach:
    """An approved coach with an empty page."""
    ordinary = {"slug": f"coach-{next(numbers)}", "approved_at": MADE_AT, "updated_at": MADE_AT}
    return Coach.create(person=person, **ordinary | differences)


def make_store(owner: Person, **differences: Any) -> Store:
    """A store whose guild is verified."""
    ordinary = {
        "owner": owner,
        "slug": f"store-{next(numbers)}",
        "name": "Nova Studio",
        "currency": "EUR",
        "zone": "Europe/Berlin",
        "guild_verified_at": MADE_AT,
        "created_at": MADE_AT,
    }
    if "guild" not in differences:
        ordinary["guild"] = make_guild()
    return Store.create(**ordinary | differences)


def make_schedule(
    coach: Person, *, weekdays: range = range(7), start_minute: int = 540, length_minutes: int = 480, **differences: Any
) -> Schedule:
    """A schedule, by default every day from 9 to 17 in Berlin."""
    ordinary = {
        "code": new_code(),
        "coach": coach,
        "name": "Weekly hours",
        "zone": "Europe/Berlin",
        "created_at": MADE_AT,
    }
    schedule = Schedule.create(**ordinary | differences)
    for weekday in weekdays:
        WeeklySpan.create(schedule=schedule, weekday=weekday, start_minute=start_minute, length_minutes=length_minutes)
    return schedule


def make_product(
    store: Store | None = None,
    *,
    coach: Person | None = None,
    offers: tuple[tuple[int, int], ...] = ((60, 4900),),
    **differences: Any,
) -> Product:
    """A published product with one offer: 60 minutes for 49.00."""
    store = store or make_store(coach or make_person("Coach", linked_as=str(9000 + next(numbers))))
    ordinary = {
        "code": new_code(),
        "store": store,
        "slug": f"mixing-call-{next(numbers)}",
        "state": "published",
        "title": "Mixing call",
        "description": "We listen to your track together.",
        "description_html": "<p>We listen to your track together.</p>",
        "notice_minutes": 0,
        "payment": "outside",
        "pay_text": "Pay me by bank transfer.",
        "created_at": MADE_AT,
        "updated_at": MADE_AT,
        "published_at": MADE_AT,
    }
    if "schedule" not in differences:
        ordinary["schedule"] = make_schedule(store.owner)
    product = Product.create(**ordinary | differences)
    for position, (minutes, price_cents) in enumerate(offers):
        Offer.create(product=product, minutes=minutes, price_cents=price_cents, position=position)
    return product


def make_coaching_session(
    product: Product | None = None,
    student: Person | None = None,
    *,
    starts_at: datetime,
    minutes: int = 60,
    **differences: Any,
) -> CoachingSession:
    """A scheduled session with one seat, as booking would have left it."""
    product = product or make_product()
    student = student or make_person("Student", linked_as=str(5000 + next(numbers)))
    ends_at = starts_at + timedelta(minutes=minutes)
    ordinary = {
        "code": new_code(),
        "product": product,
        "coach": product.store.owner,
        "title": product.title,
        "session_type": product.session_type,
        "minutes": minutes,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "busy_from": starts_at - timedelta(minutes=product.buffer_before_minutes),
        "busy_until": ends_at + timedelta(minutes=product.buffer_after_minutes),
        "zone": product.schedule.zone,
        "created_at": MADE_AT,
    }
    coaching_session = CoachingSession.create(**ordinary | differences)
    Seat.create(
        coaching_session=coaching_session,
        student=student,
        starts_at=starts_at,
        ends_at=ends_at,
        is_live=coaching_session.state in ("held", "requested", "scheduled", "in_progress"),
        price_cents=4900,
        currency="EUR",
        payment=product.payment,
        goals="Make the low end work.",
    )
    return coaching_session


def make_review(coaching_session: CoachingSession | None = None, **differences: Any) -> Review:
    """A review of a call that was held, by default four stars of a verified one."""
    coaching_session = coaching_session or make_coaching_session(starts_at=MADE_AT, state="completed")
    seat = coaching_session.seats.get()
    ordinary = {
        "code": new_code(),
        "seat": seat,
        "coach": coaching_session.coach,
        "product": coaching_session.product,
        "student": seat.student,
        "stars": 4,
        "words": "Clear and kind.",
        "is_verified": True,
        "held_at": coaching_session.starts_at,
        "made_at": coaching_session.ends_at + timedelta(hours=2),
    }
    return Review.create(**ordinary | differences)


def make_feed(coach: Person, read_at: datetime | None = MADE_AT, **differences: Any) -> Feed:
    """An outside calendar of the coach's that was read at this time and holds nothing."""
    ordinary = {
        "code": new_code(),
        "coach": coach,
        "name": "Family",
        "address": "https://calendar.example.com/private-0123456789abcdef/basic.ics",
        "fetched_at": read_at,
        "tried_at": read_at,
        "known_until": read_at and read_at + timedelta(days=400),
        "next_try_at": (read_at or MADE_AT) + timedelta(minutes=12),
        "made_at": MADE_AT,
    }
    return Feed.create(**ordinary | differences)


def make_orphan(host: FakeHost, name: str = "Mixing call · Bob", *, lets_in: bool = True) -> Orphan:
    """A room in the guild of which no row knows, as a search has found it; by default it lets a student in."""
    code, entries = new_room_code(), closed_overwrites(GUILD_ID, BOT_ID)
    let_in = {Overwrite("2002", True, allow=VIDEO_RIGHTS)} if lets_in else set()
    channel = host.create_channel(GUILD_ID, f"{name} · {code}", entries | let_in, "made before the restore")
    marked = Marked(channel.channel_id, Part.CHANNEL, code, channel.name, lets_in)
    record_orphans(GUILD_ID, [], [marked], at(MADE_AT))
    return Orphan.get(Orphan.discord_id == channel.channel_id)


def make_factor(person: Person, *, last_step: int = 0) -> SecondFactor:
    """A second factor of the person's, with the secret SECRET."""
    return SecondFactor.create(person=person, secret=SECRET, last_step=last_step, set_up_at=MADE_AT)


def app_code(secret: str = SECRET, *, steps: int = 0) -> str:
    """The code that an app shows now, or so many half minutes from now."""
    return TOTP(secret).at(datetime.now(UTC), counter_offset=steps)


def sign_in(client: FlaskClient, person: Person) -> None:
    """The browser is signed in as `person`, without the cost of checking a password; a second factor was given."""
    token = mutations.start_sign_in(person, datetime.now(UTC), browser="test browser", with_factor=True)
    with client.session_transaction() as cookie:
        cookie["_user_id"] = token
        cookie["_fresh"] = True
