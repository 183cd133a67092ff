"""Outgoing mail over SMTP behind the port of `coaching/mailer.py`: one mail, one connection."""

import smtplib
import ssl
from contextlib import suppress
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from coaching.mailer import Mailer, MailNotSent, MailUnsure

SECONDS = 10.0
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def open_mailer(mail_url: str | None, site_name: str) -> Mailer | None:
    """The mailer behind `smtps://name:password@host:465?from=hello@example.com`; None without an address."""
    return SmtpMailer(mail_url, site_name) if mail_url else None


class SmtpMailer:
    """A mail server: `smtps` speaks TLS from the start, `smtp` switches to it, beyond this machine always."""

    def __init__(self, mail_url: str, site_name: str, seconds: float = SECONDS) -> None:
        parts = urlsplit(mail_url)
        self._is_tls = parts.scheme == "smtps"
        self._host = parts.hostname or "localhost"
        self._port = parts.port or (465 if self._is_tls else 587)
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")
        self._sender = Address(site_name, addr_spec=_sender(parts))
        self._seconds = seconds

    def send(self, message: EmailMessage) -> None:
        """The server has taken the mail over; otherwise MailNotSent or MailUnsure."""
        message["From"] = self._sender
        local_part = message["Message-ID"].partition("@")[0]
        message.replace_header("Message-ID", f"{local_part}@{self._sender.domain}>")
        smtp: smtplib.SMTP | None = None
        try:
            smtp = self._connected()
            self._log_in(smtp)
            self._hand_over(smtp, message)
        except smtplib.SMTPResponseException as error:
            # 4xx: later; 5xx: never. The server's own words may name the recipient, so only the code is kept.
            is_permanent = 500 <= error.smtp_code < 600
            raise MailNotSent(f"the mail server answered {error.smtp_code}", is_permanent=is_permanent) from None
        except smtplib.SMTPNotSupportedError:
            raise MailNotSent("the mail server cannot do what this mail needs", is_permanent=True) from None
        except (OSError, smtplib.SMTPException) as error:
            raise MailNotSent(f"no mail server: {type(error).__name__}") from None
        finally:
            if smtp:
                _part(smtp)

    def _connected(self) -> smtplib.SMTP:
        # Its own domain as the name it says: the machine's name is nobody's business.
        name = self._sender.domain
        if self._is_tls:
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(self._host, self._port, name, timeout=self._seconds, context=context)
        return smtplib.SMTP(self._host, self._port, name, timeout=self._seconds)

    def _log_in(self, smtp: smtplib.SMTP) -> None:
        smtp.ehlo_or_helo_if_needed()
        if not self._is_tls and (smtp.has_extn("starttls") or self._host not in LOOPBACK):
            smtp.starttls(context=ssl.create_default_context())
        if self._user:
            smtp.login(self._user, self._password)

    def _hand_over(self, smtp: smtplib.SMTP, message: EmailMessage) -> None:
        """Like smtplib's sendmail, but a connection lost after the text has begun is told apart."""
        recipient = message["To"].addresses[0].addr_spec
        is_international = not (recipient + self._sender.addr_spec).isascii()
        options = ["SMTPUTF8", "BODY=8BITMIME"] if is_international else []
        smtp.ehlo_or_helo_if_needed()
        if is_international and not smtp.has_extn("smtputf8"):
            raise smtplib.SMTPNotSupportedError
        _expect_ok(smtp.mail(self._sender.addr_spec, options))
        _expect_ok(smtp.rcpt(recipient))
        text = message.as_bytes(policy=SMTP.clone(utf8=is_international))
        try:
            _expect_ok(smtp.data(text))
        except (OSError, smtplib.SMTPServerDisconnected) as error:
            if isinstance(error, smtplib.SMTPResponseException):
                raise
            raise MailUnsure("the connection was lost while the mail was handed over") from None


def _sender(parts: SplitResult) -> str:
    """The address mail comes from: the one told, else the user's own, else one of the mail server's domain."""
    told = parse_qs(parts.query).get("from")
    user = unquote(parts.username or "")
    return told[0] if told else user if "@" in user else f"greenroom@{parts.hostname}"


def _expect_ok(answer: tuple[int, bytes]) -> None:
    code, text = answer
    if not 200 <= code < 300:
        raise smtplib.SMTPResponseException(code, text)


def _part(smtp: smtplib.SMTP) -> None:
    """The connection is closed; whatever happens to the farewell, the mail's fate is known by now."""
    with suppress(OSError):
        smtp.quit()
    smtp.close()
