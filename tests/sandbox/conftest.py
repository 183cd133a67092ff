"""A sandbox of its own for each test, and one that is really served for what needs a socket."""

import base64
import hashlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from sandbox import seed
from sandbox.app import create_app
from sandbox.config import SandboxConfig

APP_URL = "http://127.0.0.1:5000"
REDIRECT_URI = APP_URL + "/api/auth/discord/callback"
SECRET = "a-client-secret"
BOT = {"Authorization": "Bot a-bot-token", "User-Agent": "DiscordBot (https://example.com, 1)"}
VERIFIER = "v" * 48
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += seconds


class Discord:
    """The sandbox as a test speaks to it."""

    def __init__(self, app: Flask, clock: Clock) -> None:
        self.app = app
        self.clock = clock
        self.client: FlaskClient = app.test_client()

    def api(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """One REST call as the bot."""
        return self.client.open("/api/v10" + path, method=method, json=body, headers={**BOT, **headers})

    def made(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The JSON of a REST call that has to succeed."""
        answer = self.api(method, path, body, **headers)
        assert answer.status_code < 300, answer.text
        return answer.json

    def control(self, path: str, **body: Any) -> TestResponse:
        """One act by hand."""
        return self.client.post("/control" + path, json=body)

    def guild(self, guild_id: str = seed.GUILD_ID) -> Any:
        """The guild as the control address tells it."""
        return self.client.get(f"/control/guilds/{guild_id}").json

    def channel(self, channel_id: str) -> Any:
        """One channel out of the guild's control view, or None."""
        return next((c for c in self.guild()["channels"] if c["id"] == channel_id), None)

    def authorize(self, person: str, decision: str = "authorize", **differences: Any) -> TestResponse:
        """Somebody's answer on the consent page."""
        form = {"person": person, "decision": decision, **differences.pop("form", {})}
        return self.client.post(authorize_address(**differences), data=form)

    def code(self, person: str, **differences: Any) -> str:
        """A fresh code of somebody who agreed."""
        return parse_qs(urlsplit(self.authorize(person, **differences).location).query)["code"][0]

    def exchange(self, code: str, **differences: Any) -> TestResponse:
        """The token address asked about a code."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": REDIRECT_URI,
            "code_verifier": VERIFIER,
            "client_id": seed.APPLICATION_ID,
            "client_secret": SECRET,
        } | differences
        form = {name: value for name, value in form.items() if value is not None}
        return self.client.post("/api/v10/oauth2/token", data=form)

    def access_token(self, person: str, scope: str = "identify guilds.join") -> str:
        """An access token of somebody who agreed to these scopes."""
        return self.exchange(self.code(person, scope=scope)).json["access_token"]


def authorize_address(**differences: Any) -> str:
    """The address our product sends people to."""
    query = {
        "response_type": "code",
        "client_id": seed.APPLICATION_ID,
        "scope": "identify guilds.join",
        "redirect_uri": REDIRECT_URI,
        "state": "a-state",
        "prompt": "consent",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    } | differences
    return "/oauth2/authorize?" + urlencode({name: value for name, value in query.items() if value is not None})


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def config(tmp_path: Path, clock: Clock) -> SandboxConfig:
    return SandboxConfig(tmp_path, APP_URL, SECRET, "a-bot-token", clock=clock)


@pytest.fixture
def start(config: SandboxConfig, clock: Clock) -> Iterator[Callable[[], Discord]]:
    """Starts a sandbox on the test's data directory; each start is a process's worth."""
    started = []

    def begin() -> Discord:
        discord = Discord(create_app(config), clock)
        # A fixed clock would let no limit ever end; tests about limits set their own.
        discord.app.extensions["sandbox"].limits.allowances.overall = (10_000, 1)
        discord.app.extensions["sandbox"].limits.allowances.otherwise = (10_000, 1)
        started.append(discord)
        return discord

    yield begin
    for discord in started:
        discord.app.extensions["sandbox"].state.close()


@pytest.fixture
def discord(start: Callable[[], Discord]) -> Discord:
    return start()


@pytest.fixture
def served(discord: Discord) -> Iterator[str]:
    """The address of a sandbox that listens on a real socket."""
    server = make_server("127.0.0.1", 0, discord.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()
