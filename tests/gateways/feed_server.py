"""A server of outside calendars on loopback: good, slow, rude, endless or sly, by the path that is asked for."""

import gzip
import threading
import zlib
from contextlib import suppress
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

from tests.calendars.ics import calendar, event

TEXT = "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
MEGABYTE = 1024 * 1024


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.sent = 0
        self.is_over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, *_: object) -> None:
        """Nothing is said of a request."""

    def do_GET(self) -> None:
        name, _, rest = self.path[1:].partition("/")
        self.server.asked.append((self.path, dict(self.headers)))
        with suppress(OSError):
            getattr(self, name)(unquote(rest))

    def say(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for header, value in headers.items():
            self.send_header(header.replace("_", "-"), value)
        if "Content_Length" not in headers and "Connection" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def good(self, _: str) -> None:
        if self.headers.get("If-None-Match") == '"7"':
            self.say(304)
        else:
            self.say(200, TEXT.encode("utf-8-sig"), ETag='"7"', Last_Modified="Mon, 01 Mar 2027 12:00:00 GMT")

    def busy(self, _: str) -> None:
        self.say(200, calendar(event(":20270304T100000Z", "DURATION:PT1H")).encode())

    def every_second(self, _: str) -> None:
        self.say(200, calendar(event(":20270304T100000Z", "RRULE:FREQ=SECONDLY")).encode())

    def odd_zones(self, _: str) -> None:
        self.say(200, calendar(event(";TZID=Mars/Olympus:20270305T100000", "DURATION:PT1H")).encode())

    def page(self, _: str) -> None:
        self.say(200, b"<!doctype html><title>Sign in</title>", Content_Type="text/html")

    def packed(self, _: str) -> None:
        self.say(200, gzip.compress(TEXT.encode()), Content_Encoding="gzip")

    def status(self, code: str) -> None:
        self.say(int(code), b"secret", Retry_After="90")

    def hop(self, left: str) -> None:
        self.say(302, Location=f"/hop/{int(left) - 1}" if int(left) else "/good")

    def to(self, where: str) -> None:
        self.say(301, Location=f"{where.replace('|', '/')}")

    def huge(self, _: str) -> None:
        self.say(200, Content_Length=str(50 * MEGABYTE))

    def endless(self, _: str) -> None:
        self.say(200, Connection="close")
        for _number in range(50):
            self.wfile.write(b"x" * MEGABYTE)
            self.server.sent += MEGABYTE

    def bomb(self, _: str) -> None:
        self.say(200, packed_bomb(), Content_Encoding="gzip")

    def bombs(self, _: str) -> None:
        self.say(200, gzip.compress(packed_bomb()), Content_Encoding="gzip, gzip")

    def slow(self, _: str) -> None:
        self.say(200, Content_Length="100")
        while not self.server.is_over.wait(0.02):
            self.wfile.write(b" ")
            self.wfile.flush()

    def nonsense(self, _: str) -> None:
        self.wfile.write(b"\0\1\2 what\r\n\r\n")


def packed_zeros(megabytes: int) -> bytes:
    """So many megabytes in a thousandth of the space, without ever having them."""
    packer = zlib.compressobj(1, wbits=31)
    return b"".join(packer.compress(b"\0" * MEGABYTE) for _ in range(megabytes)) + packer.flush()


@cache
def packed_bomb() -> bytes:
    """100 MB in 100 kB."""
    return packed_zeros(100)
