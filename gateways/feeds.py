"""Reads outside calendars by addresses that their coaches typed: nothing of the inner network is reached by them.

Whatever goes wrong is a FeedError that holds neither the address, which is a secret, nor anything that was sent.
"""

import socket
from datetime import timedelta
from urllib.parse import urljoin

import requests
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from coaching.calendars.addresses import WrongAddress, checked_address, is_this_machine, may_be_asked
from coaching.calendars.faults import MOST_MEGABYTES, Fault, FeedError
from coaching.calendars.source import FeedText
from gateways import deadline

SECONDS = 10.0  # in all, redirects included
LARGEST = MOST_MEGABYTES * 1024 * 1024  # bytes, on the way and unpacked
MOST_REDIRECTS = 3
REDIRECTS = (301, 302, 303, 307, 308)
LONGEST_MARK = 200
FAULTS = {404: Fault.GONE, 410: Fault.GONE, 408: Fault.IN_TROUBLE, 425: Fault.IN_TROUBLE, 429: Fault.IN_TROUBLE}


class WebFeeds:
    """Calendars on the public internet; with `allows_loopback` also on this machine, for a demo and for tests."""

    def __init__(self, *, allows_loopback: bool = False, seconds: float = SECONDS) -> None:
        self._allows_loopback = allows_loopback
        self._seconds = seconds

    def read_feed(self, address: str, etag: str = "", modified: str = "") -> FeedText | None:
        """The calendar, or None where it has not changed since it had these marks; FeedError when it cannot be had."""
        headers = {"User-Agent": "Greenroom", "Accept": "text/calendar, */*;q=0.1", "Accept-Encoding": "gzip"}
        headers |= {"If-None-Match": etag} if etag else {}
        headers |= {"If-Modified-Since": modified} if modified else {}
        try:
            with deadline.within(self._seconds), self._session() as session:
                return self._read(session, address, headers)
        except FeedError:
            raise
        except Exception:
            # The network, TLS, names, or what a library makes of an odd answer: their words hold the address.
            raise FeedError(Fault.UNREACHABLE) from None

    def _read(self, session: requests.Session, address: str, headers: dict[str, str]) -> FeedText | None:
        for _ in range(MOST_REDIRECTS + 1):
            address = self._checked(address)
            with session.get(
                address, headers=headers, timeout=self._seconds, allow_redirects=False, stream=True
            ) as answer:
                if answer.status_code in REDIRECTS:
                    # Nothing of one calendar's server is told to another one.
                    headers = {name: value for name, value in headers.items() if not name.startswith("If-")}
                    address = urljoin(address, answer.headers.get("Location", ""))
                    session.cookies.clear()
                    continue
                return _taken(answer, is_asked_for_changes=any(name.startswith("If-") for name in headers))
        raise FeedError(Fault.LEADS_ON)

    def _checked(self, address: str) -> str:
        try:
            return checked_address(address, allows_loopback=self._allows_loopback)
        except WrongAddress:
            raise FeedError(Fault.UNREACHABLE) from None

    def _session(self) -> requests.Session:
        session = deadline.open_session()
        adapter = _WatchfulLoopbackAdapter() if self._allows_loopback else _WatchfulAdapter()
        for scheme in ("http://", "https://"):
            session.mount(scheme, adapter)
        return session


def _taken(answer: requests.Response, *, is_asked_for_changes: bool) -> FeedText | None:
    status = answer.status_code
    if status == 304 and is_asked_for_changes:
        return None
    if status != 200:
        is_refused = 400 <= status < 500
        raise FeedError(FAULTS.get(status, Fault.REFUSED if is_refused else Fault.IN_TROUBLE), _retry_after(answer))
    header = answer.headers.get("Content-Length", "")
    if header.isascii() and header.isdigit() and int(header[:12]) > LARGEST:
        raise FeedError(Fault.TOO_LARGE)
    marks = (answer.headers.get(name, "") for name in ("ETag", "Last-Modified"))
    etag, modified = (mark if len(mark) <= LONGEST_MARK and mark.isprintable() else "" for mark in marks)
    return FeedText(_content(answer).decode("utf-8-sig", errors="replace"), etag, modified)


def _content(answer: requests.Response) -> bytes:
    content = bytearray()
    # As much at a time as is unpacked of it: a few bytes that would become gigabytes are never unpacked.
    while piece := answer.raw.read(65536, decode_content=True):
        content += piece
        if len(content) > LARGEST:
            raise FeedError(Fault.TOO_LARGE)
    return bytes(content)


def _retry_after(answer: requests.Response) -> timedelta | None:
    header = answer.headers.get("Retry-After", "")
    return timedelta(seconds=int(header)) if header.isascii() and header.isdigit() and len(header) < 7 else None


def _connected(asking: HTTPConnection, *, allows_loopback: bool = False) -> socket.socket:
    """A connection into the public internet, and nowhere else: by where it really leads, whatever its name says."""
    # A name that leads to this machine is refused even where the machine itself may be asked by its own name.
    if allows_loopback and is_this_machine(asking.host.strip("[]")):
        return deadline.connected(asking)
    connection = deadline.connected(asking, may_be_asked)
    if not may_be_asked(connection.getpeername()[0]):
        connection.close()
        raise OSError("this name leads where it may not")
    return connection


class _PlainConnection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _connected(self)


class _TlsConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _connected(self)


class _LoopbackPlainConnection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _connected(self, allows_loopback=True)


class _LoopbackTlsConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _connected(self, allows_loopback=True)


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class _LoopbackPlainPool(HTTPConnectionPool):
    ConnectionCls = _LoopbackPlainConnection


class _LoopbackTlsPool(HTTPSConnectionPool):
    ConnectionCls = _LoopbackTlsConnection


class _WatchfulAdapter(deadline.DeadlineAdapter):
    pool_classes = {"http": _PlainPool, "https": _TlsPool}


class _WatchfulLoopbackAdapter(deadline.DeadlineAdapter):
    pool_classes = {"http": _LoopbackPlainPool, "https": _LoopbackTlsPool}
