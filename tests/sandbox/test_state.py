"""What the sandbox remembers, also after it was killed."""

import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

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
    state = State(tmp_path / "a.sqlite3", clock)
    with state.transaction():
        state.put(Person("1", "one", None))
    with pytest.raises(RuntimeError):
        _fail_half_way(state)
    assert [person.username for person in state.every(Person)] == ["one"]
    state.close()


def test_new_ids_rise_even_when_the_clock_stands_still(tmp_path, clock):
    state = State(tmp_path / "a.sqlite3", clock)
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


def test_what_was_answered_survives_a_kill(tmp_path):
    port = _free_port()
    api = f"http://127.0.0.1:{port}/api/v10"
    made = []
    for _ in range(2):
        server = _launch(tmp_path, port)
        try:
            listed = {c["id"] for c in _patiently(f"{api}{CHANNELS}").json()}
            assert set(made) <= listed
            body = {"name": "Room", "type": 2}
            answer = requests.post(f"{api}{CHANNELS}", json=body, headers={"Authorization": "Bot b"}, timeout=5)
            made.append(answer.json()["id"])
        finally:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()
    assert len(set(made)) == 2


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
    command = [sys.executable, "-m", "gunicorn", "-k", "gthread", "-w", "1", "--threads", "4", "--no-control-socket"]
    return subprocess.Popen(
        [*command, "--log-level", "error", "-b", f"127.0.0.1:{port}", "sandbox.app:create_app()"],
        cwd=ROOT,
        env=environ,
        start_new_session=True,
    )


def _patiently(address: str) -> requests.Response:
    for _ in range(100):
        try:
            return requests.get(address, headers={"Authorization": "Bot b"}, timeout=5)
        except requests.ConnectionError:
            time.sleep(0.1)
    raise AssertionError("The sandbox did not start within 10 s.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
