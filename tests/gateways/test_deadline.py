"""One deadline for a whole call: against servers on loopback that keep a caller busy without ever getting done."""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
import requests

from coaching.host import HostError
from coaching.mailer import MailNotSent, MailUnsure
from coaching.refusals import Refusal
from gateways import deadline
from gateways.discord import DiscordHost
from gateways.heartbeat import ping
from gateways.mail import SmtpMailer

SECONDS = 0.15
# Ended by itself after two seconds or so, with a good answer: who waits for that fails the test instead of hanging.
PAUSE, DRIPS = 0.04, 50
GOOD = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{"id": "1"}'


class Rude:
    """A server that does `behave` with every connection."""

    def __init__(self) -> None:
        self.behave: Callable[[socket.socket], None] = lambda line: None
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._threads: list[threading.Thread] = []
        self._accepting = threading.Thread(target=self._accept)
        self._accepting.start()
        self.over = threading.Event()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                line, _ = self._listening.accept()
                thread = threading.Thread(target=self._serve, args=(line,))
                self._threads.append(thread)
                thread.start()

    def _serve(self, line: socket.socket) -> None:
        with line, contextlib.suppress(OSError):
            line.settimeout(2)
            self.behave(line)

    def drip(self, line: socket.socket, text: bytes) -> None:
        """Byte by byte, and then all that is left."""
        for number in range(min(DRIPS, len(text))):
            line.sendall(text[number : number + 1])
            if self.over.wait(PAUSE):
                return
        line.sendall(text[DRIPS:])

    def close(self) -> None:
        self.over.set()
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for thread in (self._accepting, *self._threads):
            thread.join()


@pytest.fixture
def server() -> Iterator[Rude]:
    rude = Rude()
    yield rude
    rude.close()


def after_the_request(act: Callable[[socket.socket], object]) -> Callable[[socket.socket], None]:
    def behave(line: socket.socket) -> None:
        line.recv(65536)
        act(line)

    return behave


def endless(line: socket.socket) -> None:
    line.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
    for _ in range(64):
        line.sendall(b"x" * 65536)


def test_whatever_keeps_an_http_call_from_ending_it_is_given_up(server: Rude) -> None:
    head, body = GOOD[:-11], GOOD[-11:]
    padded = body[:-1] + b" " * 60 + b"}"
    long_head = head.replace(b": 11", b": 71")

    def drip_the_body(line: socket.socket) -> None:
        line.sendall(long_head)
        server.drip(line, padded)

    manners: dict[str, Callable[[socket.socket], object]] = {
        "drips the headers": lambda line: server.drip(line, GOOD),
        "drips the body": drip_the_body,
        "says nothing": lambda line: server.over.wait(2),
        "sends a header without end": endless,
    }
    for manner, act in manners.items():
        server.behave = after_the_request(act)
        # So patient with each read that only the deadline of the whole call can end it.
        host = DiscordHost(f"http://127.0.0.1:{server.port}/api/v10", "token", read_seconds=5, call_seconds=SECONDS)
        with pytest.raises(HostError) as caught:
            host.bot_id()
        assert caught.value.kind == Refusal.NO_ANSWER, manner
        if "body" not in manner:  # nobody reads the one of a sign of life
            assert ping(f"http://127.0.0.1:{server.port}/", SECONDS), manner


def test_a_connection_that_is_used_again_has_the_next_calls_deadline(server: Rude) -> None:
    def behave(line: socket.socket) -> None:
        line.recv(65536)
        line.sendall(GOOD)
        line.recv(65536)
        server.drip(line, GOOD)

    server.behave = behave
    with deadline.open_session() as session:
        address = f"http://127.0.0.1:{server.port}/"
        with deadline.within(5):
            assert session.get(address, timeout=5).json() == {"id": "1"}
        with pytest.raises(requests.RequestException), deadline.within(SECONDS):
            session.get(address, timeout=5)
        with pytest.raises(requests.RequestException), deadline.within(0):
            session.get(address, timeout=5)


def test_an_inner_block_gets_no_more_time_than_the_outer_one() -> None:
    with deadline.within(1):
        with deadline.within(60):
            assert deadline.seconds_left() <= 1
        with deadline.within(0), pytest.raises(TimeoutError):
            deadline.seconds_left()
        assert deadline.seconds_left() > 0
    assert deadline.seconds_left() == deadline.PATIENCE


