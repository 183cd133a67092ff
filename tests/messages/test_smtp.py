"""From a booking's message to a real mail server on loopback, whatever that answers; Discord where it refuses."""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_string
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession
from coaching.messages.models import MessageSettings
from coaching.notices.kinds import MessageKind
from coaching.notices.models import Notice
from coaching.notices.mutations import enqueue, owe, release_held
from gateways.mail import SmtpMailer
from tests import factories
from tests.fakes import FakeHost
from tests.sending import deliver_due, mail_server

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
pytestmark = pytest.mark.usefixtures("db")


@dataclass
class Server:
    """A mail server that keeps what it takes and answers as it is told: a line, or something worse."""

    mails: list[tuple[str, str, EmailMessage]] = field(default_factory=list)  # sender, recipient, mail
    sender: list[str] = field(default_factory=list)  # what it says to the next MAIL commands
    recipient: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    port: int = 0

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if self.sender:
            return self.sender.pop(0)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if self.recipient:
            return self.recipient.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        answer = self.text.pop(0) if self.text else "250 OK"
        if answer == "drop, not kept":
            server.transport.abort()
            return "250 OK"
        if answer.startswith(("250", "drop", "hang")):
            mail = message_from_string(envelope.content.decode(), policy=default)
            self.mails.append((envelope.mail_from, envelope.rcpt_tos[0], mail))
        if answer == "drop":
            server.transport.abort()
        if answer == "drop after 250":
            await server.push("250 OK")
            server.transport.close()
        if answer == "hang":
            await asyncio.Event().wait()
        return answer if answer[0].isdigit() else "250 OK"


@contextmanager
def running(**options: Any) -> Iterator[Server]:
    server = Server()
    with mail_server(server, **options) as server.port:
        yield server


class World:
    """Bob, who has booked a call and can be reached by mail and on Discord, or by mail only."""

    def __init__(self, server: Server, mail_url: str = "", **more: Any) -> None:
        address = mail_url or f"smtp://127.0.0.1:{server.port}?from=hello%40studio.example"
        self.server, self.mailer = server, SmtpMailer(address, "Nova Müsik", **({"seconds": 2.0} | more))
        self.host, self.now, self.count = FakeHost(), NOW, 0

    def books(self, *, has_discord: bool = False, email: str | None = None) -> Person:
        """Somebody new, with one message that waits for them."""
        self.count += 1
        linked_as = str(900 + self.count) if has_discord else None
        bob = factories.make_person("Bob", email=email or f"bob{self.count}@example.com", linked_as=linked_as)
        booked = factories.make_coaching_session(student=bob, starts_at=NOW + timedelta(days=9))
        owe(MessageKind.BOOKED, f"booked:{self.count}", bob.id, NOW, session_id=booked.id)
        return bob

    def turn(self, later: timedelta = timedelta(0)) -> int:
        self.now += later
        return deliver_due(self.mailer, self.now, host=self.host)

    def of(self, person: Person) -> tuple[str, str]:
        notice = Notice.get(Notice.person_id == person.id)
        return notice.state, notice.channel

    @property
    def direct_count(self) -> int:
        return len(self.host.messages)


def is_remembered(person: Person) -> bool:
    message_settings = MessageSettings.get_or_none(MessageSettings.person == person)
    return bool(message_settings and message_settings.mail_refused_at)


def test_what_the_server_takes_is_sent_with_its_name_beyond_ascii() -> None:
    with running() as server:
        world = World(server)
        bob = world.books()
        assert world.turn() == 1
        assert world.of(bob) == ("sent", "mail")
        [(sender, recipient, mail)] = server.mails
        assert (sender, recipient) == ("hello@studio.example", bob.email)
        assert mail["From"].addresses[0].addr_spec == "hello@studio.example"
        assert world.turn(MINUTE) == 0
        assert len(server.mails) == 1


def test_a_greylisted_mail_goes_some_minutes_later_and_nobody_is_written_to_twice() -> None:
    with running() as server:
        world = World(server)
        server.recipient = ["451 4.7.1 Greylisted, please try again in 60 seconds"]
        bob = world.books(has_discord=True)
        assert world.turn() == 0
        assert world.of(bob) == ("waiting", "mail")
        assert "451 4.7.1" in Notice.get().last_error
        assert world.turn(MINUTE) == 1
        assert (world.of(bob), len(server.mails), world.direct_count) == (("sent", "mail"), 1, 0)


