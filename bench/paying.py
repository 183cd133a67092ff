"""Students book and pay by card at once over HTTP: two web workers, and the stand-in for Stripe with its own page.

Each fills in the form, is led to the page, pays there, and is led back; in the end every seat is paid and scheduled,
and the stand-in has charged each of them once. 8 students at a time, on SQLite and PostgreSQL. The stand-in is one
process on the same machine, and writes all it is told to its file before each answer: its share is said as well.
Goal: 3 bookings per Y (6 within reach).
"""

import asyncio
import os
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from time import perf_counter
from typing import TypeVar
from urllib.parse import urlencode, urljoin, urlsplit

import requests
from flask import Flask

from app import create_app
from bench.pages import processor_of
from bench.rush import two_months
from bench.yardstick import measure_y
from coaching.accounts.mutations import start_sign_in
from coaching.booking.models import CoachingSession, Seat
from coaching.catalog.models import Offer
from coaching.db import database
from coaching.payments.models import Payment, PaymentAccount
from sandbox.stripe import seed
from settings import Settings
from tests import crowd, databases, factories
from tests.rooms.sandbox_process import Sandbox

PORT, STUDENTS, AT_ONCE = 5096, 120, 8
SITE = f"http://localhost:{PORT}"
PAID = {"outcome": "pays", "email": "somebody@example.com"}
Argument = TypeVar("Argument")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Student:
    """One who is signed in, and the form that they are about to send."""

    cookie: str
    address: str
    form: dict[str, str]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        sandbox = Sandbox(Path(folder) / "sandbox", threads=16)
        try:
            report("SQLite", Path(folder), databases.SqliteDatabases(Path(folder)).fresh(), sandbox)
            # It syncs no file to the disk at a commit, as SQLite with its write-ahead log does not either.
            server = databases.PostgresDatabases(Path(folder) / "postgres", "paying")
            report("PostgreSQL", Path(folder), server.fresh(), sandbox)
            databases.close()
            server.close()
        finally:
            sandbox.end()


def report(store: str, folder: Path, url: str, sandbox: Sandbox) -> None:
    settings = crowd.environment(folder / store, url, PORT) | {"STRIPE_API_URL": sandbox.url, "LOG_LEVEL": "warning"}
    app = create_app(Settings.from_env(settings))
    with database.connection_context():
        students = prepared(app)
    charged = charges(sandbox)
    with crowd.serving(settings) as server:
        # Both workers have drawn a page before, and have loaded what they need to speak to the provider.
        asyncio.run(few_at_a_time(book, students[:AT_ONCE]))
        paying = students[AT_ONCE:]
        before, begin = measure_y(), perf_counter()
        used = processor_of(server.pid), processor_of(sandbox.process.pid)
        seconds = sorted(asyncio.run(pay_all(paying)))
        took = perf_counter() - begin
        used = processor_of(server.pid) - used[0], processor_of(sandbox.process.pid) - used[1]
    y = (before + measure_y()) / 2
    with database.connection_context():
        seated = (
            Seat.select().join(CoachingSession).where(CoachingSession.state == "scheduled", Seat.paid_at.is_null(False))
        )
        assert seated.count() == Payment.select().where(Payment.state == "paid").count() == len(paying)
    assert charges(sandbox) - charged == len(paying)
    cuts, ours, theirs = quantiles(seconds, n=20), *(spent / len(seconds) * 1000 for spent in used)
    print(
        f"  {store:10} {len(seconds)} students: {len(seconds) / took * y:.1f} bookings per Y, each after"
        f" {cuts[9] / y:.2f} Y (median), {cuts[18] / y:.2f} Y (p95); {ours:.0f} ms of processor, and {theirs:.0f} ms of"
        f" the stand-in's (load average {os.getloadavg()[0]:.1f}, Y = {y:.3f} s)",
        flush=True,
    )
    databases.close()


def prepared(app: Flask) -> list[Student]:
    """Students of one coach, each with a time of their own in view."""
    product = factories.make_product(payment="stripe", pay_text="", grid_minutes=60)
    PaymentAccount.create(
        code="bench", store=product.store, key=seed.COACH_KEY, livemode=False, added_at=factories.MADE_AT
    )
    offer, now = Offer.get(Offer.product == product), datetime.now(UTC)
    students = []
    for number, starts_at in enumerate(two_months(product, offer)[:STUDENTS]):
        person = factories.make_person(f"Student {number}", linked_as=str(7000 + number))
        token = start_sign_in(person, now, browser="bench")
        form = {"offer": str(offer.id), "starts_at": f"{starts_at:%Y-%m-%dT%H:%M:00Z}", "form_key": f"paying-{number}"}
        cookie = f"greenroom_{PORT}={crowd.cookie_of(app, {'_user_id': token, '_fresh': True})}"
        students.append(Student(cookie, f"{SITE}/s/{product.store.slug}/{product.slug}/sessions", form))
    return students


async def pay_all(students: list[Student]) -> list[float]:
    """How long each waited for their answers, in seconds: all of them book, and then all of them pay.

    Nobody has typed a card's number within the seconds after which the product asks its provider again.
    """
    booked = await few_at_a_time(book, students)
    paid = await few_at_a_time(pay, [(student, page) for student, (page, _) in zip(students, booked, strict=True)])
    return [first + second for (_, first), second in zip(booked, paid, strict=True)]


async def book(student: Student) -> tuple[str, float]:
    """The address of the page on which they pay, and for how long they waited."""
    begin = perf_counter()
    pay_page = await fetch(student, student.address, student.form)
    await fetch(student, pay_page)
    return pay_page, perf_counter() - begin


async def pay(purchase: tuple[Student, str]) -> float:
    (student, pay_page), begin = purchase, perf_counter()
    session_page = await fetch(student, await fetch(student, pay_page, PAID))
    assert urlsplit(session_page).path.count("/") == 2, session_page
    return perf_counter() - begin


async def few_at_a_time(act: Callable[[Argument], Awaitable[Result]], arguments: Sequence[Argument]) -> list[Result]:
    """What each gives, so many at a time."""
    free = asyncio.Semaphore(AT_ONCE)

    async def act_once(argument: Argument) -> Result:
        async with free:
            return await act(argument)

    return await asyncio.gather(*map(act_once, arguments))


async def fetch(student: Student, address: str, form: dict[str, str] | None = None) -> str:
    """Where the answer leads to; for a page its own address."""
    parts = urlsplit(urljoin(SITE, address))
    body = urlencode(form or {}).encode()
    lines = [
        f"{'POST' if form else 'GET'} {parts.path} HTTP/1.1",
        f"Host: {parts.netloc}",
        f"Origin: {parts.scheme}://{parts.netloc}",
        f"Cookie: {student.cookie}",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    reader, writer = await asyncio.open_connection("127.0.0.1", parts.port)
    writer.write("\r\n".join([*lines, "", ""]).encode() + body)
    head, *_ = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    status, *headers = head.decode().split("\r\n")
    assert status.split()[1] == ("200" if form is None and "stripe/pay" in address else "303"), (address, head)
    return dict(line.split(": ", 1) for line in headers).get("Location", address)


def charges(sandbox: Sandbox) -> int:
    """How many payments the stand-in has taken for the coach."""
    ledger = requests.get(f"{sandbox.url}/control/stripe/ledger?account={seed.COACH}", timeout=30).json()
    return sum(payment["paid"] > 0 for payment in ledger["accounts"][seed.COACH]["payments"])


if __name__ == "__main__":
    main()
