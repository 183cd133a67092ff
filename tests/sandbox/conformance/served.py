"""The sandbox on a real loopback socket, for libraries that know nothing of Flask."""

import asyncio
import threading
import time
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from werkzeug.serving import make_server

from sandbox.app import create_app
from sandbox.config import SandboxConfig
from tests.sandbox.conformance.witness import API, Witness
from tests.sandbox.conftest import APP_URL, SECRET, Clock, Discord

T = TypeVar("T")
BOT_TOKEN = "a-bot-token"
LINK = "https://greenroom.example/sessions/kxvbq"
REASON = "Raum für Nova / Sam, 100 %"


@dataclass
class ServedSandbox:
    """One served sandbox: its address, its hands (control), and everything that was said to it."""

    url: str
    discord: Discord
    witness: Witness

    @property
    def api_url(self) -> str:
        return self.url + API

    def act(self, control: str, **body: Any) -> Any:
        """Somebody does something by hand."""
        answer = self.discord.control(f"/{control}", **body)
        assert answer.status_code == 200, answer.text
        return answer.json

    def roles_of(self, user_id: str) -> list[str]:
        """The member's roles as the sandbox knows them."""
        return next(member["roles"] for member in self.discord.guild()["members"] if member["user_id"] == user_id)

    def statuses(self, path_ending: str = "") -> list[int]:
        """The answers so far, of calls whose path ends so."""
        return [exchange.status for exchange in self.witness.exchanges if exchange.path.endswith(path_ending)]


@dataclass
class Observations:
    """What a library came to know during a session's life; both libraries have to be told the same."""

    facts: dict[str, Any] = field(default_factory=dict)
    refusals: dict[str, int] = field(default_factory=dict)


class RunningClock(Clock):
    """The machine's clock: libraries really wait."""

    def __call__(self) -> float:
        return time.time()


@contextmanager
def serve_sandbox(data_dir: Path) -> Iterator[ServedSandbox]:
    """A served sandbox that knows real time; it ends with the block."""
    clock = RunningClock()
    app = create_app(SandboxConfig(data_dir, APP_URL, SECRET, BOT_TOKEN, clock=clock))
    witness = Witness(app)
    server = make_server("127.0.0.1", 0, witness, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield ServedSandbox(f"http://127.0.0.1:{server.port}", Discord(app, clock), witness)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        app.extensions["sandbox"].state.close()


def lead(observed: Coroutine[Any, Any, T]) -> T:
    """What the story comes to, told in a thread of its own: this one has Playwright's loop if a browser ran before."""
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(asyncio.run, observed).result()