def test_a_refused_sender_or_a_log_in_that_is_asked_for_loses_nothing() -> None:
    with running() as server:
        world = World(server)
        both = [world.books(), world.books()]
        server.sender = ["550 5.7.60 sender not owned by user"]
        assert world.turn() == 0
        # The second one was not tried: it would have been refused, too.
        assert server.sender == []
        assert {Notice.get(Notice.person_id == person.id).state for person in both} == {"waiting"}
        assert not any(is_remembered(person) for person in both)
        server.recipient = ["530 5.7.0 Authentication required"]
        assert world.turn(2 * MINUTE) == 0
        assert world.turn(10 * MINUTE) == 2


def test_a_server_that_wants_a_log_in_is_told_from_one_that_takes_no_password() -> None:
    def refuse(*_: Any) -> AuthResult:
        return AuthResult(success=False, handled=False)

    with running(authenticator=refuse, auth_require_tls=False) as server:
        world = World(server)
        bob = world.books()
        server.sender = ["530 5.7.0 Authentication required"]
        world.turn()
        assert world.of(bob) == ("waiting", "mail")
        assert "530" in Notice.get().last_error
        wrong = f"smtp://me%40studio.example:wrong@127.0.0.1:{server.port}"
        world = World(server, wrong)
        world.turn(10 * MINUTE)
        assert "does not accept the name and password" in Notice.get().last_error
        assert server.mails == []


def test_an_address_that_refuses_for_good_is_remembered_until_it_is_verified_again() -> None:
    with running() as server:
        world = World(server)
        for answer in ("550 5.1.1 no such user", "550 no such user here", "550 5.2.1 mailbox disabled"):
            bob, eve, before = world.books(has_discord=True), world.books(), world.direct_count
            server.recipient = [answer, answer]
            assert world.turn() == 1
            # Discord takes over where there is an account; else the message waits until its person can be reached.
            assert (world.of(bob), world.of(eve), world.direct_count) == (
                ("sent", "discord"),
                ("held", "mail"),
                before + 1,
            )
            assert is_remembered(bob)
            assert is_remembered(eve)

        server.recipient = ["550 not asked"]
        session_id = Notice.get(Notice.person_id == eve.id).session_id
        owe(MessageKind.COACH_BOOKED, "next", eve.id, NOW, session_id=session_id)
        assert world.turn(MINUTE) == 0
        assert Notice.get(Notice.key == "next").state == "held"
        assert server.recipient == ["550 not asked"]

        server.recipient = []
        Person.update(email_verified_at=world.now + MINUTE).where(Person.id == eve.id).execute()
        release_held(eve.id)
        assert world.turn(2 * MINUTE) == 2
        assert [recipient for _, recipient, _ in server.mails] == [eve.email, eve.email]


def test_a_refusal_by_rule_is_no_word_against_the_address() -> None:
    with running() as server:
        world = World(server)
        for number, (where, answer) in enumerate(
            (
                ("recipient", "550 5.7.1 rejected by policy"),
                ("recipient", "550 relay not permitted"),
                ("recipient", "552 5.2.2 mailbox full"),
                ("text", "554 5.7.1 looks like spam"),
                ("text", "554 5.6.0 not this"),
            )
        ):
            bob, eve = world.books(has_discord=True), world.books()
            setattr(server, where, [answer, answer])
            assert world.turn() == 1
            assert (world.of(bob), world.direct_count) == (("sent", "discord"), number + 1)
            assert world.of(eve) == ("failed" if "5.6" in answer else "waiting", "mail")
            assert not is_remembered(bob)
            assert not is_remembered(eve)
            assert server.mails == []


def test_a_refusal_that_is_about_the_sender_is_not_held_against_the_recipient() -> None:
    with running() as server:
        world = World(server)
        bob = world.books(has_discord=True)
        server.recipient = ["553 5.1.8 sender's domain does not exist"]
        world.turn()
        assert (world.of(bob), is_remembered(bob)) == (("waiting", "mail"), False)


@pytest.mark.parametrize(("fault", "is_kept"), [("hang", True), ("drop", True), ("drop, not kept", False)])
def test_a_connection_lost_after_the_text_leaves_it_unsure_and_no_second_message(fault: str, is_kept: bool) -> None:
    with running() as server:
        world = World(server, seconds=0.3)
        bob = world.books(has_discord=True)
        server.text = [fault]
        assert world.turn() == 0
        assert world.of(bob) == ("unsure", "mail")
        for _ in range(3):
            world.turn(timedelta(hours=1))
        assert (world.of(bob), len(server.mails), world.direct_count) == (("unsure", "mail"), int(is_kept), 0)


