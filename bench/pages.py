"""Pages over HTTP: two web workers as in production, no demo mode, an outside client at 1 and at 16 connections.

A product's page as a new visitor has it, the month of `bench/slots.py` as htmx fetches it, a store's page. Goals at 16
connections: product page 28 per Y (46 within reach), month 18 per Y with p95 after 1.2 Y (35 within reach).
"""

import asyncio
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from gzip import decompress
from pathlib import Path
from statistics import quantiles
from time import perf_counter

from app import create_app
from bench.slots import fill_database
from bench.yardstick import measure_y
from coaching.catalog.models import Guild, Product, Store
from coaching.db import database
from settings import Settings
from tests import crowd

PORT = 5097
REQUESTS = 480
# The month lies in the future, or nothing is free in it.
MONTH = "2027-03"


@dataclass(frozen=True)
class Page:
    """A page that is asked for, and words that it has to hold."""

    title: str
    address: str
    expected: str
    is_fragment: bool = False

    @property
    def request(self) -> bytes:
        lines = [f"GET {self.address} HTTP/1.1", f"Host: localhost:{PORT}", "Accept-Encoding: gzip"]
        lines += ["HX-Request: true"] if self.is_fragment else []
        return "\r\n".join([*lines, "", ""]).encode()


def main() -> None:
    with crowd.empty_site(PORT) as settings:
        create_app(Settings.from_env(settings))
        with database.connection_context():
            product, _offer = fill_database()
            now = datetime.now(UTC)
            Product.update(title="Mixing call", published_at=now, horizon_days=365).execute()
            Store.update(guild=Guild.create(discord_guild_id="1", seen_at=now), guild_verified_at=now).execute()
            here = f"/s/{product.store.slug}"
        pages = (
            Page("product page", f"{here}/{product.slug}", "Mixing call"),
            Page("month", f"{here}/{product.slug}?month={MONTH}&zone=Europe/Berlin", "March 2027", is_fragment=True),
            Page("store page", here, "Mixing call"),
        )
        for page in pages:
            for connections in (1, 16):
                # A site that nobody has visited for a while each time: no case pays for another one's requests.
                with crowd.serving(settings) as server:
                    asyncio.run(fetch_all(page, 32, 16))
                    report(page, connections, server.pid)


def report(page: Page, connections: int, server: int) -> None:
    before, used = measure_y(), processor_of(server)
    begin = perf_counter()
    seconds = sorted(asyncio.run(fetch_all(page, REQUESTS if connections > 1 else REQUESTS // 4, connections)))
    took, used = perf_counter() - begin, processor_of(server) - used
    y = (before + measure_y()) / 2
    cuts = quantiles(seconds, n=20)
    print(
        f"  {page.title:13}{connections:3} connections: {len(seconds) / took * y:6.1f} per Y,"
        f" median {cuts[9] / y:.2f} Y, p90 {cuts[17] / y:.2f} Y, p95 {cuts[18] / y:.2f} Y,"
        f" {used / len(seconds) * 1000:.1f} ms of processor   (Y = {y:.3f} s)"
    )


def processor_of(server: int) -> float:
    """The seconds of processor time that the server's workers have used: what a busy machine changes least."""
    workers = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    ticks = sum(
        sum(map(int, Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()[11:13])) for worker in workers
    )
    return ticks / os.sysconf("SC_CLK_TCK")


async def fetch_all(page: Page, count: int, connections: int) -> list[float]:
    """How long each answer took, in seconds."""
    waiting = iter(range(count))
    parts = await asyncio.gather(*(fetch(page, waiting) for _ in range(connections)))
    return [second for part in parts for second in part]


async def fetch(page: Page, waiting: Iterator[int]) -> list[float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    seconds = []
    for _ in waiting:
        begin = perf_counter()
        writer.write(page.request)
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        [length] = [int(line.split(": ")[1]) for line in head.split("\r\n") if line.startswith("content-length")]
        body = await reader.readexactly(length)
        seconds.append(perf_counter() - begin)
        assert head.startswith("http/1.1 200"), head
        assert page.expected in decompress(body).decode(), page.address
    writer.close()
    await writer.wait_closed()
    return seconds


if __name__ == "__main__":
    main()
