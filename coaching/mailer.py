"""The port to the outgoing mail: one mail, one call, and the two ways in which it can fail. Port."""

from email.message import EmailMessage
from typing import Protocol


class MailNotSent(Exception):
    """The mail has certainly not gone. `is_permanent`: trying again will not help.

    It `concerns_all` when the mail server was not reached, or took no mail from us at all. It `is_refused` when the
    server said no to this one mail, be it for good or for a rule that somebody may change; it `is_about_recipient` when
    there is no mailbox under this address, or none that takes mail.
    """

    def __init__(
        self,
        reason: str,
        *,
        is_permanent: bool = False,
        concerns_all: bool = False,
        is_refused: bool = False,
        is_about_recipient: bool = False,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_permanent = is_permanent
        self.concerns_all = concerns_all
        self.is_refused = is_refused
        self.is_about_recipient = is_about_recipient


class MailUnsure(Exception):
    """The connection was lost after the mail had been handed over: it may have gone or not."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Mailer(Protocol):
    """Somebody who carries mail."""

    def send(self, message: EmailMessage, from_name: str | None = None) -> None:
        """The mail has been taken over for delivery; otherwise MailNotSent or MailUnsure.

        Sets the sender itself: the site's address, by its own name or this one.
        """

    def check(self) -> None:
        """Return if the mail server answers and lets us in, without sending anything; otherwise MailNotSent."""