def test_a_connection_lost_after_the_server_said_yes_has_sent_it() -> None:
    with running() as server:
        world = World(server)
        bob = world.books()
        server.text = ["drop after 250"]
        assert world.turn() == 1
        assert (world.of(bob), len(server.mails)) == (("sent", "mail"), 1)


def test_a_certificate_that_nobody_vouches_for_gets_no_word_of_a_mail(tmp_path: Path) -> None:
    with running(tls_context=own_certificate(tmp_path), require_starttls=True) as server:
        world = World(server)
        bob = world.books()
        world.turn()
        assert (world.of(bob), server.mails) == (("waiting", "mail"), [])
        assert "the certificate of 127.0.0.1" in Notice.get().last_error


def test_an_address_beyond_ascii_goes_where_a_server_takes_it() -> None:
    with running(enable_SMTPUTF8=True) as server:
        world = World(server)
        world.books(email="jörg@müsik.example")
        assert world.turn() == 1
        [(_, recipient, mail)] = server.mails
        assert recipient == "jörg@müsik.example"
        assert mail["To"].addresses[0].addr_spec == "jörg@müsik.example"
    with running(enable_SMTPUTF8=False) as server:
        world = World(server)
        world.count = 10
        # Only the domain is beyond ASCII: that has a form every server takes.
        world.books(email="bob@müsik.example")
        joerg, other = world.books(email="jörg2@müsik.example"), world.books(email="jörg3@b.example", has_discord=True)
        assert world.turn() == 2
        [(_, recipient, mail)] = server.mails
        assert recipient == mail["To"].addresses[0].addr_spec == "bob@xn--msik-0ra.example"
        assert (world.of(joerg), world.of(other)) == (("failed", "mail"), ("sent", "discord"))
        assert "cannot write to such an address" in Notice.get(Notice.person_id == joerg.id).last_error


def test_what_one_channel_refuses_is_not_sent_twice_by_the_other() -> None:
    """Whoever wants messages by both channels gets the other half anyway."""
    with running() as server:
        world = World(server)
        bob = world.books(has_discord=True)
        whole = Notice.get()
        Notice.update(channel="mail").where(Notice.id == whole.id).execute()
        half = {name: getattr(whole, name) for name in ("kind", "person_id", "session_id", "made_at")}
        Notice.create(key=f"{whole.key}/discord", channel="discord", **half)
        server.recipient = ["550 5.1.1 no such user"]
        assert world.turn() == 1
        assert world.direct_count == 1
        assert sorted((notice.state, notice.channel) for notice in Notice.select()) == [
            ("overtaken", "mail"),
            ("sent", "discord"),
        ]
        assert is_remembered(bob)


def test_while_the_mail_server_is_away_discord_spares_whoever_has_an_account_a_long_wait() -> None:
    with running() as server:
        world = World(server)
    # Nobody listens there any more.
    bob, eve = world.books(has_discord=True), world.books()
    for minutes in (0, 1, 2, 4):
        world.turn(minutes * MINUTE)
    assert (world.of(bob), world.direct_count) == (("waiting", "mail"), 0)
    world.turn(8 * MINUTE)
    assert (world.of(bob), world.of(eve), world.direct_count) == (("sent", "discord"), ("waiting", "mail"), 1)

    # Nobody waits in vain because another mail waits for hours.
    Notice.update(attempts=12).where(Notice.person_id == eve.id).execute()
    late = world.books(has_discord=True)
    world.turn(timedelta(hours=2))
    world.turn(MINUTE)
    assert (world.of(late), world.of(eve), world.direct_count) == (("sent", "discord"), ("waiting", "mail"), 2)

    soon = world.books(has_discord=True)
    start = world.now + timedelta(seconds=50)
    session_id = Notice.get(Notice.person_id == soon.id).session_id
    times = {"starts_at": start - 60 * MINUTE, "busy_from": start - 60 * MINUTE, "ends_at": start, "busy_until": start}
    CoachingSession.update(times).where(CoachingSession.id == session_id).execute()
    world.turn()
    assert world.of(soon) == ("sent", "discord")


def test_a_link_to_a_mailbox_that_is_not_there_stays_failed() -> None:
    with running() as server:
        world = World(server)
        enqueue("verify:1", "verify", "nobody@example.com", "Confirm", "https://example.com/secret", NOW)
        server.recipient = ["550 5.1.1 no such user"]
        world.turn()
        world.turn(timedelta(hours=1))
        assert (Notice.get().state, server.mails) == ("failed", [])


def own_certificate(folder: Path) -> ssl.SSLContext:
    """A server's side of TLS with a certificate that it has signed itself."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    now = datetime.now(UTC)
    builder = (
        builder.serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    )
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    path = folder / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context
