"""Outside calendars over a loopback server that is slow, rude, endless or sly."""

import socket
import ssl
import tracemalloc
from contextlib import closing
from pathlib import Path

import pytest

from coaching.calendars.faults import Fault, FeedError
from coaching.calendars.source import FeedText
from gateways import deadline
from gateways.feeds import WebFeeds
from tests.gateways.feed_server import MEGABYTE, TEXT, Server

pytestmark = pytest.mark.one_database


def fault_of(address: str, seconds: float = 5.0, *, allows_loopback: bool = True) -> Fault:
    with pytest.raises(FeedError) as failed:
        WebFeeds(allows_loopback=allows_loopback, seconds=seconds).read_feed(address)
    # Nothing on the way to a log or a page may hold the secret address, nor what was sent.
    assert failed.value.args == (failed.value.fault.value,)
    assert failed.value.__cause__ is None
    assert failed.value.__suppress_context__ or failed.value.__context__ is None
    return failed.value.fault


def test_a_calendar_is_asked_for_as_it_was_last_seen(feed_server: Server) -> None:
    feeds = WebFeeds(allows_loopback=True)
    read = feeds.read_feed(f"{feed_server.url}/good")
    assert read == FeedText(TEXT, '"7"', "Mon, 01 Mar 2027 12:00:00 GMT")
    assert feeds.read_feed(f"{feed_server.url}/good", read.etag, read.modified) is None
    assert feeds.read_feed(f"{feed_server.url}/hop/2") == read
    assert feeds.read_feed(f"{feed_server.url}/packed").text == TEXT
    seen = dict(feed_server.asked[1][1])
    assert seen["If-None-Match"] == '"7"'
    assert seen["If-Modified-Since"] == "Mon, 01 Mar 2027 12:00:00 GMT"
    assert not {"Cookie", "Authorization", "Referer"} & seen.keys()


def test_whatever_a_server_answers_is_one_plain_fault(feed_server: Server) -> None:
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
        assert fault_of(feed_server.url + path) is fault, path
    assert len([path for path, _ in feed_server.asked if path.startswith("/hop/9")]) == 4
    with closing(socket.create_server(("127.0.0.1", 0))) as nobody:
        closed = nobody.getsockname()[1]
    assert fault_of(f"http://127.0.0.1:{closed}/x") is Fault.UNREACHABLE


def test_a_calendar_that_is_too_large_is_given_up_before_it_fills_anything(feed_server: Server) -> None:
    tracemalloc.start()
    for path in ("/huge", "/endless", "/bomb", "/bombs"):
        assert fault_of(feed_server.url + path) is Fault.TOO_LARGE, path
    assert feed_server.sent < 20 * MEGABYTE  # what the machine's own buffers hold
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 20 * MEGABYTE


def test_a_calendar_that_drips_is_given_up_in_time(feed_server: Server) -> None:
    assert fault_of(f"{feed_server.url}/slow", seconds=0.2) is Fault.UNREACHABLE


def test_only_a_server_that_shows_who_it_is_is_asked(feed_server: Server, certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    feed_server.socket = context.wrap_socket(feed_server.socket, server_side=True)
    address = f"https://127.0.0.1:{feed_server.server_port}/good"
    with deadline.open_session() as session:
        assert session.get(address, timeout=5, verify=str(certificate)).status_code == 200
    assert fault_of(address) is Fault.UNREACHABLE
    assert len(feed_server.asked) == 1


def test_nothing_inside_is_reached_whatever_its_name_says(feed_server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up = []
    answers = iter(["203.0.113.7", "127.0.0.1", "::ffff:127.0.0.1", "127.0.0.1"])

    def look_up(host: str, *_: object, **__: object) -> list[tuple[object, ...]]:
        address = next(answers)
        looked_up.append((host, address))
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        place = (address, feed_server.server_port, *((0, 0) if ":" in address else ()))
        return [(family, socket.SOCK_STREAM, 6, "", place)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    # First a name that leads outside (to a test network, which is no public one either), then to this machine.
    for allows in (True, True, True, False):
        assert fault_of("https://calendar.example.com/x", allows_loopback=allows) is Fault.UNREACHABLE
    # A name is looked up once for each call: what was looked at is what is connected to.
    assert [host for host, _ in looked_up] == ["calendar.example.com"] * 4
    assert feed_server.asked == []
    # In earnest this machine is not asked by its own name either.
    assert fault_of(f"{feed_server.url}/good", allows_loopback=False) is Fault.UNREACHABLE
    assert fault_of(f"https://localhost:{feed_server.server_port}/good", allows_loopback=False) is Fault.UNREACHABLE
    assert feed_server.asked == []
