"""Many sessions in many guilds of a real sandbox, and real worker processes that look after their rooms."""

import shlex
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests

from coaching.accounts.models import GuildMember
from coaching.booking.models import CoachingSession
from coaching.db import database
from coaching.rooms.models import Room
from coaching.runtime.mutations import set_clock_offset
from tests import factories
from tests.rooms.sandbox_process import HOME, Sandbox, shape, worker_environment

START = datetime(2027, 3, 1, 15, 0, tzinfo=UTC)
END = START + timedelta(hours=1)
FIRST_GUILD, FIRST_COACH, FIRST_STUDENT = 1300000000000000000, 1310000000000000000, 1320000000000000000
LOOK = "import tasks; tasks.look_at_rooms()"


@dataclass(frozen=True)
class Call:
    """One call as the sandbox has it in its log."""

    at: datetime
    route: str  # for instance "PATCH /channels/*"
    status: int | None
    target: str  # the first id in its path

    @property
    def is_change(self) -> bool:
        return not self.route.startswith("GET ")

    @property
    def has_worked(self) -> bool:
        return self.status is not None and self.status < 300


class Deployment:
    """Guilds in the sandbox, sessions in the database, and the workers between the two."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.sandbox = Sandbox(folder / "sandbox", threads=16)
        self.environment = worker_environment(database_url, folder / "data", f"{self.sandbox.url}/api/v10")
        self.environment["LOG_LEVEL"] = "error"
        self.workers: list[subprocess.Popen[bytes]] = []
        self.calls: list[Call] = []
        self._session = requests.Session()
        self._heard = 0

    def fill(self, starts: Sequence[datetime], guilds: int) -> None:
        """One session for each start, the guilds in turn: each with a coach and a student of its own."""
        members: dict[int, list[int]] = {}
        now = datetime.now(UTC)
        with database.atomic():
            for number, starts_at in enumerate(starts):
                guild_id = FIRST_GUILD + number % guilds
                people = FIRST_COACH + number, FIRST_STUDENT + number
                members.setdefault(guild_id, []).extend(people)
                _book(str(guild_id), str(people[0]), str(people[1]), starts_at, now)
        for guild_id, ids in members.items():
            self.sandbox.act("guild", guild_id=guild_id, name=f"Guild {guild_id}", members=ids)

    def start_worker(self) -> "subprocess.Popen[bytes]":
        """A worker as the Procfile starts it."""
        command = [sys.executable, *worker_command()]
        # They warn when they are ended in the middle of something, which is what happens here.
        self.workers.append(subprocess.Popen(command, cwd=HOME, env=self.environment, stderr=subprocess.DEVNULL))
        return self.workers[-1]

    def end_workers(self) -> None:
        for worker in self.workers:
            worker.terminate()
        for worker in self.workers:
            worker.wait(30)
        self.workers.clear()

    def set_clock(self, instant: datetime, ahead: timedelta, is_told: bool = True) -> datetime:
        """The product's clock reaches `instant` after `ahead`; this is when the machine's does. The worker is told."""
        # The offset is kept in whole seconds.
        due_at = instant - timedelta(seconds=(instant - datetime.now(UTC) - ahead) // timedelta(seconds=1))
        set_clock_offset(instant - due_at)
        if is_told:
            subprocess.run([sys.executable, "-c", LOOK], cwd=HOME, env=self.environment, check=True)
        return due_at

    def listen(self) -> list[Call]:
        """All calls so far."""
        address = f"{self.sandbox.url}/control/calls?limit=2000&since={self._heard}"
        for entry in self._session.get(address, timeout=10).json()["calls"]:
            self._heard = entry["number"]
            self.calls.append(_call(entry))
        return self.calls

    def wait_for(self, wanted: dict[str, int], since: datetime, seconds: float) -> list[Call]:
        """The calls since then, once so many of each kind have worked, for which there are so many seconds."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            calls = [call for call in self.listen() if call.at >= since]
            done = Counter(call.route for call in calls if call.has_worked)
            if all(done[route] >= count for route, count in wanted.items()):
                return calls
            time.sleep(0.5)
        raise AssertionError(f"wanted {wanted}, seen {done}")

    def end(self) -> None:
        self.end_workers()
        self.sandbox.end()


def worker_command() -> list[str]:
    """What the Procfile starts as the worker, without its python."""
    line = next(line for line in (HOME / "Procfile").read_text().splitlines() if line.startswith("worker:"))
    return shlex.split(line.partition("python ")[2])


def guild_of_channels() -> dict[str, str]:
    """The guild of each channel that stands."""
    rooms = Room.select().where(Room.discord_channel_id.is_null(False))
    return {room.discord_channel_id: room.discord_guild_id for room in rooms}


def _book(guild_id: str, coach_id: str, student_id: str, starts_at: datetime, now: datetime) -> CoachingSession:
    coach = factories.make_person("Coach", linked_as=coach_id)
    student = factories.make_person("Student", linked_as=student_id)
    here = GuildMember.update(discord_guild_id=guild_id, checked_at=now)
    here.where(GuildMember.link.in_([*coach.discord_links, *student.discord_links])).execute()
    # Nobody is to ask meanwhile whether the coach may manage the guild.
    verified = {"guild": factories.make_guild(guild_id), "guild_recheck_at": now + timedelta(days=1)}
    store = factories.make_store(coach, **verified)
    return factories.make_coaching_session(factories.make_product(store), student, starts_at=starts_at)


def _call(entry: dict[str, Any]) -> Call:
    ids = [part for part in entry["path"].split("/") if part.isdigit()]
    at = datetime.fromisoformat(entry["at"])
    return Call(at, f"{entry['method']} {shape(entry['path'])}", entry["status"], ids[0] if ids else "")
