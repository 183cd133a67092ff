"""A message as a mail. Pure."""

import hashlib
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from coaching.mailer import mail_address
from coaching.messages.blocks import Message
from coaching.messages.rendering.text import as_text
from coaching.messages.sender import Sender


def as_mail(
    message: Message, sender: Sender, *, key: str, recipient: str, at: datetime, off_url: str | None = None
) -> EmailMessage:
    """The mail, all but its sender's address; a second sending under the same key has the same Message-ID."""
    mail = EmailMessage()
    mail["To"] = mail_address(recipient)
    mail["Subject"] = message.subject
    mail["Date"] = format_datetime(at)
    # From the key: where a doubt remains, the mail server of the recipient can tell that two are one.
    mail["Message-ID"] = f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@notices.greenroom.invalid>"
    mail["Auto-Submitted"] = "auto-generated"
    # Left as it is where it can be: a link broken over two lines is hard to copy from the source.
    text = as_text(message) + foot_of(sender)
    mail.set_content(text, cte="7bit" if text.isascii() else "quoted-printable")
    return mail


def foot_of(sender: Sender) -> str:
    """What stands below every mail, set off as a signature: the site's name and its pages."""
    pages = {"Imprint": sender.imprint_url, "Privacy": sender.privacy_url}
    lines = [sender.name, sender.url, *(f"{title}: {address}" for title, address in pages.items() if address)]
    return "\n-- \n" + "\n".join(lines) + "\n"
