"""A notice as a mail: plain text, with a Message-ID that a second sending would share. Pure."""

import hashlib
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime


def letter(key: str, recipient: str, subject: str, body: str, made_at: datetime) -> EmailMessage:
    """The mail, all but its sender."""
    message = EmailMessage()
    message["To"] = Address(addr_spec=recipient)
    message["Subject"] = subject
    message["Date"] = format_datetime(made_at)
    # From the key: where a doubt remains, the mail server of the recipient can tell that two are one.
    message["Message-ID"] = f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@notices.greenroom.invalid>"
    message["Auto-Submitted"] = "auto-generated"
    # Left as it is where it can be: a link broken over two lines is hard to copy from the source.
    message.set_content(body, cte="7bit" if body.isascii() else "quoted-printable")
    return message
