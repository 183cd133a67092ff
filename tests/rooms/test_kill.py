"""The worker is really killed between Discord's answer and our write; another one comes up and finishes."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from coaching.booking.models import CoachingSession
from coaching.operation.mutations import set_clock_offset
from coaching.rooms.actions import reconcile
from coaching.rooms.models import Room
from gateways.discord import DiscordHost
from tests import factories
from tests.rooms.sandbox_process import BOT_TOKEN, KillingProxy, Sandbox, start_worker

GUILD, COACH, STUDENT = "1210000000000000100", "1210000000000000011", "1210000000000000013"
START = datetime(2027, 3, 1, 15, 0, tzinfo=UTC)
END = START + timedelta(hours=1)
MAKE, FIND, CHANGE = "POST /guilds/*/channels", "GET /guilds/*/channels", "PATCH /channels/*"
GREET, CHECK, REMOVE = "POST /channels/*/messages", "GET /channels/*", "DELETE /channels/*"
INSTANTS = (Room.claimed_until, Room.intended_at, Room.looked_at, Room.made_at, Room.checked_at, Room.next_try_at)


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    started = Sandbox(tmp_path_factory.mktemp("sandbox"))
    yield started
    started.end()


@pytest.fixture
def proxy(sandbox: Sandbox) -> Iterator[KillingProxy]:
    started = KillingProxy(sandbox)
    yield started
    started.end()


@pytest.fixture
def coaching_session(db: None) -> CoachingSession:
    store = factories.make_store(factories.make_person("Alice", linked_as=COACH), guild=factories.make_guild(GUILD))
    bob = factories.make_person("Bob", linked_as=STUDENT)
    return factories.make_coaching_session(factories.make_product(store), bob, starts_at=START)


class Workers:
    """Worker processes, one after the other, on this test's database."""

    def __init__(self, proxy: KillingProxy, database_url: str, data_dir: Path) -> None:
        self.proxy, self.database_url, self.data_dir = proxy, database_url, data_dir

    def run(self, now: datetime) -> bool:
        """One run at this product time, a minute after the last one; True when the worker was killed in it."""
        self.let_a_minute_pass()
        set_clock_offset(now - datetime.now(UTC))
        worker = start_worker(self.database_url, self.data_dir, self.proxy.api_url)
        self.proxy.victim = worker
        return worker.wait(60) != 0

    def run_here(self, now: datetime) -> None:
        """The same without a process of its own: nothing is to die in it."""
        self.let_a_minute_pass()
        report = reconcile(DiscordHost(self.proxy.api_url, BOT_TOKEN), now, datetime.now(UTC))
        assert report.failed == 0

    def let_a_minute_pass(self) -> None:
        """Everything that was written down by the machine's clock happened a minute earlier."""
        for room in Room.select():
            for instant in INSTANTS:
                at = getattr(room, instant.name)
                setattr(room, instant.name, at and at - minutes(1))
            room.save()


@pytest.fixture
def workers(proxy: KillingProxy, database_url: str, tmp_path: Path) -> Workers:
    return Workers(proxy, database_url, tmp_path / "data")


def our_channels(sandbox: Sandbox) -> list[dict[str, object]]:
    return [one for one in sandbox.guild(GUILD)["channels"] if one["name"].startswith("coaching-")]


def seen_by(channel: dict[str, object]) -> set[str]:
    """Who of coach and student sees the channel, and any other that is neither the bot nor the guild's owner."""
    guild = channel["visible_to"]
    assert isinstance(guild, list)
    return set(guild) - {"1210000000000000001", "1210000000000000010"}


@pytest.mark.parametrize(
    ("before", "at", "call", "has_effect"),
    [
        ([], START - minutes(30), MAKE, True),
        ([], START - minutes(30), MAKE, False),
        ([], START, MAKE, True),
        ([], START, MAKE, False),
        ([START - minutes(30)], START, CHANGE, True),
        ([], START, GREET, True),
        ([START], START + minutes(1), CHECK, True),
        ([START], END + minutes(15), CHANGE, True),
        ([START], END + minutes(60), REMOVE, True),
    ],
    ids=["hidden", "hidden-before", "made", "made-before", "opened", "greeted", "checked", "closed", "removed"],
)
def test_a_worker_killed_at_a_call_leaves_the_next_one_a_room_in_the_right_state(
    workers: Workers,
    proxy: KillingProxy,
    sandbox: Sandbox,
    coaching_session: CoachingSession,
    before: list[datetime],
    at: datetime,
    call: str,
    has_effect: bool,
) -> None:
    for now in before:
        workers.run_here(now)
    proxy.kill_at = (call, has_effect)

    assert workers.run(at), f"{call} was never made: {proxy.calls}"
    assert not workers.run(at)

    assert [seen_by(one) for one in our_channels(sandbox)] == expected(at)
    assert proxy.calls.count(MAKE) == (1 if has_effect else 2)
    workers.run_here(END + minutes(60))
    assert our_channels(sandbox) == []
    assert Room.get().state == "removed"


def expected(at: datetime) -> list[set[str]]:
    if at >= END + minutes(60):
        return []
    return [{COACH, STUDENT} if START - minutes(15) <= at < END + minutes(15) else set()]


def test_a_worker_killed_while_it_looks_for_a_room_in_doubt_leaves_one_room(
    workers: Workers, proxy: KillingProxy, sandbox: Sandbox, coaching_session: CoachingSession
) -> None:
    for call in (MAKE, FIND, FIND):
        proxy.kill_at = (call, True)
        assert workers.run(START)
    assert not workers.run(START)
    assert [seen_by(one) for one in our_channels(sandbox)] == [{COACH, STUDENT}]
    [channel] = our_channels(sandbox)
    assert len(channel["messages"]) == 1  # type: ignore[arg-type]
    workers.run_here(END + minutes(60))
    assert our_channels(sandbox) == []
