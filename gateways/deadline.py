"""One deadline for a whole call to an outside service: looking up its name, connecting, sending, and all of the answer.

The timeouts of requests, urllib3 and smtplib each begin anew with every read, so a server that sends a byte now and
then is never given up. Here every read and write of a socket is given what is left until the call's deadline. urllib3
names no other way ("not the total amount of time", urllib3.util.Timeout), and no library that does has been kept up.
"""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any, ClassVar

import requests
from requests.adapters import HTTPAdapter
from urllib3 import PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NameResolutionError, NewConnectionError
from urllib3.util.ssl_ import create_urllib3_context

# A deadline that nobody set: no socket waits longer for a single read or write.
PATIENCE = 30.0
OVER = "the call has taken too long"

_call = threading.local()


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """All that this thread's sockets do in the block has to be done in so many seconds; an outer block may give fewer.

    What is too late ends in TimeoutError, or in what the library that called makes of it.
    """
    before: float | None = getattr(_call, "ends_at", None)
    ends_at = monotonic() + seconds
    _call.ends_at = ends_at if before is None else min(before, ends_at)
    try:
        yield
    finally:
        _call.ends_at = before


def seconds_left() -> float:
    """How long the present call may still take; TimeoutError when it may not."""
    ends_at: float | None = getattr(_call, "ends_at", None)
    left = PATIENCE if ends_at is None else ends_at - monotonic()
    if left <= 0:
        raise TimeoutError(OVER)
    return left


def open_session() -> requests.Session:
    """A session whose calls keep to the deadline, without proxies and passwords from this machine's own files."""
    session = requests.Session()
    session.trust_env = False
    keep_to_deadline(session)
    return session


def keep_to_deadline(session: requests.Session) -> None:
    """Let every call of this session keep to the deadline."""
    for scheme in ("http://", "https://"):
        session.mount(scheme, DeadlineAdapter())


def read_answer(answer: requests.Response, largest: int) -> bytes:
    """The body of an answer that was asked for with `stream`; a RequestException when it is too long, or too slow."""
    content = bytearray()
    try:
        while piece := answer.raw.read1(65536, decode_content=True):
            content += piece
            if len(content) > largest:
                raise requests.ConnectionError("the answer is too long")
    except HTTPError as error:
        raise requests.ConnectionError(error) from None
    return bytes(content)


def tls_context() -> ssl.SSLContext:
    """What a mail server's certificate is checked by, for sockets that keep to the deadline."""
    context = ssl.create_default_context()
    context.sslsocket_class = DeadlineTlsSocket
    return context


def connect(
    address: tuple[str, int], timeout: float | None = None, may_reach: Callable[[str], bool] | None = None
) -> "DeadlineSocket":
    """A connection to one of the addresses of this name; OSError when none takes it, TimeoutError when it is too late.

    `timeout` is for a single step, in seconds. The name is looked up once, and a network address that `may_reach`
    refuses is not even connected to.
    """
    problem: OSError = OSError("this name has no address")
    for family, kind, protocol, _, place in _addresses(*address):
        if may_reach and not may_reach(place[0]):
            problem = OSError("this name leads where it may not")
            continue
        connection = DeadlineSocket(family, kind, protocol)
        connection.settimeout(timeout)
        try:
            connection.connect(place)
        except OSError as error:
            connection.close()
            problem = error
        else:
            return connection
    raise problem


class DeadlineSocket(socket.socket):
    """A socket that waits as long as it was told to, but never beyond the deadline."""

    _patience: float | None = None

    def settimeout(self, value: float | None) -> None:
        self._patience = value
        super().settimeout(value)

    def gettimeout(self) -> float | None:
        return self._patience

    def _hurry(self) -> None:
        left = seconds_left()
        super().settimeout(left if self._patience is None else min(self._patience, left))

    def connect(self, *arguments: Any) -> None:
        self._hurry()
        super().connect(*arguments)

    def recv(self, *arguments: Any) -> bytes:
        self._hurry()
        return super().recv(*arguments)

    def recv_into(self, *arguments: Any) -> int:
        self._hurry()
        return super().recv_into(*arguments)

    def send(self, *arguments: Any) -> int:
        self._hurry()
        return super().send(*arguments)

    def sendall(self, *arguments: Any) -> None:
        self._hurry()
        super().sendall(*arguments)


class DeadlineTlsSocket(DeadlineSocket, ssl.SSLSocket):
    """One with TLS, made by an SSLContext whose `sslsocket_class` it is."""

    def do_handshake(self, block: bool = False) -> None:
        self._hurry()
        super().do_handshake(block)


class _PlainConnection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return connected(self)


class _TlsConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return connected(self)


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class DeadlineAdapter(HTTPAdapter):
    """Connections of requests that keep to the deadline."""

    pool_classes: ClassVar[dict[str, type[HTTPConnectionPool]]] = {"http": _PlainPool, "https": _TlsPool}

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **options: Any) -> None:
        context = create_urllib3_context()
        context.sslsocket_class = DeadlineTlsSocket
        self.poolmanager = PoolManager(
            num_pools=connections, maxsize=maxsize, block=block, ssl_context=context, **options
        )
        self.poolmanager.pool_classes_by_scheme = self.pool_classes


def connected(asking: HTTPConnection, may_reach: Callable[[str], bool] | None = None) -> socket.socket:
    """The connection, or what urllib3 says when there is none: its callers tell by that whether anything was sent."""
    timeout = asking.timeout if isinstance(asking.timeout, int | float) else None
    try:
        connection = connect((asking.host, asking.port or asking.default_port), timeout, may_reach)
    except socket.gaierror as error:
        raise NameResolutionError(asking.host, asking, error) from error
    except TimeoutError as error:
        raise ConnectTimeoutError(asking, f"{asking.host} did not take the connection in time") from error
    except OSError as error:
        raise NewConnectionError(asking, f"{asking.host} took no connection: {error}") from error
    # A request goes out at once, however small it is.
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def _addresses(host: str, port: int) -> list[tuple[Any, ...]]:
    """Where this name leads. The system's look-up takes no timeout, so it is waited for and no longer than that."""
    answer: SimpleQueue[list[Any] | Exception] = SimpleQueue()

    def look_up() -> None:
        try:
            answer.put(list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
        except Exception as error:
            answer.put(error)

    threading.Thread(target=look_up, name="name look-up", daemon=True).start()
    try:
        addresses = answer.get(timeout=seconds_left())
    except Empty:
        raise TimeoutError(OVER) from None
    if isinstance(addresses, Exception):
        raise addresses
    return addresses
