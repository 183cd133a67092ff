"""Outgoing mail over SMTP behind the port of `coaching/mailer.py`: one mail, one connection."""

import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from coaching.accounts.addresses import find_key, mail_address
from coaching.mail_sender import sender_address
from coaching.mailer import Mailer, MailNotSent, MailUnsure
from gateways import deadline
from gateways.mail_folding import FOLDING

SECONDS = 10.0
# For one mail, from the look-up of the server's name to its farewell. A server that makes strangers wait takes a while.
SECONDS_IN_ALL = 45.0
# "5.7.1": what kind of refusal it is, where a server says so.
ENHANCED = re.compile(rb"[245]\.([0-9]{1,3})\.([0-9]{1,3})")
# Of these the recipient's mailbox is told not to be, or to be closed (RFC 3463): x.1.7 and x.1.8 are about the sender.
NO_MAILBOX = {(b"1", detail) for detail in (b"0", b"1", b"2", b"3", b"6", b"10")} | {(b"2", b"1")}
# What servers without such codes say where it is no mailbox that is missing: "550 relay not permitted".
RULES = re.compile(rb"relay|authenticat|spam|block|blacklist|policy|reputation", re.IGNORECASE)
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def open_mailer(mail_url: str | None, site_name: str) -> Mailer | None:
    """The mailer behind `smtps://name:password@host:465?from=hello@example.com`; None without an address."""
    return SmtpMailer(mail_url, site_name) if mail_url else None


class PlainConnection(smtplib.SMTP):
    """smtplib's client on sockets that keep to the deadline."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return deadline.connect((host, port), timeout)


class TlsConnection(smtplib.SMTP_SSL):
    """The same with TLS from the start."""

    def _get_socket(self, host: str, port: int, timeout: float) -> ssl.SSLSocket:
        return self.context.wrap_socket(deadline.connect((host, port), timeout), server_hostname=host)


class SmtpMailer:
    """A mail server: `smtps` speaks TLS from the start, `smtp` switches to it, beyond this machine always."""

    def __init__(
        self, mail_url: str, site_name: str, seconds: float = SECONDS, seconds_in_all: float = SECONDS_IN_ALL
    ) -> None:
        parts = urlsplit(mail_url)
        self._is_tls = parts.scheme == "smtps"
        self._host = parts.hostname or "localhost"
        self._port = parts.port or (465 if self._is_tls else 587)
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")
        self._sender = mail_address(_in_ascii(sender_address(mail_url)), site_name)
        self._seconds = seconds
        self._seconds_in_all = seconds_in_all

    def send(self, message: EmailMessage, from_name: str | None = None) -> None:
        """Hand the mail over to the server; otherwise MailNotSent or MailUnsure."""
        message["From"] = mail_address(self._sender.addr_spec, from_name or self._sender.display_name)
        local_part = message["Message-ID"].partition("@")[0]
        message.replace_header("Message-ID", f"{local_part}@{self._sender.domain}>")
        with deadline.within(self._seconds_in_all), self._let_in() as smtp:
            self._hand_over(smtp, message)

    def check(self) -> None:
        """Return if the server answers and lets us in; otherwise MailNotSent."""
        with deadline.within(self._seconds_in_all), self._let_in():
            return

    @contextmanager
    def _let_in(self) -> Iterator[smtplib.SMTP]:
        """The connection, logged in where a name is told. What fails before concerns every mail, and goes again."""
        smtp: smtplib.SMTP | None = None
        try:
            try:
                smtp = self._connected()
                self._log_in(smtp)
            except smtplib.SMTPAuthenticationError as error:
                raise MailNotSent(
                    f"the mail server does not accept the name and password of MAIL_URL ({error.smtp_code})",
                    concerns_all=True,
                ) from None
            except smtplib.SMTPResponseException as error:
                raise MailNotSent(f"the mail server answered {error.smtp_code}", concerns_all=True) from None
            except smtplib.SMTPNotSupportedError:
                reason = "the mail server offers neither encryption nor the log-in that MAIL_URL asks for"
                raise MailNotSent(reason, concerns_all=True) from None
            except (OSError, smtplib.SMTPException) as error:
                raise MailNotSent(
                    f"the mail server was not reached: {self._what_is_wrong(error)}", concerns_all=True
                ) from None
            yield smtp
        finally:
            if smtp:
                _part(smtp)

    def _what_is_wrong(self, error: Exception) -> str:
        """Why the server of MAIL_URL is not reached, in words that say where to look."""
        where = f"{self._host}:{self._port}"
        if isinstance(error, socket.gaierror):
            return f"no machine is called {self._host}"
        if isinstance(error, ssl.SSLCertVerificationError):
            return f"the certificate of {where} is not valid for it ({error.verify_message})"
        if isinstance(error, ssl.SSLError):
            return f"{where} does not begin with TLS: smtps:// is usually for port 465, smtp:// for port 587"
        if isinstance(error, TimeoutError):
            return f"no answer from {where}"
        if isinstance(error, ConnectionRefusedError):
            return f"nothing listens at {where}"
        return f"{where} broke off ({type(error).__name__})"

    def _connected(self) -> smtplib.SMTP:
        # Its own domain as the name it says: the machine's name is nobody's business.
        name = self._sender.domain
        if self._is_tls:
            return TlsConnection(self._host, self._port, name, timeout=self._seconds, context=deadline.tls_context())
        return PlainConnection(self._host, self._port, name, timeout=self._seconds)

    def _log_in(self, smtp: smtplib.SMTP) -> None:
        smtp.ehlo_or_helo_if_needed()
        if not self._is_tls and (smtp.has_extn("starttls") or self._host not in LOOPBACK):
            smtp.starttls(context=deadline.tls_context())
        if self._user:
            smtp.login(self._user, self._password)

    def _hand_over(self, smtp: smtplib.SMTP, message: EmailMessage) -> None:
        """Like smtplib's sendmail, but a connection lost after the text has begun is told apart."""
        recipient = _in_ascii(message["To"].addresses[0].addr_spec)
        message.replace_header("To", mail_address(recipient))
        is_international = not (recipient + self._sender.addr_spec).isascii()
        options = ["SMTPUTF8", "BODY=8BITMIME"] if is_international else []
        if is_international and not smtp.has_extn("smtputf8"):
            reason = "the mail server cannot write to such an address"
            raise MailNotSent(reason, is_permanent=True, is_refused=True)
        if not is_international and not _are_ascii(message, "Reply-To"):
            # Better no answer than a mail that no server takes.
            del message["Reply-To"]
        text = message.as_bytes(policy=FOLDING.clone(utf8=is_international))
        try:
            _expect_ok("sender", smtp.mail(self._sender.addr_spec, options))
            _expect_ok("recipient", smtp.rcpt(recipient))
        except (OSError, smtplib.SMTPException) as error:
            raise MailNotSent(
                f"the mail server was not reached: {self._what_is_wrong(error)}", concerns_all=True
            ) from None
        try:
            _expect_ok("text", smtp.data(text))
        except smtplib.SMTPDataError as error:
            _expect_ok("text", (error.smtp_code, _as_bytes(error.smtp_error)))
        except (OSError, smtplib.SMTPServerDisconnected):
            raise MailUnsure("the connection was lost while the mail was handed over") from None


