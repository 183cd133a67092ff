"""Mail over SMTP, against a real server on loopback and against one that misbehaves."""

import smtplib
import socket
import socketserver
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import compat32, default
from email.utils import parseaddr
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from coaching.mailer import MailNotSent, MailUnsure
from coaching.messages.rendering.mail import as_mail
from coaching.messages.texts.account import from_text
from gateways.mail import SmtpMailer, open_mailer
from gateways.mail_folding import FOLDING
from tests.sending import SENDER

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)


class Postman:
    """An aiosmtpd handler that keeps what comes, and refuses a recipient when told to."""

    def __init__(self) -> None:
        self.envelopes: list[Any] = []
        self.refuse_with: str | None = None

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if self.refuse_with:
            return self.refuse_with
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.envelopes.append(envelope)
        return "250 OK"


@pytest.fixture
def postman() -> Iterator[Postman]:
    handler = Postman()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    handler.port = controller.port  # type: ignore[attr-defined]
    yield handler
    controller.stop()


@pytest.fixture
def letting_nobody_in() -> Iterator[int]:
    """The port of a mail server that refuses every name and password."""

    def refuse(*_: Any) -> AuthResult:
        return AuthResult(success=False, handled=False)

    controller = Controller(
        Postman(), hostname="127.0.0.1", port=free_port(), authenticator=refuse, auth_require_tls=False
    )
    controller.start()
    yield controller.port
    controller.stop()


def a_letter(recipient: str = "bob@example.com") -> EmailMessage:
    return letter("verify:1", recipient, "Confirm your address", "Grüße\n\nhttps://example.com/x\n")


def letter(key: str, recipient: str, subject: str, body: str) -> EmailMessage:
    return as_mail(from_text(subject, body), SENDER, key=key, recipient=recipient, at=NOW)


def mailer(port: int, query: str = "?from=hello%40studio.example", seconds: float = 2.0) -> SmtpMailer:
    return SmtpMailer(f"smtp://127.0.0.1:{port}{query}", "Nova Calls", seconds)


def test_a_name_beyond_ascii_is_the_senders_too(postman: Postman) -> None:
    address = f"smtp://127.0.0.1:{postman.port}?from=hello%40studio.example"  # type: ignore[attr-defined]
    SmtpMailer(address, "Nova Müsik, Ltd. “Calls”", 2.0).send(a_letter())
    message = message_from_bytes(postman.envelopes[0].content, policy=default)
    assert message["From"].addresses[0].display_name == "Nova Müsik, Ltd. “Calls”"


def test_without_an_address_there_is_no_mailer() -> None:
    assert open_mailer(None, "Nova Calls") is None


def test_a_mail_arrives_with_its_sender_and_its_own_id(postman: Any) -> None:
    mailer(postman.port).send(a_letter())

    [envelope] = postman.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == ("hello@studio.example", ["bob@example.com"])
    text = envelope.content.decode()
    assert "From: Nova Calls <hello@studio.example>" in text
    assert "@studio.example>" in text.split("Message-ID: ")[1].splitlines()[0]
    assert "invalid" not in text
    assert "Auto-Submitted: auto-generated" in text


def test_a_long_link_stays_in_one_piece(postman: Any) -> None:
    link = "https://a-rather-long-name.studio.example/reset-password/" + "x" * 60
    mailer(postman.port).send(letter("reset:1", "bob@example.com", "Choose a new password", f"Here:\n\n{link}\n"))
    assert link in postman.envelopes[0].content.decode()


def test_the_same_notice_has_the_same_id_whenever_it_is_sent() -> None:
    assert a_letter()["Message-ID"] == a_letter()["Message-ID"]


def test_the_sender_is_the_user_when_nobody_else_was_told(postman: Any) -> None:
    with pytest.raises(MailNotSent):  # this server offers no log-in
        SmtpMailer(f"smtp://me%40studio.example:secret@127.0.0.1:{postman.port}", "Nova Calls", 2.0).send(a_letter())
    assert postman.envelopes == []


def test_a_refused_connection_is_certainly_not_sent() -> None:
    with pytest.raises(MailNotSent) as caught:
        mailer(free_port()).send(a_letter())
    assert not caught.value.is_permanent


@pytest.mark.parametrize(("answer", "is_permanent"), [("450 later", False), ("550 no such person", True)])
def test_a_refused_recipient_is_told_apart(postman: Any, answer: str, is_permanent: bool) -> None:
    postman.refuse_with = answer
    with pytest.raises(MailNotSent) as caught:
        mailer(postman.port).send(a_letter())
    assert caught.value.is_permanent is is_permanent
    assert "no such person" not in caught.value.reason


@pytest.mark.parametrize(
    ("said", "is_permanent", "concerns_all"),
    [
        ({"rcpt": "550 5.1.1 no such mailbox"}, True, False),
        ({"rcpt": "550 5.7.1 relaying denied"}, False, False),
        ({"rcpt": "530 5.7.0 authentication required"}, False, True),
        ({"mail": "530 authentication required"}, False, True),
        ({"mail": "550 5.7.1 sender not owned by user"}, False, True),
        ({"ehlo": "554 go away", "helo": "554 go away"}, False, True),
        ({"data": "554 5.6.0 not this"}, True, False),
        ({"data": "421 closing"}, False, True),
    ],
)
def test_only_a_refusal_that_lasts_ends_a_mail(said: dict[str, str], is_permanent: bool, concerns_all: bool) -> None:
    with faulty_server("never", says=said) as port, pytest.raises(MailNotSent) as caught:
        mailer(port).send(a_letter())
    assert (caught.value.is_permanent, caught.value.concerns_all) == (is_permanent, concerns_all)