def test_a_name_that_nobody_looks_up_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait(2) and [])
    with pytest.raises(HostError) as caught:
        DiscordHost("http://discord.example/api/v10", "token", call_seconds=0.05).bot_id()
    assert caught.value.kind == Refusal.REFUSED_CONNECTION
    with pytest.raises(MailNotSent):
        SmtpMailer("smtp://mail.example", "Nova Calls", 5, 0.05).check()
    over.set()


def test_tls_is_bound_by_it_too(server: Rude) -> None:
    keeps_quiet = after_the_request(lambda line: server.over.wait(2))
    starts_a_record = after_the_request(lambda line: server.drip(line, b"\x16\x03\x03\x40\x00" + bytes(100)))
    for behave in (keeps_quiet, starts_a_record):
        server.behave = behave
        with pytest.raises(HostError) as caught:
            DiscordHost(
                f"https://127.0.0.1:{server.port}/api/v10", "token", read_seconds=5, call_seconds=SECONDS
            ).bot_id()
        assert caught.value.kind in (Refusal.REFUSED_CONNECTION, Refusal.NO_ANSWER)
        with pytest.raises(MailNotSent):
            SmtpMailer(f"smtps://127.0.0.1:{server.port}", "Nova Calls", 5, SECONDS).check()


def test_an_answer_over_tls_is_read_within_it(server: Rude, certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def behave(line: socket.socket) -> None:
        with context.wrap_socket(line, server_side=True) as secured:
            secured.recv(65536)
            secured.sendall(GOOD)
            secured.recv(65536)
            server.drip(secured, GOOD)

    server.behave = behave
    with deadline.open_session() as session:
        session.verify = str(certificate)
        address = f"https://127.0.0.1:{server.port}/"
        with deadline.within(5):
            assert session.get(address, timeout=5).json() == {"id": "1"}
        with pytest.raises(requests.RequestException), deadline.within(SECONDS):
            session.get(address, timeout=5)


def test_a_mail_server_that_drips_is_given_up(server: Rude) -> None:
    message = EmailMessage()
    message["To"], message["Message-ID"] = "bob@example.com", "<1@greenroom.invalid>"
    message.set_content("Hello")

    def polite_until(word: bytes, answer: bytes) -> Callable[[socket.socket], None]:
        def behave(line: socket.socket) -> None:
            if word == b"banner":
                server.drip(line, answer)
                return
            line.sendall(b"220 mail.example\r\n")
            while heard := line.recv(65536):
                if heard.upper().startswith(word) or (word == b"text" and heard.endswith(b"\r\n.\r\n")):
                    server.drip(line, answer)
                    return
                line.sendall(b"354 go on\r\n" if heard.upper().startswith(b"DATA") else b"250 ok\r\n")

        return behave

    def mailer() -> SmtpMailer:
        return SmtpMailer(f"smtp://127.0.0.1:{server.port}?from=a%40b.example", "Nova Calls", 5, SECONDS)

    long_word = b" mail.example " + b"." * 60 + b"\r\n"
    many_lines = b"250-more\r\n" * 20 + b"250 ok\r\n"
    for word, answer in [(b"banner", b"220" + long_word), (b"EHLO", many_lines), (b"RCPT", b"250" + long_word)]:
        server.behave = polite_until(word, answer)
        with pytest.raises(MailNotSent):
            mailer().send(copy_of(message))
    server.behave = polite_until(b"text", b"250" + long_word)
    with pytest.raises(MailUnsure):
        mailer().send(copy_of(message))
    # The farewell counts no more: the mail has gone.
    server.behave = polite_until(b"QUIT", b"221" + long_word)
    began = time.monotonic()
    mailer().send(copy_of(message))
    assert time.monotonic() - began < PAUSE * DRIPS


def test_calls_leave_only_by_sessions_that_keep_to_it() -> None:
    product = ("app.py", "tasks.py", "blueprints/**/*.py", "coaching/**/*.py", "commands/*.py", "gateways/*.py")
    root = Path(deadline.__file__).parent.parent
    makes_its_own = [
        path.name
        for pattern in product
        for path in root.glob(pattern)
        for word in ("requests.Session(", "requests.get(", "requests.post(", "smtplib.SMTP(", "urlopen(")
        if word in path.read_text()
    ]
    assert makes_its_own == ["deadline.py"]


def copy_of(message: EmailMessage) -> EmailMessage:
    again = EmailMessage()
    again["To"], again["Message-ID"] = message["To"], message["Message-ID"]
    again.set_content("Hello")
    return again
