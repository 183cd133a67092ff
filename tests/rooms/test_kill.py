"""The worker's process is really killed, once for each kind of call to Discord; another run comes and finishes.

Killed between Discord's answer and our write, or, where that makes a difference, before the call has any effect.
tests/rooms/test_fault_matrix.py has the same deaths without processes, at every call of every mode.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from coaching.accounts.models import GuildMember
from coaching.booking.models import CoachingSession
from coaching.call_budget.models import CallHold
from coaching.catalog.models import Store
from coaching.guild_parts import VOICE
from coaching.rooms.models import GuildSweep, Presence, Room
from coaching.rooms.names import code_in
from coaching.runtime.mutations import set_clock_offset
from gateways.discord import DiscordHost
from tests import factories
from tests.clocks import at
from tests.rooms.reconciling import reconcile
from tests.rooms.sandbox_process import BOT_TOKEN, KillingProxy, Sandbox, start_worker

GUILD, COACH, STUDENT = "1210000000000000100", "1210000000000000011", "1210000000000000013"
# They see every channel: the bot, and the guild's owner.
SEE_ALL = {"1210000000000000001", "1210000000000000010"}
START = datetime(2027, 3, 1, 15, 0, tzinfo=UTC)
END = START + timedelta(hours=1)
MINUTE = timedelta(minutes=1)
READY, MADE, OPEN = START - 120 * MINUTE, START - 30 * MINUTE, START - 15 * MINUTE
CLOSED, LIMIT, REMOVED = END + 15 * MINUTE, END + 60 * MINUTE, END + 120 * MINUTE
BOTH = {COACH, STUDENT}
MAKE, FIND, CHANGE = "POST /guilds/*/channels", "GET /guilds/*/channels", "PATCH /channels/*"
GREET, CHECK, REMOVE = "POST /channels/*/messages", "GET /channels/*", "DELETE /channels/*"
MEMBER, LOOK, DISCONNECT = "GET /guilds/*/members/*", "GET /guilds/*/voice-states/*", "PATCH /guilds/*/members/*"
MAKE_ROLE, FIND_ROLE, REMOVE_ROLE = "POST /guilds/*/roles", "GET /guilds/*", "DELETE /guilds/*/roles/*"
GIVE, TAKE = "PUT /guilds/*/members/*/roles/*", "DELETE /guilds/*/members/*/roles/*"
# Everything that is written down by the machine's clock.
INSTANTS: dict[type[Any], tuple[str, ...]] = {
    Room: ("claimed_until", "intended_at", "looked_at", "made_at", "granted_at", "checked_at", "next_try_at"),
    CallHold: ("until",),
    GuildSweep: ("due_at",),
    GuildMember: ("checked_at",),
    Presence: ("looked_at",),
}


@dataclass(frozen=True)
class Death:
    """At which call of which run a worker dies, and what went before."""

    mode: str
    before: tuple[datetime, ...]
    at: datetime
    call: str
    has_effect: bool = True
    is_talk: bool = False


DEATHS = {
    "category": Death("members", (), READY, MAKE),
    "made hidden": Death("members", (READY,), MADE, MAKE),
    "made hidden, before": Death("members", (READY,), MADE, MAKE, has_effect=False),
    "made open": Death("members", (READY,), START, MAKE),
    "opened": Death("members", (READY, MADE), START, CHANGE),
    "greeted": Death("members", (READY,), START, GREET),
    "checked": Death("members", (READY, START), START + MINUTE, CHECK),
    "member checked": Death("members", (READY, START), START + MINUTE, MEMBER),
    "looked": Death("members", (READY, START), START + MINUTE, LOOK),
    "closed": Death("members", (READY, START), CLOSED, CHANGE),
    "put out": Death("members", (READY, START), LIMIT, DISCONNECT, is_talk=True),
    "removed": Death("members", (READY, START), REMOVED, REMOVE),
    "role made": Death("session_role", (READY,), MADE, MAKE_ROLE),
    "role made, before": Death("session_role", (READY,), MADE, MAKE_ROLE, has_effect=False),
    "roles searched": Death("session_role", (READY,), MADE, FIND_ROLE),
    "role given": Death("session_role", (READY, MADE), START, GIVE),
    "role removed": Death("session_role", (READY, START), REMOVED, REMOVE_ROLE),
    "shared role made": Death("shared_role", (), READY, MAKE_ROLE),
    "shared role taken": Death("shared_role", (READY, START), CLOSED, TAKE),
}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    started = Sandbox(tmp_path_factory.mktemp("sandbox"))
    started.lift_limits()  # a minute of ours takes a tenth of a second
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
    return factories.make_coaching_session(factories.make_product(store, remove_minutes=120), bob, starts_at=START)


class Workers:
    """Workers, one after the other, on this test's database."""

    def __init__(self, proxy: KillingProxy, database_url: str, data_dir: Path) -> None:
        self.proxy, self.database_url, self.data_dir = proxy, database_url, data_dir

    def run(self, now: datetime) -> bool:
        """One run of a process at this product time, a minute after the last one; True when it was killed in it."""
        self.let_a_minute_pass()
        set_clock_offset(now - datetime.now(UTC))
        worker = start_worker(self.database_url, self.data_dir, self.proxy.api_url)
        self.proxy.victim = worker
        worker.join(60)
        return worker.exitcode != 0

    def run_here(self, now: datetime) -> None:
        """The same without a process of its own: nothing is to die in it."""
        self.let_a_minute_pass()
        report = reconcile(DiscordHost(self.proxy.api_url, BOT_TOKEN), at(now, datetime.now(UTC)))
        assert report.failed == 0

    def let_a_minute_pass(self) -> None:
        """Everything that was written down happened a minute earlier."""
        for model, names in INSTANTS.items():
            for row in model.select():
                for name in names:
                    at = getattr(row, name)
                    setattr(row, name, at and at - MINUTE)
                row.save()


