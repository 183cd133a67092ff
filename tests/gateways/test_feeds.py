"""Outside calendars over a loopback server that is slow, rude, endless or sly."""

import gzip
import socket
import threading
import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import closing, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

import pytest

from coaching.calendars.faults import Fault, FeedError
from coaching.calendars.source import FeedText
from gateways.feeds import WebFeeds

pytestmark = pytest.mark.one_database

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
        pass

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
        self.say(200, BOMB, Content_Encoding="gzip")

    def bombs(self, _: str) -> None:
        self.say(200, gzip.compress(BOMB), Content_Encoding="gzip, gzip")

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


BOMB = packed_zeros(100)


@pytest.fixture
def server() -> Iterator[Server]:
    serving = Server()
    threading.Thread(target=serving.serve_forever, args=(0.01,), daemon=True).start()
    yield serving
    serving.is_over.set()
    serving.shutdown()
    serving.server_close()


def fault_of(address: str, seconds: float = 5.0, *, allows_loopback: bool = True) -> Fault:
    with pytest.raises(FeedError) as failed:
        WebFeeds(allows_loopback=allows_loopback, seconds=seconds).read_feed(address)
    # Nothing on the way to a log or a page may hold the secret address, nor what was sent.
    assert failed.value.args == (failed.value.fault.value,)
    assert failed.value.__cause__ is None
    assert failed.value.__suppress_context__ or failed.value.__context__ is None
    return failed.value.fault


def test_a_calendar_is_asked_for_as_it_was_last_seen(server: Server) -> None:
    feeds = WebFeeds(allows_loopback=True)
    read = feeds.read_feed(f"{server.url}/good")
    assert read == FeedText(TEXT, '"7"', "Mon, 01 Mar 2027 12:00:00 GMT")
    assert feeds.read_feed(f"{server.url}/good", read.etag, read.modified) is None
    assert feeds.read_feed(f"{server.url}/hop/2") == read
    assert feeds.read_feed(f"{server.url}/packed").text == TEXT
    seen = dict(server.asked[1][1])
    assert seen["If-None-Match"] == '"7"'
    assert seen["If-Modified-Since"] == "Mon, 01 Mar 2027 12:00:00 GMT"
    assert not {"Cookie", "Authorization", "Referer"} & seen.keys()


def test_whatever_a_server_answers_is_one_plain_fault(server: Server) -> None:
    for path, fault in {
        "/status/404": Fault.GONE,
        "/status/410": Fault.GONE,
        "/status/401": Fault.REFUSED,
        "/status/429": Fault.IN_TROUBLE,
        "/status/503": Fault.IN_TROUBLE,
        "/status/304": Fault.IN_TROUBLE,  # nobody asked whether it has changed
        "/status/206": Fault.IN_TROUBLE,
        "/nonsense": Fault.UNREACHABLE,
        "/hop/4": Fault.LEADS_ON,
        "/hop/999": Fault.LEADS_ON,
        # Where it leads is looked at each time anew.
        "/to/file:||etc|passwd": Fault.UNREACHABLE,
        "/to/http:||10.0.0.1|": Fault.UNREACHABLE,
        "/to/https:||[::ffff:10.0.0.1]|": Fault.UNREACHABLE,
        "/to/https:||me:secret@calendar.example.com|": Fault.UNREACHABLE,
        "/to/": Fault.LEADS_ON,
    }.items():
        assert fault_of(server.url + path) is fault, path
    assert len([path for path, _ in server.asked if path.startswith("/hop/9")]) == 4
    with closing(socket.create_server(("127.0.0.1", 0))) as nobody:
        closed = nobody.getsockname()[1]
    assert fault_of(f"http://127.0.0.1:{closed}/x") is Fault.UNREACHABLE


def test_a_calendar_that_is_too_large_is_given_up_before_it_fills_anything(server: Server) -> None:
    tracemalloc.start()
    for path in ("/huge", "/endless", "/bomb", "/bombs"):
        assert fault_of(server.url + path) is Fault.TOO_LARGE, path
    assert server.sent < 20 * MEGABYTE  # what the machine's own buffers hold
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 20 * MEGABYTE


def test_a_calendar_that_drips_is_given_up_in_time(server: Server) -> None:
    assert fault_of(f"{server.url}/slow", seconds=0.2) is Fault.UNREACHABLE


def test_nothing_inside_is_reached_whatever_its_name_says(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up = []
    answers = iter(["203.0.113.7", "127.0.0.1", "::ffff:127.0.0.1", "127.0.0.1"])

    def look_up(host: str, *_: object, **__: object) -> list[tuple[object, ...]]:
        address = next(answers)
        looked_up.append((host, address))
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        place = (address, server.server_port) if family is socket.AF_INET else (address, server.server_port, 0, 0)
        return [(family, socket.SOCK_STREAM, 6, "", place)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    # First a name that leads outside (to a test network, which is no public one either), then to this machine.
    for allows in (True, True, True, False):
        assert fault_of("https://calendar.example.com/x", allows_loopback=allows) is Fault.UNREACHABLE
    # A name is looked up once for each call: what was looked at is what is connected to.
    assert [host for host, _ in looked_up] == ["calendar.example.com"] * 4
    assert server.asked == []
    # In earnest this machine is not asked by its own name either.
    assert fault_of(f"{server.url}/good", allows_loopback=False) is Fault.UNREACHABLE
    assert fault_of(f"https://localhost:{server.server_port}/good", allows_loopback=False) is Fault.UNREACHABLE
    assert server.asked == []
