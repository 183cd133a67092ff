"""Six uploads at once through HTTP, two web workers: how much memory all processes take together, above idle.

Each picture is as bad as its kind may be: one colour, so that a few kilobytes stand for all its pixels. Goal: at most
250 MB for every kind, also for those that are refused. Waiters that give up after 5 s are told so.
"""

import struct
import zlib
from collections import Counter
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from threading import Event, Thread
from typing import Any

from flask import Flask
from PIL import Image

from app import create_app
from bench.yardstick import measure_y
from coaching.catalog.models import Product
from coaching.db import database
from settings import Settings
from tests import crowd, factories

AT_ONCE = 6
ROUNDS = 3
GOAL = 250  # MB
PORT = 5097
FIRST_VISIT = f"GET / HTTP/1.1\r\nHost: localhost:{PORT}\r\nConnection: close\r\n\r\n".encode()
# x and y of the first pixel, and how far apart they are, in each of the seven passes of an interlaced PNG.
PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def main() -> None:
    Image.MAX_IMAGE_PIXELS = None
    kinds = {
        "PNG, RGBA, interlaced, 39.9 MP": png(6315),
        "PNG, RGBA, interlaced, 31.9 MP": png(5650),
        "WebP with alpha, 39.9 MP": saved(6315, "RGBA", "WEBP", lossless=True, method=0),
        "WebP with alpha, 10.0 MP": saved(3162, "RGBA", "WEBP", lossless=True, method=0),
        "JPEG, 39.9 MP": saved(6315, "RGB", "JPEG", subsampling=0),
        "JPEG, progressive, 39.9 MP": saved(6315, "RGB", "JPEG", progressive=True),
        "JPEG, progressive CMYK, 14.9 MP": saved(3860, "CMYK", "JPEG", progressive=True),
        "no picture, 10 MB": b"x" * 10_000_000,
    }
    with crowd.empty_site(PORT) as settings:
        app = create_app(Settings.from_env(settings))
        with database.connection_context():
            product = factories.make_product()
            address = f"http://localhost:{PORT}/products/{product.code}/thumbnail"
            sent = {kind: [upload(app, product, address, file)] * AT_ONCE for kind, file in kinds.items()}
        for kind, requests in sent.items():
            report(f"{kind} ({len(kinds[kind]) / 1000:,.0f} kB)", requests, settings)


def upload(app: Flask, product: Product, address: str, file: bytes) -> bytes:
    fields = [("display_style", "", b"cover"), ("then", "", b"stay"), ("picture", '; filename="a"', file)]
    parts = b"".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + content + b"\r\n"
        for name, more, content in fields
    )
    kind = "multipart/form-data; boundary=x"
    return crowd.body_request(app, product.store.owner, address, parts + b"--x--\r\n", kind)


def report(title: str, sent: list[bytes], settings: dict[str, str]) -> None:
    with crowd.serving(settings) as server:
        crowd.send_at_once(PORT, [FIRST_VISIT] * 16)
        idle = memory_of(server.pid)
        answers: list[crowd.Answer] = []
        # What one round leaves behind counts in the next.
        peak = most_during(lambda: memory_of(server.pid), lambda: answers.extend(all_rounds(sent)))
        after = memory_of(server.pid)
    y = measure_y()
    statuses = dict(sorted(Counter(answer.status for answer in answers).items()))
    above, left, slowest = (peak - idle) / 2**20, (after - idle) / 2**20, max(answer.seconds for answer in answers)
    print(
        f"  {title:45} {above:5.0f} MB above idle = {above / GOAL:.2f} of the goal, {left:3.0f} MB left afterwards,"
        f" answers {statuses}, slowest {slowest / y:.0f} Y",
        flush=True,
    )


def all_rounds(sent: list[bytes]) -> list[crowd.Answer]:
    return [answer for _ in range(ROUNDS) for answer in crowd.send_at_once(PORT, sent)]


def most_during(measure: Callable[[], int], act: Callable[[], None]) -> int:
    """The highest of what `measure` says while `act` runs."""
    is_over, highest = Event(), [0]

    def watch() -> None:
        while not is_over.wait(0.01):
            highest[0] = max(highest[0], measure())

    watching = Thread(target=watch)
    watching.start()
    act()
    is_over.set()
    watching.join()
    return highest[0]


def memory_of(server: int) -> int:
    """What the server and its workers hold, in bytes; what they share is counted once for each."""
    workers = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    pages = [int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in (str(server), *workers)]
    return sum(pages) * 4096


def saved(side: int, mode: str, kind: str, **options: Any) -> bytes:
    data = BytesIO()
    Image.new(mode, (side, side), 128 if mode == "L" else tuple([200, 100, 50, 128][: len(mode)])).save(
        data, kind, **options
    )
    return data.getvalue()


def png(side: int) -> bytes:
    """A square of clear pixels, interlaced."""
    pixels, packing = b"", zlib.compressobj(9)
    for left, top, across, down in PASSES:
        row = b"\0" * (1 + 4 * -(-(side - left) // across))
        for _ in range(-(-(side - top) // down)):
            pixels += packing.compress(row)
    header = struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 1)
    chunks = ((b"IHDR", header), (b"IDAT", pixels + packing.flush()), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )


if __name__ == "__main__":
    main()
