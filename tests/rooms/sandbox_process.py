"""A real sandbox, a proxy in front of it that kills at a chosen call, and a worker process to be killed."""

import multiprocessing
import os
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import requests

HOME = Path(__file__).resolve().parents[2]
BOT_TOKEN = "bot-token-for-tests"
ONE_TICK = """
from datetime import timedelta
import tasks
from coaching.rooms.reconciler.loop import Reconciler
with tasks.connected():
    reconciler = Reconciler(tasks.host, tasks.clock.both)
    reconciler.settle(timedelta(seconds=50), patience=timedelta(seconds=5), fresh_for=timedelta(seconds=50))
"""

# Where a process forks from that has imported everything: without that each worker takes a second of processor time.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["app", "huey"])


class Sandbox:
    """The stand-in for Discord in a process of its own, as `make run` starts it."""

    def __init__(self, data_dir: Path, threads: int = 8) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        own = {
            "SANDBOX_PORT": str(self.port),
            "DATA_DIR": str(data_dir),
            "APP_URL": "http://localhost:8000",
            "DISCORD_CLIENT_SECRET": "client-secret-for-tests",
            "DISCORD_BOT_TOKEN": BOT_TOKEN,
        }
        serve = f"-b 127.0.0.1:{self.port} -w 1 -k gthread --threads {threads} --no-control-socket".split()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", *serve, "--log-level", "warning", "sandbox.app:create_app()"],
            cwd=HOME,
            env=plain_environment() | own,
        )
        self._wait()

    def guild(self, guild_id: str) -> dict[str, Any]:
        """The guild as it really is."""
        answer: dict[str, Any] = requests.get(f"{self.url}/control/guilds/{guild_id}", timeout=5).json()
        return answer

    def act(self, control: str, **body: Any) -> None:
        """One act by hand."""
        requests.post(f"{self.url}/control/{control}", json=body, timeout=5).raise_for_status()

    def lift_limits(self) -> None:
        """No call is told to wait, however fast they come."""
        known = requests.get(f"{self.url}/control/limits", timeout=5).json()
        plenty = [100_000, 1]
        self.act("limits", overall=plenty, otherwise=plenty, buckets=dict.fromkeys(known["buckets"], plenty))

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(10)

    def _wait(self) -> None:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                requests.get(f"{self.url}/control/people", timeout=1)
                return
            except (requests.ConnectionError, requests.Timeout):
                time.sleep(0.05)
        self.end()
        raise AssertionError("the sandbox did not start")


class KillingProxy:
    """Hands calls on to the sandbox; at the chosen one it kills the worker instead of handing the answer back."""

    def __init__(self, sandbox: Sandbox) -> None:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # The head and the body of an answer go apart: without this the body waits 40 ms for the caller's word.
            disable_nagle_algorithm = True

            def hand_on(self) -> None:
                proxy.hand_on(self)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = hand_on

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing is printed."""

        self.sandbox = sandbox
        self.session = requests.Session()
        self.calls: list[str] = []
        self.victim: BaseProcess | None = None
        self.kill_at: tuple[str, bool] | None = None  # method, and whether the call has its effect before
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.api_url = f"http://127.0.0.1:{self.server.server_port}/api/v10"
        # It looks so often whether it is to end; every half second without being told.
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def hand_on(self, caller: BaseHTTPRequestHandler) -> None:
        body = caller.rfile.read(int(caller.headers.get("Content-Length") or 0))
        call = f"{caller.command} {shape(caller.path)}"
        self.calls.append(call)
        fate = self.kill_at if self.kill_at and self.kill_at[0] == call else None
        if fate and not fate[1]:
            self.kill()
            return
        headers = {name: value for name, value in caller.headers.items() if name != "Host"}
        answer = self.session.request(
            caller.command, self.sandbox.url + caller.path, data=body, headers=headers, timeout=10
        )
        if fate:
            self.kill()
            return
        caller.send_response(answer.status_code)
        for name in ("Content-Type", "Retry-After"):
            if name in answer.headers:
                caller.send_header(name, answer.headers[name])
        caller.send_header("Content-Length", str(len(answer.content)))
        caller.end_headers()
        caller.wfile.write(answer.content)

    def kill(self) -> None:
        assert self.victim
        self.kill_at = None
        self.victim.kill()
        self.victim.join(5)

    def end(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.session.close()


def shape(path: str) -> str:
    """A call's path without its ids: `/channels/*/messages`."""
    return "/".join("*" if part.isdigit() else part for part in path.removeprefix("/api/v10").split("/"))


def start_worker(database_url: str, data_dir: Path, api_url: str) -> BaseProcess:
    """A process that runs the worker's own task once."""
    worker = FORKS.Process(target=tick_once, args=(worker_environment(database_url, data_dir, api_url),))
    worker.start()
    return worker


def tick_once(environment: dict[str, str]) -> None:
    """The worker's own task once, in the process of a worker that has this environment."""
    os.environ.clear()
    os.environ.update(environment)
    exec(ONE_TICK, {})


def in_process_of_its_own(code: str, database_url: str, data_dir: Path, *arguments: str) -> str:
    """What Python code prints that runs as a worker does, in a new process; it has to end well."""
    finished = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=HOME,
        env=worker_environment(database_url, data_dir, "http://127.0.0.1:9/api/v10"),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def worker_environment(database_url: str, data_dir: Path, api_url: str) -> dict[str, str]:
    """What a worker has to be told."""
    return plain_environment() | {
        "APP_URL": "http://localhost:8000",
        "DATA_DIR": str(data_dir),
        "DATABASE_URL": database_url,
        "SECRET_KEY": "a key for tests only, 0123456789 abcdef",
        "DISCORD_CLIENT_ID": "1210000000000000001",
        "DISCORD_CLIENT_SECRET": "client-secret-for-tests",
        "DISCORD_BOT_TOKEN": BOT_TOKEN,
        "DISCORD_API_URL": api_url,
    }


def plain_environment() -> dict[str, str]:
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
