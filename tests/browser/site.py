"""The running Greenroom as the browser tests steer it: its addresses, its demo, its clock, and what its guild shows."""

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import requests

from coaching.guild_parts import VOICE
from coaching.rooms.names import code_in
from tests.running import HOME, Greenroom, free_ports, plain_environment

# The command line without the second of processor time that each start takes; what is logged goes to stderr.
SHELL = """
import json, sys
from app import create_app
runner = create_app().test_cli_runner()
for line in sys.stdin:
    done = runner.invoke(args=json.loads(line))
    print(json.dumps([done.exit_code, done.stdout, f"{done.stderr} {done.exception!r}"]), flush=True)
"""
CHEAP_HASHING = {"PYTHONPATH": str(Path(__file__).with_name("cheap"))}


class Site:
    """A group of processes that answers, with a demo in it."""

    def __init__(self, greenroom: Greenroom) -> None:
        self._greenroom = greenroom
        own = {"PORT": str(greenroom.port), "DATA_DIR": str(greenroom.data_dir)}
        # Begun first: it becomes ready while the others do.
        self._shell = subprocess.Popen(
            [sys.executable, "-c", SHELL],
            cwd=HOME,
            env=plain_environment() | CHEAP_HASHING | own,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        greenroom.wait_until_ready()
        self._read_until = len(greenroom.text)
        self.demo: dict[str, Any] = json.loads(self.flask("demo", "info", "--json"))
        self.app_url: str = self.demo["app_url"]
        self.sandbox_url: str = self.demo["sandbox_url"]

    def flask(self, *words: str) -> str:
        """What the command line answers."""
        too_long = threading.Timer(180, self._shell.kill)
        too_long.start()
        print(json.dumps(words), file=self._shell.stdin, flush=True)
        exit_code, printed, complaint = json.loads(self._shell.stdout.readline() or '[-1, "", "killed"]')
        too_long.cancel()
        assert exit_code == 0, complaint
        return str(printed)

    def close(self) -> None:
        """Nobody asks the command line anything more."""
        self._shell.communicate(timeout=30)

    def tracebacks(self) -> str:
        """What the processes have printed since the last asking, if there is a traceback in it."""
        text = self._greenroom.text
        news, self._read_until = text[self._read_until :], len(text)
        return news if "Traceback" in news else ""

    def clock_to(self, instant: datetime) -> None:
        """It is `instant` from now on, and what was due until then is done."""
        self.flask("demo", "clock", "--at", instant.isoformat())

    def reset_clock(self) -> None:
        self.flask("demo", "clock", "--reset")

    def tick(self) -> None:
        """Whatever is due is done."""
        self.flask("rooms", "tick")

    def guild(self) -> Any:
        """The demo's guild as the sandbox knows it."""
        return requests.get(f"{self.sandbox_url}/control/guilds/{self.demo['guild_id']}", timeout=30).json()

    def rooms(self, title: str = "") -> dict[str, set[str]]:
        """The coaching channels of the guild by id, each with the accounts that can see it; or those of calls of this
        title: tests that share a site leave calls of their own.
        """
        channels = [
            channel for channel in self.guild()["channels"] if channel["type"] == VOICE and code_in(channel["name"])
        ]
        channels = [channel for channel in channels if title in channel["name"]]
        return {channel["id"]: set(channel["visible_to"]) for channel in channels}

    def members(self) -> set[str]:
        """The accounts in the demo's guild."""
        return {member["user_id"] for member in self.guild()["members"]}

    def leave_guild(self, username: str) -> None:
        """The account is in the demo's guild no more."""
        leaving = {"guild_id": self.demo["guild_id"], "user_id": self.people()[username], "action": "leave"}
        requests.post(f"{self.sandbox_url}/control/member", json=leaving, timeout=30).raise_for_status()

    def people(self) -> dict[str, str]:
        """The ids of all accounts in the sandbox, by user name."""
        people = requests.get(f"{self.sandbox_url}/control/people", timeout=30).json()["people"]
        return {person["username"]: person["id"] for person in people}


def load_demo(data_dir: Path) -> None:
    """A new folder has a demo in it, as `make run` begins one."""
    subprocess.run([sys.executable, "scripts/compress_static.py"], cwd=HOME, check=True)  # as `make run` does
    own = {"DEMO": "1", "DATA_DIR": str(data_dir)}
    command = [sys.executable, "-m", "flask", "demo", "load"]
    subprocess.run(command, cwd=HOME, env=plain_environment() | CHEAP_HASHING | own, check=True, capture_output=True)


@contextmanager
def fresh_site(demo: Path, data_dir: Path, **environment: str) -> Iterator[Site]:
    """A site of its own, on a copy of the demo that lies in a folder."""
    greenroom = Greenroom(shutil.copytree(demo, data_dir), free_ports(), None, **CHEAP_HASHING, **environment)
    try:
        site = Site(greenroom)
        try:
            yield site
        finally:
            site.close()
    finally:
        if greenroom.process.poll() is None:
            greenroom.end()
