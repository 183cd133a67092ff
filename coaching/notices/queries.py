"""Reads of the outbox."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import Expression

from coaching.notices.keys import keys_of
from coaching.notices.kinds import Channel
from coaching.notices.models import RESTORED, Notice

# The worker looks each minute.
LATE = timedelta(minutes=10)


@dataclass(frozen=True)
class Outbox:
    """How many mails are not where they ought to be."""

    waiting: int  # to be sent, and still worth it
    late: int  # tried in vain so far, or due for a while
    restored: int  # they waited in a backup that was put back, and may have gone before
    lost: int  # given up, or nobody knows whether they went out
    expired: int  # within the last day: not worth sending any more before they could be


def outbox(now: datetime) -> Outbox:
    """How the outbox stands."""
    is_waiting = (Notice.state == "waiting") & (Notice.ends_at.is_null() | (Notice.ends_at > now))
    is_left = (Notice.state == "sending") & (Notice.claimed_until <= now)
    is_late = (Notice.attempts > 0) | (Notice.due_at < now - LATE)
    is_restored = (Notice.state == "unsure") & (Notice.last_error == RESTORED)
    is_unsure = (Notice.state == "unsure") & (Notice.last_error.is_null() | (Notice.last_error != RESTORED))
    return Outbox(
        waiting=_count(is_waiting),
        late=_count((is_waiting & is_late) | is_left),
        restored=_count(is_restored),
        lost=_count(is_unsure | (Notice.state == "failed")),
        expired=_count((Notice.state == "expired") & (Notice.ends_at > now - timedelta(days=1))),
    )


def has_twin(notice: Notice) -> bool:
    """True for a message that goes, or went, by another channel, too."""
    keys = keys_of(notice.key)
    return bool(Notice.select().where(Notice.key.in_(keys), Notice.id != notice.id).exists())


def next_due_at(channels: Collection[Channel], now: datetime) -> datetime | None:
    """When the next message by one of these channels is due that has not gone yet; now, where one is due already."""
    waiting = Notice.select(Notice.due_at).where(Notice.state == "waiting", Notice.channel.in_(list(channels)))
    first: Notice | None = waiting.order_by(Notice.due_at.is_null().desc(), Notice.due_at).first()
    return max(first.due_at or now, now) if first else None


def _count(which: Expression) -> int:
    return int(Notice.select().where(which).count())