@pytest.fixture
def workers(proxy: KillingProxy, database_url: str, tmp_path: Path) -> Workers:
    return Workers(proxy, database_url, tmp_path / "data")


class Snapshot:
    """What there is of ours in the guild, as it really is."""

    def __init__(self, sandbox: Sandbox) -> None:
        guild = sandbox.guild(GUILD)
        channels = [channel for channel in guild["channels"] if code_in(channel["name"])]
        self.rooms = [channel for channel in channels if channel["type"] == VOICE]
        self.seen_by = [set(room["visible_to"]) - SEE_ALL for room in self.rooms]
        self.shared_parts = [channel["name"] for channel in channels if channel not in self.rooms]
        roles = [role for role in guild["roles"] if role["name"].startswith(("Session ", "Coaching Access "))]
        self.holders = [
            {member["user_id"] for member in guild["members"] if role["id"] in member["roles"]} for role in roles
        ]
        self.in_call = {voice_state["user_id"] for voice_state in guild["voice"]}


@pytest.mark.one_database
@pytest.mark.parametrize("death", DEATHS.values(), ids=DEATHS)
def test_a_worker_killed_at_a_call_leaves_the_next_one_a_room_in_the_right_state(
    workers: Workers, proxy: KillingProxy, sandbox: Sandbox, coaching_session: CoachingSession, death: Death
) -> None:
    Store.update(access_mode=death.mode).execute()
    for now in death.before:
        workers.run_here(now)
    if death.is_talk:
        enter(sandbox)
        workers.run_here(END)
    proxy.kill_at = (death.call, death.has_effect)

    assert workers.run(death.at), f"{death.call} was never made: {proxy.calls}"
    workers.run_here(death.at)

    assert_right(Snapshot(sandbox), death)
    leave_nothing(workers, sandbox)


def assert_right(snapshot: Snapshot, death: Death) -> None:
    """There is what there ought to be at the instant of the death, once each, for whom it ought to be."""
    let_in = BOTH if OPEN <= death.at < CLOSED else set()
    is_there = death.mode != "shared_role" and MADE <= death.at < REMOVED
    has_role = death.mode == "shared_role" or (death.mode == "session_role" and is_there)
    # A closed room has lost the entry of its role, whoever still has that one.
    is_closed = death.mode == "session_role" and death.at >= CLOSED
    assert snapshot.seen_by == ([let_in] if is_there else [])
    assert len(snapshot.holders) == has_role
    assert is_closed or all(holders == let_in for holders in snapshot.holders)
    assert len(snapshot.shared_parts) == 1
    assert snapshot.in_call == set()


def enter(sandbox: Sandbox) -> None:
    """Both have entered the room's call."""
    [room] = Snapshot(sandbox).rooms
    for person in BOTH:
        sandbox.act("voice", guild_id=GUILD, user_id=person, channel_id=room["id"])


def leave_nothing(workers: Workers, sandbox: Sandbox) -> None:
    """The session is over, and its store has no use for the guild any more: nothing of ours is left in it."""
    workers.run_here(REMOVED)
    Store.update(access_mode="members", guild_verified_at=None).execute()
    workers.run_here(REMOVED + MINUTE)
    snapshot = Snapshot(sandbox)
    assert (snapshot.rooms, snapshot.shared_parts, snapshot.holders) == ([], [], [])
    assert {room.state for room in Room.select()} == {"removed"}


@pytest.mark.parametrize(
    ("mode", "make", "find"),
    [("members", MAKE, FIND), ("session_role", MAKE_ROLE, FIND_ROLE)],
    ids=["channel", "role"],
)
def test_a_worker_killed_while_it_looks_after_an_unknown_outcome_leaves_one_room(
    workers: Workers,
    proxy: KillingProxy,
    sandbox: Sandbox,
    coaching_session: CoachingSession,
    mode: str,
    make: str,
    find: str,
) -> None:
    Store.update(access_mode=mode).execute()
    workers.run_here(READY)
    for call in (make, find):
        proxy.kill_at = (call, True)
        assert workers.run(START)
    workers.run_here(START)
    snapshot = Snapshot(sandbox)
    assert (snapshot.seen_by, len(snapshot.holders)) == ([BOTH], mode == "session_role")
    assert [len(room["messages"]) for room in snapshot.rooms] == [1]
    leave_nothing(workers, sandbox)
