"""What the sandbox remembers, also after it was killed."""

import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
import requests

from sandbox import seed
from sandbox.records import Person
from sandbox.state import State

ROOT = Path(__file__).parents[2]
CHANNELS = f"/guilds/{seed.GUILD_ID}/channels"


def test_everything_is_there_after_a_restart(start):
    before = start()
    overwrites = [{"id": seed.COACH_ID, "type": 1, "allow": "1024"}]
    channel = before.made("POST", CHANNELS, {"name": "a", "type": 2, "permission_overwrites": overwrites})
    body = {"content": "Welcome", "nonce": "n", "enforce_nonce": True}
    sent = before.made("POST", f"/channels/{channel['id']}/messages", body)
    before.control("/voice", guild_id=seed.GUILD_ID, user_id=seed.COACH_ID, channel_id=channel["id"])
    token = before.access_token(seed.NEWCOMER_ID)
    after = start()
    assert after.guild() == before.guild()
    assert after.made("GET", f"/channels/{channel['id']}") == channel | {"last_message_id": sent["id"]}
    assert after.made("POST", f"/channels/{channel['id']}/messages", body)["id"] == sent["id"]
    joined = after.api("PUT", f"/guilds/{seed.GUILD_ID}/members/{seed.NEWCOMER_ID}", {"access_token": token})
    assert joined.status_code == 201


def test_a_change_that_fails_half_way_leaves_nothing(tmp_path, clock):
    state = State(tmp_path / "a.sqlite3", clock, _plant_nothing)
    with state.transaction():
        state.put(Person("1", "one", None))
    with pytest.raises(RuntimeError):
        _fail_half_way(state)
    assert [person.username for person in state.every(Person)] == ["one"]
    state.close()


def test_new_ids_rise_even_when_the_clock_stands_still(tmp_path, clock):
    state = State(tmp_path / "a.sqlite3", clock, _plant_nothing)
    ids = [int(state.new_id()) for _ in range(100)]
    assert ids == sorted(set(ids))
    state.close()


def test_many_at_once_lose_nothing(discord, served):
    def make(number: int) -> str:
        answer = requests.post(
            f"{served}/api/v10{CHANNELS}",
            json={"name": f"r{number}"},
            headers={"Authorization": "Bot a-bot-token"},
            timeout=10,
        )
        return answer.json()["id"]

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(make, range(40)))
    assert len(set(made)) == 40
    assert set(made) <= {channel["id"] for channel in discord.guild()["channels"]}


def test_what_was_answered_survives_the_kill_of_a_worker_and_of_everything(tmp_path):
    port = _free_port()
    made = []
    server = _launch(tmp_path, port)
    try:
        made.append(_make_channel(port))
        # The master forks the next worker from an app it loaded before any of this happened.
        psutil.Process(server.pid).children()[0].kill()
        made.append(_make_channel(port))
    finally:
        _kill(server)
    server = _launch(tmp_path, port)
    try:
        made.append(_make_channel(port))
        listed = {channel["id"] for channel in _patiently(port, "GET").json()}
    finally:
        _kill(server)
    assert len(set(made)) == 3
    assert set(made) <= listed


def _plant_nothing(state: State) -> None:
    """An empty world stays empty."""


def _fail_half_way(state: State) -> None:
    with state.transaction():
        state.put(Person("1", "changed", None))
        state.put(Person("2", "two", None))
        raise RuntimeError


def _launch(data_dir: Path, port: int) -> subprocess.Popen[bytes]:
    """The sandbox as it is really started, in a process group of its own."""
    environ = {
        "PATH": os.environ["PATH"],
        "APP_URL": "http://127.0.0.1:5000",
        "DATA_DIR": str(data_dir),
        "DISCORD_CLIENT_SECRET": "s",
        "DISCORD_BOT_TOKEN": "b",
        "SANDBOX_PORT": str(port),
    }
    command = [sys.executable, "-m", "gunicorn", "-k", "gthread", "-w", "1", "--threads", "4", "--preload"]
    return subprocess.Popen(
        [
            *command,
            "--no-control-socket",
            "--log-level",
            "critical",
            "-b",
            f"127.0.0.1:{port}",
            "sandbox.app:create_app()",
        ],
        cwd=ROOT,
        env=environ,
        start_new_session=True,
    )


def _kill(server: subprocess.Popen[bytes]) -> None:
    os.killpg(server.pid, signal.SIGKILL)
    server.wait()


def _make_channel(port: int) -> str:
    return _patiently(port, "POST", {"name": "Room", "type": 2}).json()["id"]


def _patiently(port: int, method: str, body: dict[str, object] | None = None) -> requests.Response:
    """The answer, once there is one: nobody listens yet, or a killed worker has no successor yet."""
    address = f"http://127.0.0.1:{port}/api/v10{CHANNELS}"
    for _ in range(100):
        try:
            return requests.request(method, address, json=body, headers={"Authorization": "Bot b"}, timeout=5)
        except requests.ConnectionError:
            time.sleep(0.1)
    raise AssertionError("The sandbox did not answer within 10 s.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
