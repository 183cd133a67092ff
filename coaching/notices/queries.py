"""Reads of the outbox."""

from datetime import datetime

from coaching.notices.models import Notice


def latest_notices(limit: int = 100) -> list[Notice]:
    """What was written last, the newest first."""
    return list(Notice.select().order_by(Notice.id.desc()).limit(limit))


def count_notices(recipient: str, since: datetime) -> int:
    """How many notices were written to this mailbox since then."""
    return Notice.select().where(Notice.recipient == recipient, Notice.made_at > since).count()
