"""A notice as a mail: plain text, with a Message-ID that a second sending would share. Pure."""

import hashlib
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

NO_FOOT = ""


def foot_of(site_name: str, site_url: str, imprint_url: str | None, privacy_url: str | None) -> str:
    """What stands below every mail, set off as a signature: the site's name and its pages."""
    pages = {"Imprint": imprint_url, "Privacy": privacy_url}
    lines = [site_name, site_url, *(f"{title}: {address}" for title, address in pages.items() if address)]
    return "\n-- \n" + "\n".join(lines) + "\n"


def letter(key: str, recipient: str, subject: str, body: str, made_at: datetime, foot: str = NO_FOOT) -> EmailMessage:
    """The mail, all but its sender; `foot` says which site it comes from."""
    message = EmailMessage()
    message["To"] = Address(addr_spec=recipient)
    message["Subject"] = subject
    message["Date"] = format_datetime(made_at)
    # From the key: where a doubt remains, the mail server of the recipient can tell that two are one.
    message["Message-ID"] = f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@notices.greenroom.invalid>"
    message["Auto-Submitted"] = "auto-generated"
    # Left as it is where it can be: a link broken over two lines is hard to copy from the source.
    text = body.rstrip("\n") + "\n" + foot
    message.set_content(text, cte="7bit" if text.isascii() else "quoted-printable")
    return message
