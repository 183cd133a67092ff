"""50 clients for half a minute, in ten seconds of which somebody holds the database: SQLite, then PostgreSQL.

Each client looks at its coach's page and now and then books a time; refused, it sends the form that came with the
refusal. Goals: no booking lost or made twice, what was typed in every refusal, /readyz red while nothing can be written
and green otherwise, no refusal of what was sent after the first success, no page over 3 s, a log of a few lines.
SECONDS=120 for the two minutes of the promise, LOCKED and CLIENTS for more or less, STORES=sqlite for that one only.
"""

import asyncio
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from typing import IO
from urllib.parse import urlencode

from flask import Flask

from app import create_app
from coaching.accounts.mutations import start_sign_in
from coaching.booking.models import CoachingSession
from coaching.booking.slot_queries import free_slots
from coaching.booking.slots import Span
from coaching.catalog.models import Offer
from coaching.db import database
from coaching.hours.queries import weekly_hours
from coaching.runtime.mutations import record_heartbeat
from coaching.runtime.queries import WORKER
from settings import Settings
from tests import crowd, databases, factories
from tests.locking import holding
from tests.pages import form_to

CLIENTS = int(os.environ.get("CLIENTS", 50))
SECONDS, LOCKED = float(os.environ.get("SECONDS", 30)), float(os.environ.get("LOCKED", 10))
STORES = os.environ.get("STORES", "sqlite postgres").split()
LOCKED_AFTER = (SECONDS - LOCKED) / 3
THINKS = 1.0  # seconds between two requests of a client, more or less
ONE_IN = 6  # requests books
TYPED = "Notes of {number}:\n<b>words</b> “kept”"
# How long the answer of /readyz may lag behind.
GRACE = 3.5


@dataclass
class Client:
    """One student in a browser of their own, with the times to book at one coach."""

    number: int
    cookie: str
    page: str
    offer: str
    slots: list[datetime]


@dataclass
class Seen:
    """What the clients met; times from the start, in seconds."""

    began: float
    booked: list[str] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    pages: list[tuple[float, float]] = field(default_factory=list)  # when, how long
    posts: list[tuple[float, float]] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)  # when that was sent which was refused
    succeeded: list[float] = field(default_factory=list)  # when a booking was answered
    without_words: int = 0
    unfinished: int = 0
    ready: list[tuple[float, bool, float]] = field(default_factory=list)

    @property
    def now(self) -> float:
        return time.monotonic() - self.began


def main() -> None:
    for store in STORES:
        with tempfile.TemporaryDirectory() as folder:
            if store == "sqlite":
                report(store, Path(folder), databases.SqliteDatabases(Path(folder)).fresh())
                continue
            made = databases.PostgresDatabases(Path(folder) / "postgres", "locked")
            report(store, Path(folder), made.fresh())
            databases.close()
            made.close()


