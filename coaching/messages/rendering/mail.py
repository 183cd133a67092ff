"""A message as a mail: plain text, HTML of the same words, and where there is one an invitation. Pure."""

import hashlib
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from coaching.accounts.addresses import mail_address
from coaching.messages.blocks import Message
from coaching.messages.rendering.foot import Foot, foot_of
from coaching.messages.rendering.html import as_html
from coaching.messages.rendering.text import as_text, foot_as_text
from coaching.messages.sender import Sender

INVITATION = "invite.ics"
LONGEST_LINE = 990  # letters; mail servers take 998 (RFC 5321, 4.5.3.1.6)


def as_mail(
    message: Message,
    sender: Sender,
    *,
    key: str,
    recipient: str,
    at: datetime,
    off_url: str | None = None,
    choices_url: str | None = None,
) -> EmailMessage:
    """The mail, all but its sender's address; a second sending under the same key has the same Message-ID.

    `off_url` turns its kind off, `choices_url` leads to all the choices of a recipient who has an account.
    """
    mail = EmailMessage()
    mail["To"] = mail_address(recipient)
    mail["Subject"] = message.subject
    mail["Date"] = format_datetime(at)
    # From the key: where its outcome stayed unknown, the mail server of the recipient can tell that two are one.
    mail["Message-ID"] = f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@notices.greenroom.invalid>"
    mail["Auto-Submitted"] = "auto-generated"
    reply_to = _reply_to(message, recipient)
    if reply_to:
        mail["Reply-To"] = mail_address(reply_to)
    if off_url and sender.is_https:
        # RFC 8058: mail programs show a button for it, which works for https only.
        mail["List-Unsubscribe"] = f"<{off_url}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    _set_content(mail, message, foot_of(sender, reply_to, choices_url))
    return mail


def _set_content(mail: EmailMessage, message: Message, foot: Foot) -> None:
    text = as_text(message) + foot_as_text(foot)
    mail.set_content(text, cte=_encoding_of(text))
    # HTML can say every letter in ASCII, so that it need not be encoded: that would take most of a mail's time.
    page = as_html(message, foot).encode("ascii", "xmlcharrefreplace").decode()
    mail.add_alternative(page, subtype="html", cte=_encoding_of(page))
    if message.invitation:
        entry = message.invitation.content.decode()
        params = {"method": message.invitation.method, "name": INVITATION}
        mail.add_alternative(entry, subtype="calendar", cte=_encoding_of(entry), params=params)


def _encoding_of(text: str) -> str:
    """How a part travels: as it is where it can, since a link broken over two lines is hard to copy from the source."""
    is_plain = text.isascii() and all(len(line) <= LONGEST_LINE for line in text.splitlines())
    return "7bit" if is_plain else "quoted-printable"


def _reply_to(message: Message, recipient: str) -> str | None:
    """Whoever can be answered; no address with letters that the recipient's mail server may not know."""
    address = message.reply_to
    return address if address and (address.isascii() or not recipient.isascii()) else None
