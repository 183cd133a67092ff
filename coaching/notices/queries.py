"""Reads of the outbox."""

from collections.abc import Sequence
from datetime import datetime

from peewee import fn

from coaching.notices.models import Notice


def count_notices(recipient: str, kinds: Sequence[str], since: datetime) -> int:
    """How many notices of these kinds were written to this mailbox since then."""
    # However it is written: mail servers do not tell Bob@ from bob@.
    to_them = (fn.LOWER(Notice.recipient) == recipient.lower()) & Notice.kind.in_(kinds)
    return Notice.select().where(to_them, Notice.made_at > since).count()
