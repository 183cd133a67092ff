"""The look ahead: servers too full for what comes are told to their coaches, days before."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from coaching.accounts.models import Person
from coaching.catalog.models import Guild, Product, Store
from coaching.checks import Check, State
from coaching.diagnostics.models import Diagnosis
from coaching.diagnostics.queries import demand_on, troubles_ahead
from coaching.diagnostics.server_actions import look_at_free_room
from coaching.guild_parts import Channel, HostGuild, Role
from coaching.notices.models import Notice
from coaching.refusals import Refusal
from coaching.rooms.models import Room
from tests import factories
from tests.clocks import at
from tests.fakes import GUILD_ID, OWNER_ID, FakeHost

NOW = datetime(2027, 3, 8, 9, 0, tzinfo=UTC)
MACHINE = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
Fill = Callable[[int], None]


@pytest.fixture
def store(alice: Person) -> Store:
    return factories.make_store(alice, slug="nova")


@pytest.fixture
def product(store: Store) -> Product:
    return factories.make_product(store)


@pytest.fixture
def fill(host: FakeHost) -> Fill:
    """The server has so many channels."""

    def to(count: int) -> None:
        host.channels = {str(number): (GUILD_ID, Channel(str(number), "talk")) for number in range(count)}

    return to


def test_a_full_server_is_told_days_before(product: Product, host: FakeHost, fill: Fill, alice: Person) -> None:
    fill(500)
    factories.make_coaching_session(product, starts_at=NOW + timedelta(hours=40))
    look(host)

    [notice] = Notice.select()
    assert notice.person_id == alice.id
    assert "One room cannot be made." in notice.body
    assert "\n/store/nova/server-check\n" in notice.body
    assert [check.state for check in room_checks()] == [State.BAD]


def test_a_server_with_room_is_told_nothing(product: Product, host: FakeHost) -> None:
    factories.make_coaching_session(product, starts_at=NOW + timedelta(hours=40))
    look(host)

    assert not Notice.select().exists()
    assert [check.state for check in room_checks()] == [State.OK]


def test_a_server_is_looked_at_every_six_hours_and_its_coach_told_once_a_day(
    product: Product, host: FakeHost, fill: Fill
) -> None:
    fill(500)
    factories.make_coaching_session(product, starts_at=NOW + timedelta(hours=40))
    for minutes in (0, 1, 359):
        look(host, timedelta(minutes=minutes))
    assert host.names() == ["list_channels"]

    look(host, timedelta(hours=6))
    assert host.names() == ["list_channels"] * 2
    assert Notice.select().count() == 1

    look(host, timedelta(days=1))
    assert Notice.select().count() == 2


def test_who_has_no_sessions_soon_costs_no_call(product: Product, host: FakeHost, fill: Fill) -> None:
    fill(500)
    factories.make_coaching_session(product, starts_at=NOW + timedelta(hours=60))
    factories.make_coaching_session(product, starts_at=NOW + timedelta(hours=5), state="cancelled")
    factories.make_coaching_session(product, starts_at=NOW + timedelta(hours=7), session_type="phone")
    factories.make_coaching_session(product, starts_at=NOW - timedelta(hours=9))
    look(host)

    assert not host.calls
    assert room_checks() == []


def test_no_more_than_three_servers_are_looked_at_in_a_minute(db: None, host: FakeHost) -> None:
    for number in range(5):
        owner = factories.make_person("Coach")
        guild = factories.make_guild(f"110000000000000010{number}")
        product = factories.make_product(factories.make_store(owner, guild=guild))
        factories.make_coaching_session(product, starts_at=NOW + timedelta(hours=10))
    look(host)
    assert len(host.calls) == 3

    look(host, timedelta(minutes=1))
    assert len({guild_id for _, guild_id in host.calls}) == 5


def test_a_server_that_gives_no_answer_is_looked_at_again_in_an_hour(
    product: Product, host: FakeHost, fill: Fill
) -> None:
    fill(500)
    factories.make_coaching_session(product, starts_at=NOW + timedelta(hours=40))
    host.fail(Refusal.NO_ANSWER, name="list_channels")
    for minutes in (0, 59):
        look(host, timedelta(minutes=minutes))
    assert room_checks() == []

    look(host, timedelta(minutes=60))
    assert [check.state for check in room_checks()] == [State.BAD]


def test_what_was_told_is_taken_back_once_there_is_room(product: Product, host: FakeHost, fill: Fill) -> None:
    fill(500)
    factories.make_coaching_session(product, starts_at=NOW + timedelta(hours=40))
    look(host)
    assert troubles_ahead([product.store])

    fill(100)
    look(host, timedelta(hours=6))
    assert not troubles_ahead([product.store])


def test_with_a_shared_role_no_room_is_made_and_nothing_looked_at(product: Product, host: FakeHost) -> None:
    Store.update(access_mode="shared_role").execute()
    factories.make_coaching_session(product, starts_at=NOW + timedelta(hours=10))
    look(host)

    assert not host.calls


def test_a_server_short_of_roles_is_told_where_sessions_bring_them(product: Product, host: FakeHost) -> None:
    Store.update(access_mode="session_role").execute()
    roles = tuple(Role(str(number), "team", 0) for number in range(250))
    host.guilds[GUILD_ID] = HostGuild(GUILD_ID, "Nova Studio", OWNER_ID, roles)
    factories.make_coaching_session(product, starts_at=NOW + timedelta(hours=10))
    look(host)

    assert "without a role" in Notice.get().body
    assert [check.state for check in room_checks()] == [State.WARN, State.OK, State.OK]


def test_rooms_are_counted_from_their_making_to_their_removal(product: Product) -> None:
    """They stand from 30 minutes before to 60 after: three hours in a row are three at once, one far off is one."""
    for hour in (10, 11, 12, 20):
        factories.make_coaching_session(product, starts_at=NOW + timedelta(hours=hour))

    assert demand_on(guild(), NOW).rooms == 3
    assert demand_on(guild(), NOW + timedelta(hours=14, minutes=30)).rooms == 1


def test_rooms_that_stand_are_not_counted_twice_and_those_that_are_gone_not_at_all(product: Product) -> None:
    standing, gone, _ = (
        factories.make_coaching_session(product, starts_at=NOW + timedelta(hours=hour)) for hour in range(3)
    )
    for coaching_session, state, channel in ((standing, "open", "71"), (gone, "removed", None)):
        Room.create(
            coaching_session=coaching_session,
            code=f"code{coaching_session.id}",
            state=state,
            discord_guild_id=GUILD_ID,
            discord_channel_id=channel,
            created_at=NOW,
        )

    demand, later = demand_on(guild(), NOW), demand_on(guild(), NOW + timedelta(hours=10))

    assert (demand.rooms, demand.more_rooms) == (2, 1)
    assert (later.rooms, later.more_rooms) == (0, 0), "that one stands still makes no room less than none"


def test_two_workers_look_once(product: Product, host: FakeHost) -> None:
    factories.make_coaching_session(product, starts_at=NOW + timedelta(hours=10))
    host.before_call = lambda: look(other)
    other = FakeHost()
    look(host)

    assert not other.calls


def test_coaches_of_one_server_hear_if_they_have_sessions_there(
    product: Product, host: FakeHost, fill: Fill, alice: Person
) -> None:
    fill(500)
    idle, busy = factories.make_person("Idle"), factories.make_person("Busy")
    factories.make_product(factories.make_store(idle))
    for own in (product, factories.make_product(factories.make_store(busy))):
        factories.make_coaching_session(own, starts_at=NOW + timedelta(hours=10))
    look(host)

    assert {notice.person_id for notice in Notice.select()} == {alice.id, busy.id}
    assert Diagnosis.select().count() == 1


def look(host: FakeHost, later: timedelta = timedelta(0)) -> None:
    look_at_free_room(host, at(NOW, MACHINE + later))


def guild() -> Guild:
    return Guild.get(Guild.discord_guild_id == GUILD_ID)


def room_checks() -> list[Check]:
    """What the last look ahead left about the server."""
    return [check for diagnosis in Diagnosis.select() for check in diagnosis.checks]
