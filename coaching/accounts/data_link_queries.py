"""Reads of the links by which a suspended person gets a copy of their data, and reaches nothing else."""

from datetime import datetime

from coaching.accounts.models import MailLink
from coaching.accounts.queries import find_mail_link

# As it was sent, and as it holds in the browser that has opened it: each with a token of its own.
SENT, OPENED = "data", "data_opened"


def find_data_link(token: str, purpose: str, now: datetime) -> MailLink | None:
    """The link of this token, with its person; None for one who is let in by now."""
    link = find_mail_link(token, purpose, now)
    return link if link and link.person.suspended_at else None