def _expect_ok(part: str, answer: tuple[int, bytes]) -> None:
    """Return if the server took it; otherwise MailNotSent, for good only where trying again cannot help.

    The server's own words may name the recipient, so only the codes are kept (RFC 5321 section 4.2, RFC 3463).
    """
    code, text = answer
    if 200 <= code < 300:
        return
    detail = ENHANCED.match(text)
    status = (detail[1], detail[2]) if detail else None
    # A sender that is not taken, "I am closing" and "log in first" at whichever word concern every mail.
    concerns_all = part == "sender" or code in (421, 530) or status in ((b"1", b"7"), (b"1", b"8"))
    is_refused = 500 <= code < 600 and not concerns_all
    # x.7.x is about rights ("no relaying"), which whoever runs the mail server can change: the mail itself is sound.
    # A mailbox that is full (x.2.2) gets empty again.
    is_rule = bool(detail[1] == b"7" or status == (b"2", b"2")) if detail else bool(RULES.search(text))
    is_permanent = is_refused and not is_rule
    is_no_mailbox = status in NO_MAILBOX if detail else code in (550, 551)
    raise MailNotSent(
        f"the mail server refused the {part}: {code}" + (f" {detail[0].decode()}" if detail else ""),
        is_permanent=is_permanent,
        concerns_all=concerns_all,
        is_refused=is_refused,
        is_about_recipient=part == "recipient" and is_permanent and is_no_mailbox,
    )


def _in_ascii(address: str) -> str:
    """The address with its domain as every mail server takes it, where the mailbox's own name is ASCII."""
    local_part, _, domain = address.rpartition("@")
    if not local_part.isascii() or domain.isascii():
        return address
    key = find_key(address)
    return f"{local_part}@{key.rpartition('@')[2]}" if key else address


def _are_ascii(message: EmailMessage, name: str) -> bool:
    return name not in message or all(address.addr_spec.isascii() for address in message[name].addresses)


def _as_bytes(text: bytes | str) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def _part(smtp: smtplib.SMTP) -> None:
    """The connection is closed; whatever happens to the farewell, the mail's fate is known by now."""
    with suppress(OSError):
        smtp.quit()
    smtp.close()
