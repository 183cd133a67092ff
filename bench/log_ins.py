"""120 people who sign in at once, two web workers: how much longer everybody else waits for a page meanwhile.

The others' slowest twentieth may wait five times as long as on a quiet site. Whoever is told to come back does so,
until all are in or the time is over.
"""

import asyncio
import re
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import median, quantiles
from time import perf_counter
from urllib.parse import urlencode

from argon2 import PasswordHasher

from bench.yardstick import measure_y
from coaching.db import database
from tests import crowd, factories

PEOPLE = 120
OTHERS = 6
PAUSE = 0.2
QUIET_SECONDS = 6
LONGEST = 40
MOST_TIMES = 5
PORT = 5096
RETRY_AFTER = re.compile(rb"(?i)\r\nretry-after: *([0-9]+)")
LENGTH = re.compile(rb"(?i)\r\ncontent-length: *([0-9]+)")


@dataclass
class Seen:
    """How long the others waited, and what became of those who signed in."""

    waits: list[float] = field(default_factory=list)
    first_answers: dict[int, int] = field(default_factory=dict)
    signed_in: int = 0
    under_way: int = 0
    seconds: float = 0


def main() -> None:
    with crowd.empty_site(PORT) as settings:
        with database.connection_context():
            # As dear as in production: the tests' own hashes cost nothing.
            password_hash = PasswordHasher().hash(factories.PASSWORD)
            people = [factories.make_person(f"P{n}", password_hash=password_hash).email or "" for n in range(PEOPLE)]
            product = factories.make_product(grid_minutes=60)
        page = f"/s/{product.store.slug}/{product.slug}"
        with crowd.serving(settings | {"TRUSTED_PROXIES": "1"}):
            quiet, rush = asyncio.run(measure(page, people))
    report(quiet, rush)


async def measure(page: str, people: list[str]) -> tuple[Seen, Seen]:
    """The quiet site, then the rush."""
    await asyncio.gather(*(ask(get(page, n)) for n in range(16)))  # nobody's first visit is measured
    quiet, rush = Seen(), Seen()
    await while_others_look(page, quiet, asyncio.sleep(QUIET_SECONDS))
    begin = perf_counter()
    signing_in = asyncio.gather(*(sign_in(email, n, rush) for n, email in enumerate(people)))
    await while_others_look(page, rush, signing_in)
    rush.seconds = perf_counter() - begin
    return quiet, rush


async def while_others_look(page: str, seen: Seen, act: Awaitable[object]) -> None:
    """The others open the page again and again until the act is done."""
    is_over = asyncio.Event()
    looking = [asyncio.create_task(look(page, n, seen, is_over)) for n in range(OTHERS)]
    await act
    is_over.set()
    await asyncio.gather(*looking)


async def look(page: str, number: int, seen: Seen, is_over: asyncio.Event) -> None:
    while not is_over.is_set():
        begin, is_rush = perf_counter(), seen.under_way > 0
        await ask(get(page, number))
        # Between two rushes it is as quiet as before.
        if is_rush or seen.under_way or not seen.first_answers:
            seen.waits.append(perf_counter() - begin)
        await asyncio.sleep(PAUSE)


async def sign_in(email: str, number: int, seen: Seen) -> None:
    """Until it worked: who is told to come back does so."""
    begin = perf_counter()
    is_first = True
    while perf_counter() - begin < LONGEST:
        seen.under_way += 1
        status, come_back_seconds = await ask(post_sign_in(email, number))
        seen.under_way -= 1
        if is_first:
            seen.first_answers[status] = seen.first_answers.get(status, 0) + 1
            is_first = False
        if status == 303:
            seen.signed_in += 1
            return
        await asyncio.sleep(come_back_seconds)


async def ask(request: bytes) -> tuple[int, int]:
    """The status of the answer and when to come back, in seconds.

    Once all of it is there: browsers and proxies wait for no end of the connection.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    try:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = LENGTH.search(head)
        assert length, "every answer of the site says how long it is"
        await reader.readexactly(int(length[1]))
        retry_after = RETRY_AFTER.search(head)
        return int(head.split(b" ", 2)[1]), int(retry_after[1]) if retry_after else 0
    finally:
        writer.close()


def get(page: str, number: int) -> bytes:
    return head("GET", page, f"203.0.113.{number % 250}").encode()


def post_sign_in(email: str, number: int) -> bytes:
    body = urlencode({"email": email, "password": factories.PASSWORD})
    lines = f"Origin: http://localhost:{PORT}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    return f"{head('POST', '/sign-in', f'198.51.100.{number}', lines, len(body))}{body}".encode()


def head(method: str, path: str, address: str, lines: str = "", length: int = 0) -> str:
    return (
        f"{method} {path} HTTP/1.1\r\nHost: localhost:{PORT}\r\nX-Forwarded-For: {address}\r\n"
        f"Connection: close\r\n{lines}Content-Length: {length}\r\n\r\n"
    )


def report(quiet: Seen, rush: Seen) -> None:
    before, during = p95(quiet.waits), p95(rush.waits)
    print(
        f"  {datetime.now(UTC):%H:%M} {PEOPLE} at once: {rush.signed_in} signed in within {rush.seconds:.1f} s,"
        f" first answers {dict(sorted(rush.first_answers.items()))}"
    )
    for name, seen in (("quiet", quiet), ("meanwhile", rush)):
        half, most, slowest = (round(1000 * time) for time in (median(seen.waits), p95(seen.waits), max(seen.waits)))
        print(f"  others, {name}: {len(seen.waits)} pages, median {half} ms, p95 {most} ms, slowest {slowest} ms")
    print(f"  p95 {during / before:.1f} times that of a quiet site (at most {MOST_TIMES}); Y = {measure_y():.3f} s")


def p95(waits: list[float]) -> float:
    return quantiles(waits, n=20)[-1]


if __name__ == "__main__":
    main()