def test_a_wrong_password_is_told_and_the_mail_goes_later(letting_nobody_in: int) -> None:
    locked_out = SmtpMailer(f"smtp://me%40studio.example:wrong@127.0.0.1:{letting_nobody_in}", "Nova Calls", 2.0)
    for ask in (lambda: locked_out.send(a_letter()), locked_out.check):
        with pytest.raises(MailNotSent, match="does not accept the name and password") as caught:
            ask()
        assert (caught.value.is_permanent, caught.value.concerns_all) == (False, True)
        assert "wrong" not in caught.value.reason


def test_a_server_that_lets_us_in_passes_the_check_and_gets_no_mail(postman: Any) -> None:
    mailer(postman.port).check()
    assert postman.envelopes == []


@pytest.mark.parametrize(
    ("dies_at", "error"),
    [("connect", MailNotSent), ("mail", MailNotSent), ("data", MailUnsure), ("text", MailUnsure)],
)
def test_only_a_connection_lost_after_data_leaves_the_outcome_unknown(dies_at: str, error: type[Exception]) -> None:
    with faulty_server(dies_at) as port, pytest.raises(error):
        mailer(port).send(a_letter())


@pytest.mark.parametrize("silent_at", ["silent mail", "silent text"])
def test_a_silent_server_does_not_hold_us_up(silent_at: str) -> None:
    error = MailUnsure if silent_at == "silent text" else MailNotSent
    with faulty_server(silent_at) as port, pytest.raises(error):
        mailer(port, seconds=0.3).send(a_letter())


def test_a_lost_farewell_does_not_make_a_sent_mail_unsure() -> None:
    with faulty_server("quit") as port:
        mailer(port).send(a_letter())


def test_a_line_break_in_an_address_never_becomes_a_header() -> None:
    with pytest.raises((ValueError, smtplib.SMTPException)):
        a_letter("bob@example.com\r\nBcc: everybody@example.com")


def test_beyond_this_machine_mail_is_never_sent_in_the_clear() -> None:
    with faulty_server("never", "127.0.0.2") as port, pytest.raises(MailNotSent):
        # Another name for loopback, so that the server counts as foreign.
        SmtpMailer(f"smtp://127.0.0.2:{port}?from=hello%40studio.example", "Nova Calls", 2.0).send(a_letter())


@contextmanager
def faulty_server(dies_at: str, host: str = "127.0.0.1", says: Mapping[str, str] | None = None) -> Iterator[int]:
    """A mail server that hangs up, falls silent or says something else at one point of the talk."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            if dies_at == "connect":
                return
            self.say("220 hello")
            while line := self.rfile.readline().decode().strip().lower():
                word = line.split()[0]
                if dies_at == word:
                    return
                if dies_at == f"silent {word}":
                    self.rfile.read(1)
                    return
                self.say(({"data": "354 go on", "quit": "221 bye"} | dict(says or {})).get(word, "250 ok"))
                if says and word == "data":
                    return
                if word == "data" and not self.take_text():
                    return

        def take_text(self) -> bool:
            line = self.rfile.readline()
            while line not in (b".\r\n", b""):
                line = self.rfile.readline()
            if dies_at == "text":
                return False
            if dies_at == "silent text":
                self.rfile.read(1)
                return False
            self.say("250 taken")
            return True

        def say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

    with socketserver.ThreadingTCPServer((host, 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_mail_server_that_is_not_reached_is_told_with_the_reason() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        port = taken.getsockname()[1]
        for address, words in (
            (f"smtp://127.0.0.1:{port}", f"nothing listens at 127.0.0.1:{port}"),
            ("smtps://no-such-machine.invalid", "no machine is called no-such-machine.invalid"),
        ):
            with pytest.raises(MailNotSent, match=words) as refused:
                SmtpMailer(address, "Greenroom", seconds=3).check()
            assert refused.value.concerns_all


NAMES = ("éclair Müsik Nova, éclair éclair stems “Calls” “Calls”", "日本語" * 15, "🎧 " * 19 + "🎧", "Nova " * 11 + "x")


@pytest.mark.parametrize("name", NAMES)
def test_a_long_name_or_subject_keeps_its_blanks(name: str) -> None:
    letter = EmailMessage()
    letter["Subject"] = f"{name} · Tue 9 March, 18:00 Berlin · cancelled"
    letter["From"] = Address(name, addr_spec="hello@calls.example")
    letter.set_content("x")
    written = letter.as_bytes(policy=FOLDING)
    # The newer reader puts blanks between the parts of a name: a mistake of its own.
    read = message_from_bytes(written, policy=compat32)
    unfolded = {head: read[head].replace("\r\n", "") for head in ("Subject", "From")}
    assert decoded(unfolded["Subject"]) == letter["Subject"]
    assert decoded(parseaddr(unfolded["From"])[0]) == name
    assert parseaddr(unfolded["From"])[1] == "hello@calls.example"
    assert max(len(line) for line in written.split(b"\r\n")) <= 78


def decoded(text: str) -> str:
    return str(make_header(decode_header(text)))


def test_the_address_that_turns_messages_off_stands_as_it_is_in_the_head(postman: Postman) -> None:
    """Mail programs read no encoded word there (RFC 2369, RFC 8058), and the address is longer than a line."""
    off_url = "https://calls.example/messages/off/" + "x" * 120
    site = replace(SENDER, url="https://calls.example")
    mail = as_mail(from_text("Hello", "Hi\n"), site, key="k", recipient="bob@example.com", at=NOW, off_url=off_url)
    mailer(postman.port).send(mail)

    head = postman.envelopes[-1].content.split(b"\r\n\r\n")[0]
    assert f"\r\nList-Unsubscribe: <{off_url}>\r\n".encode() in head
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in head
