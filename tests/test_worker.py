"""The real consumer in a process of its own: what it does at its start, at an exact time, and after being killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from coaching.booking.models import CoachingSession
from coaching.guild_parts import VOICE
from coaching.rooms.models import Room
from coaching.rooms.names import code_in
from coaching.runtime.models import Heartbeat, Run
from coaching.runtime.mutations import set_clock_offset
from tests import factories
from tests.rooms.sandbox_process import Sandbox, worker_environment

GUILD, COACH, STUDENT = "1210000000000000100", "1210000000000000011", "1210000000000000013"
START = datetime(2027, 3, 1, 15, 0, tzinfo=UTC)
CONSUMER = "consumer.py", "tasks.huey", "-w", "2", "-k", "thread", "-m", "1", "-f", "-g", "TERM", "-q"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    started = Sandbox(tmp_path_factory.mktemp("sandbox"))
    yield started
    started.end()


@pytest.fixture
def consumer(sandbox: Sandbox, database_url: str, tmp_path: Path) -> Iterator[Callable[[], "subprocess.Popen[bytes]"]]:
    """Starts a consumer on this test's database; whichever still run are ended."""
    started: list[subprocess.Popen[bytes]] = []

    def start() -> "subprocess.Popen[bytes]":
        environment = worker_environment(database_url, tmp_path / "data", f"{sandbox.url}/api/v10")
        started.append(subprocess.Popen([sys.executable, *CONSUMER], cwd=Path(__file__).parent.parent, env=environment))
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.terminate()
            process.wait(10)


def wait_for(happens: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.1)


def rooms_in(sandbox: Sandbox) -> list[str]:
    return [
        channel["name"]
        for channel in sandbox.guild(GUILD)["channels"]
        if code_in(channel["name"]) and channel["type"] == VOICE
    ]


def is_at_rest() -> bool:
    """True when the room has been greeted and nobody is working on it."""
    return Room.select().where(Room.greeting_message_id.is_null(False), Room.claimed_until.is_null()).exists()


@pytest.mark.usefixtures("db")
def test_a_worker_does_what_became_due_and_foretells_the_next_instant(
    consumer: Callable[[], "subprocess.Popen[bytes]"], sandbox: Sandbox
) -> None:
    store = factories.make_store(factories.make_person("Alice", linked_as=COACH), guild=factories.make_guild(GUILD))
    bob = factories.make_person("Bob", linked_as=STUDENT)
    coming = factories.make_coaching_session(factories.make_product(store), bob, starts_at=START)
    set_clock_offset(START - timedelta(hours=1) - datetime.now(UTC))
    began = time.monotonic()

    worker = consumer()
    wait_for(lambda: Run.select().where(Run.took_ms.is_null(False)).exists())
    started_in = time.monotonic() - began
    assert Heartbeat.get().name == "worker"
    assert rooms_in(sandbox) == []
    # Set only now, however long the start took: the worker sees that before the room is due.
    set_clock_offset(START - timedelta(minutes=15, seconds=4) - datetime.now(UTC))
    due_at = time.monotonic() + 4
    wait_for(lambda: len(rooms_in(sandbox)) == 1)
    # To the clock's second; the net alone would be up to a minute late.
    assert -1 < time.monotonic() - due_at < max(5, 3 * started_in)

    wait_for(is_at_rest)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait(5)
    CoachingSession.update(state="cancelled").where(CoachingSession.id == coming.id).execute()
    consumer()
    # In the same minute, whose run the dead worker had claimed.
    wait_for(lambda: rooms_in(sandbox) == [])