def report(store: str, folder: Path, url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = crowd.environment(folder / "data", url, port)
    app = create_app(Settings.from_env(settings))
    with database.connection_context():
        clients = [prepared(app, number, port) for number in range(CLIENTS)]
        record_heartbeat(WORKER, datetime.now(UTC))
    log = folder / "log"
    with log.open("w") as output, serving(settings, port, output):
        seen = Seen(time.monotonic())
        holder = threading.Thread(target=hold, args=(url, seen))
        holder.start()
        asyncio.run(run(clients, port, seen))
        holder.join()
    with database.connection_context():
        codes = {row.code for row in CoachingSession.select()}
    databases.close()
    print_report(store, seen, codes, log.read_text())


def prepared(app: Flask, number: int, port: int) -> Client:
    student = factories.make_person(f"Student {number}", linked_as=str(7000 + number))
    product = factories.make_product(grid_minutes=60)
    offer, now = Offer.get(Offer.product == product), datetime.now(UTC)
    assert product.schedule
    window = Span(now + timedelta(hours=2), now + timedelta(days=20))
    # Other ones for each client, who would otherwise all be after the same.
    slots = free_slots(product, offer, weekly_hours(product.schedule), window, now)
    token = start_sign_in(student, now, browser="crowd")
    cookie = crowd.cookie_of(app, {"_user_id": token, "_fresh": True, "holder": student.id})
    page = f"/s/{product.store.slug}/{product.slug}"
    return Client(number, f"greenroom_{port}={cookie}", page, str(offer.id), slots)


@contextmanager
def serving(settings: dict[str, str], port: int, output: IO[str]) -> Iterator[None]:
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    command = [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", "app:create_app()"]
    process = subprocess.Popen(command, cwd=crowd.HOME, env=inherited | settings, stderr=output)
    crowd.wait_until_up(port, process)
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)


def hold(url: str, seen: Seen) -> None:
    time.sleep(LOCKED_AFTER)
    with holding(url):
        time.sleep(LOCKED)


async def run(clients: list[Client], port: int, seen: Seen) -> None:
    polling = asyncio.create_task(poll(port, seen))
    await asyncio.gather(*(visit(client, port, seen) for client in clients))
    polling.cancel()


async def poll(port: int, seen: Seen) -> None:
    while True:
        sent = seen.now
        status, _, _ = await ask(port, request("GET", "/readyz", port))
        seen.ready.append((sent, status == 200, seen.now - sent))
        await asyncio.sleep(0.5)


async def visit(client: Client, port: int, seen: Seen) -> None:
    chance = random.Random(client.number)
    await asyncio.sleep(chance.uniform(0, THINKS))
    while seen.now < SECONDS:
        if chance.randrange(ONE_IN) or not client.slots:
            sent = seen.now
            status, _, _ = await ask(port, request("GET", client.page, port, client.cookie))
            seen.answers[f"GET {status}"] += 1
            seen.pages.append((sent, seen.now - sent))
        else:
            await book(client, port, seen)
        await asyncio.sleep(chance.uniform(0.5, 1.5) * THINKS)


async def book(client: Client, port: int, seen: Seen) -> None:
    """One booking, sent again with the form of each refusal until it is taken."""
    action = f"{client.page}/sessions"
    fields = {
        "offer": client.offer,
        "starts_at": f"{client.slots.pop(0):%Y-%m-%dT%H:%M:00Z}",
        "form_key": f"key-{client.number}-{len(client.slots)}",
        "notes": TYPED.format(number=client.number),
    }
    typed = dict(fields)
    for _ in range(20):
        sent = seen.now
        status, headers, body = await ask(port, request("POST", action, port, client.cookie, fields))
        seen.answers[f"POST {status}"] += 1
        seen.posts.append((sent, seen.now - sent))
        if status != 503:
            if status == 303:
                seen.booked.append(headers["location"].rpartition("/")[2])
                seen.succeeded.append(seen.now)
            return
        seen.refused.append(sent)
        try:
            fields = form_to(body, action).fields
        except AssertionError:
            fields = {}
        if {name: fields.get(name) for name in typed} != typed or "retry-after" not in headers:
            seen.without_words += 1
            fields = typed
        await asyncio.sleep(min(float(headers.get("retry-after", 1)), 2))
    seen.unfinished += 1


def request(method: str, path: str, port: int, cookie: str = "", fields: dict[str, str] | None = None) -> bytes:
    body = urlencode(fields or {})
    lines = [f"{method} {path} HTTP/1.1", f"Host: localhost:{port}", f"Cookie: {cookie}", "Connection: close"]
    if fields is not None:
        lines += [
            f"Origin: http://localhost:{port}",
            "Content-Type: application/x-www-form-urlencoded",
            f"Content-Length: {len(body)}",
        ]
    return "\r\n".join([*lines, "Accept-Encoding: identity", "", body]).encode()


async def ask(port: int, sent: bytes) -> tuple[int, dict[str, str], str]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    status, *headers = head.decode().split("\r\n")
    return int(status.split()[1]), dict(line.lower().split(": ", 1) for line in headers), body.decode()


def print_report(store: str, seen: Seen, codes: set[str], log: str) -> None:
    until = LOCKED_AFTER + LOCKED
    booked = set(seen.booked)
    first = min((at for at in seen.succeeded if at > until), default=0.0)
    late_refusals = [at for at in seen.refused if first and at > first]
    wrong_yes = [at for at, ready, _ in seen.ready if ready and LOCKED_AFTER + GRACE < at < until - GRACE]
    wrong_no = [at for at, ready, _ in seen.ready if not ready and (at < LOCKED_AFTER - 0.5 or at > until + GRACE)]
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    events = [line for line in lines if line["event"] != "request"]
    tracebacks = sum("exception" in line for line in lines) + sum("Traceback" in line for line in log.splitlines())
    others = len(log.splitlines()) - len(lines)
    print(f"  {store}: {CLIENTS} clients, {SECONDS:.0f} s, held for {LOCKED:.0f} s (load {os.getloadavg()[0]:.1f})")
    print(f"    answers {dict(sorted(seen.answers.items()))}")
    print(
        f"    bookings {len(seen.booked)}: {len(booked - codes)} lost, {len(codes - booked)} unknown to their client,"
        f" {len(seen.booked) - len(booked)} twice, {seen.unfinished} given up; {len(seen.refused)} refusals,"
        f" {seen.without_words} without what was typed, {len(late_refusals)} after the first success"
    )
    print(
        f"    pages {spread(seen.pages)}; meanwhile {spread(during(seen.pages, until))};"
        f" forms meanwhile {spread(during(seen.posts, until))}"
    )
    print(
        f"    /readyz asked {len(seen.ready)} times, {sum(not ready for _, ready, _ in seen.ready)} times no,"
        f" {len(wrong_yes)} wrong yes, {len(wrong_no)} wrong no, slowest {max(took for _, _, took in seen.ready):.1f} s"
    )
    print(f"    log beside the requests: {len(events)} lines, {tracebacks} tracebacks, {others} lines that are no JSON")


def during(times: list[tuple[float, float]], until: float) -> list[tuple[float, float]]:
    return [(at, took) for at, took in times if LOCKED_AFTER <= at < until]


def spread(times: list[tuple[float, float]]) -> str:
    seconds = sorted(took for _, took in times)
    if len(seconds) < 2:
        return "too few"
    return (
        f"p50 {seconds[len(seconds) // 2]:.2f} s, p95 {quantiles(seconds, n=20)[-1]:.2f} s, slowest {seconds[-1]:.2f} s"
    )


if __name__ == "__main__":
    main()
