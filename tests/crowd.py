"""Many browsers at once against the real server: gunicorn as in production, one signed-in student a connection."""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from coaching.accounts.models import Person
from coaching.accounts.mutations import start_sign_in
from coaching.db import database, open_database
from tests import databases
from tests.factories import GUILD_ID
from tests.running import LONGEST_START

HOME = Path(__file__).parent.parent


@dataclass(frozen=True)
class Answer:
    """What a browser got, and how long it waited."""

    status: int
    location: str | None
    seconds: float


def environment(data_dir: Path, database_url: str, port: int) -> dict[str, str]:
    """The settings of a server on loopback, as a self-hoster would write them."""
    return {
        "APP_URL": f"http://localhost:{port}",
        "PORT": str(port),
        "DATA_DIR": str(data_dir),
        "DATABASE_URL": database_url,
        "SECRET_KEY": "a key for tests only, 0123456789 abcdef",
        "DISCORD_CLIENT_ID": "1100000000000000100",
        "DISCORD_CLIENT_SECRET": "client-secret-for-tests",
        "DISCORD_BOT_TOKEN": "bot-token-for-tests",
        "DISCORD_GUILD_ID": GUILD_ID,
        # Nobody listens there: a booking needs no Discord.
        "DISCORD_API_URL": "http://127.0.0.1:9/api/v10",
        "DISCORD_CDN_URL": "http://127.0.0.1:9",
        "DISCORD_OAUTH_URL": "http://127.0.0.1:9",
    }


@contextmanager
def empty_site(port: int) -> Iterator[dict[str, str]]:
    """The environment of a site with a fresh, migrated database, which this process speaks to as well."""
    with tempfile.TemporaryDirectory() as folder:
        settings = environment(Path(folder) / "data", f"sqlite:///{folder}/bench.db", port)
        databases.lay_migrated(Path(folder) / "bench.db")
        database.initialize(open_database(settings["DATABASE_URL"]))
        yield settings


@contextmanager
def serving(settings: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """The web server is up with its two workers, and gone afterwards."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    command = [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", "app:create_app()"]
    server = subprocess.Popen(command, cwd=HOME, env=inherited | settings)
    try:
        wait_until_up(int(settings["PORT"]), server)
        yield server
    finally:
        server.terminate()
        server.wait(timeout=10)


def wait_until_up(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + LONGEST_START
    while time.monotonic() < deadline:
        assert server.poll() is None, "the server ended at once"
        if is_up(port):
            return
        time.sleep(0.05)
    raise AssertionError(f"the server did not come up within {LONGEST_START} s")


def is_up(port: int) -> bool:
    with closing(HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
        try:
            connection.request("GET", "/healthz", headers={"Host": f"localhost:{port}"})
            return connection.getresponse().status == 200
        except OSError:
            return False


def post_request(app: Flask, person: Person, address: str, fields: dict[str, str]) -> bytes:
    """The bytes that a browser signed in as `person` sends to `address`."""
    return body_request(app, person, address, urlencode(fields).encode(), "application/x-www-form-urlencoded")


def cookie_of(app: Flask, fields: dict[str, Any]) -> str:
    """What the site would put into the cookie of its session."""
    interface = app.session_interface
    assert isinstance(interface, SecureCookieSessionInterface)
    serializer = interface.get_signing_serializer(app)
    assert serializer
    return str(serializer.dumps(fields))


def body_request(app: Flask, person: Person, address: str, body: bytes, content_type: str) -> bytes:
    """The same with any body."""
    parts = urlsplit(address)
    token = start_sign_in(person, datetime.now(UTC), browser="crowd")
    cookie = cookie_of(app, {"_user_id": token, "_fresh": True})
    lines = [
        f"POST {parts.path} HTTP/1.1",
        f"Host: {parts.netloc}",
        f"Origin: {parts.scheme}://{parts.netloc}",
        # Over plain http a cookie's name carries the port.
        f"Cookie: greenroom_{parts.port}={cookie}",
        f"Content-Type: {content_type}",
        f"Content-Length: {len(body)}",
        "Connection: close",
        "",
        "",
    ]
    return "\r\n".join(lines).encode() + body


def send_at_once(port: int, requests: Sequence[bytes]) -> list[Answer]:
    """Every request on a connection of its own, all connected before the first is sent."""

    async def send_all() -> list[Answer]:
        ready = asyncio.Barrier(len(requests))
        return await asyncio.gather(*(send(port, request, ready) for request in requests))

    return asyncio.run(send_all())


async def send(port: int, request: bytes, ready: asyncio.Barrier) -> Answer:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await ready.wait()
    begin = time.perf_counter()
    writer.write(request)
    head, *_ = (await reader.read()).partition(b"\r\n\r\n")
    seconds = time.perf_counter() - begin
    writer.close()
    await writer.wait_closed()
    status, *headers = head.decode().split("\r\n")
    named = dict(line.lower().split(": ", 1) for line in headers)
    return Answer(int(status.split()[1]), named.get("location"), seconds)
