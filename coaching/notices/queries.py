"""Reads of the outbox: how it stands, and what became of each message."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import Expression, fn

from coaching.db import rows
from coaching.notices.keys import keys_of
from coaching.notices.kinds import Channel
from coaching.notices.models import RESTORED, Notice
from coaching.paging import page_of

# The key of a message that a room opened before a backup was put back: its own key may be another one by then.
ROOM_OPEN_BEFORE = "room_open:{session_id}:before the restore"
# The worker looks each minute.
LATE = timedelta(minutes=10)


@dataclass(frozen=True)
class Outbox:
    """How many messages are not where they ought to be."""

    stuck: int  # mails to be sent, and still worth it, where no mail leaves
    late: int  # tried in vain so far, or due for a while
    restored: int  # they may have gone out before the database was restored
    lost: int  # given up, or nobody knows whether they went out
    expired: int  # within the last day: not worth sending any more before they could be
    held: int  # until somebody can be reached
    held_for: int  # so many people


def outbox(now: datetime, sends_mail: bool = True) -> Outbox:
    """How the outbox stands; where no mail leaves, none of them is late."""
    is_waiting = (Notice.state == "waiting") & (Notice.ends_at.is_null() | (Notice.ends_at > now))
    is_left = (Notice.state == "sending") & (Notice.claimed_until <= now)
    is_late = (Notice.attempts > 0) | (Notice.due_at < now - LATE)
    is_mail = Notice.channel == Channel.MAIL
    can_go = True if sends_mail else ~is_mail
    is_restored = (Notice.state == "unsure") & (Notice.last_error == RESTORED)
    is_unsure = (Notice.state == "unsure") & (Notice.last_error.is_null() | (Notice.last_error != RESTORED))
    is_held = Notice.state == "held"
    return Outbox(
        stuck=0 if sends_mail else _count(is_waiting & is_mail),
        late=_count(((is_waiting & is_late) | is_left) & can_go),
        restored=_count(is_restored),
        lost=_count(is_unsure | (Notice.state == "failed")),
        expired=_count((Notice.state == "expired") & (Notice.ends_at > now - timedelta(days=1))),
        held=_count(is_held),
        held_for=int(Notice.select(fn.COUNT(Notice.person_id.distinct())).where(is_held).scalar()),
    )


def waiting_by(channel: Channel, due_at: datetime, limit: int) -> list[Notice]:
    """The messages to known people that wait for this channel until then."""
    is_held_up = (Notice.state == "waiting") & (Notice.channel == channel) & (Notice.due_at == due_at)
    notices = Notice.select().where(is_held_up, Notice.person_id.is_null(False), Notice.unsure_at.is_null())
    return list(notices.order_by(Notice.id).limit(limit))


def has_twin(notice: Notice) -> bool:
    """True for a message that goes, or may have gone, by another channel, too."""
    is_alive = Notice.state.in_(("waiting", "held", "sending", "sent", "unsure"))
    twins = Notice.select().where(Notice.key.in_(keys_of(notice.key)), Notice.id != notice.id, is_alive)
    return bool(twins.exists())


def next_due_at(channels: Collection[Channel], now: datetime) -> datetime | None:
    """When the next message by one of these channels is due that has not gone yet; now, where one is due already."""
    waiting = Notice.select(Notice.due_at).where(Notice.state == "waiting", Notice.channel.in_(list(channels)))
    first: Notice | None = waiting.order_by(Notice.due_at.is_null().desc(), Notice.due_at).first()
    return max(first.due_at or now, now) if first else None


@dataclass(frozen=True)
class Sought:
    """Which messages are asked for; an empty word asks for all."""

    state: str = ""
    kind: str = ""
    channel: str = ""

    @property
    def is_all(self) -> bool:
        return not (self.state or self.kind or self.channel)


def notices_page(sought: Sought, page: int, size: int) -> tuple[list[Notice], bool]:
    """The messages that are asked for, the newest first, and whether there are more."""
    query = Notice.select().order_by(Notice.id.desc())
    for column, word in ((Notice.state, sought.state), (Notice.kind, sought.kind), (Notice.channel, sought.channel)):
        if word:
            query = query.where(column == word)
    return page_of(query, page, size)


def notices_about(session_id: int) -> list[Notice]:
    """Every message about the session, the oldest first."""
    return list(Notice.select().where(Notice.session_id == session_id).order_by(Notice.id))


@dataclass(frozen=True)
class Waiting:
    """How many messages wait, and since when the oldest does."""

    count: int = 0
    since: datetime | None = None


@dataclass(frozen=True)
class Queue:
    """What has not gone yet."""

    due: Waiting  # could go, or was tried in vain
    later: Waiting  # until a time of its own, as the end of somebody's quiet hours
    held: Waiting  # until somebody can be reached


def waiting_messages(now: datetime) -> Queue:
    """What has not gone yet, and for how long."""
    is_waiting = Notice.state == "waiting"
    is_later = (Notice.due_at > now) & (Notice.attempts == 0)
    is_due = Notice.due_at.is_null() | (Notice.due_at <= now) | (Notice.attempts > 0)
    return Queue(
        due=_waiting((is_waiting & is_due) | (Notice.state == "sending")),
        later=_waiting(is_waiting & is_later),
        held=_waiting(Notice.state == "held"),
    )


def last_of_kind(kind: str, recipient: str) -> Notice | None:
    """The last message of a kind to an address."""
    same = (Notice.kind == kind) & (Notice.recipient == recipient)
    notice: Notice | None = Notice.select().where(same).order_by(Notice.id.desc()).first()
    return notice


def next_due(kind: str, session_id: int, machine_now: datetime, apart: timedelta) -> datetime | None:
    """From when one more message of a kind about a session may go, so long after the last; None while one waits."""
    same = (Notice.session_id == session_id) & (Notice.kind == kind)
    if Notice.select().where(same, Notice.state.in_(("waiting", "held"))).exists():
        return None
    last: Notice | None = (
        Notice.select().where(same, Notice.sent_at.is_null(False)).order_by(Notice.sent_at.desc()).first()
    )
    return max(machine_now, last.sent_at + apart) if last else machine_now


def is_owed(key: str) -> bool:
    """True when there is a message under this key."""
    return bool(Notice.select().where(Notice.key == key).exists())


def oldest_due(now: datetime) -> datetime | None:
    """When the oldest message was written that could go, or was tried in vain; None when nothing waits."""
    return waiting_messages(now).due.since


def _waiting(which: Expression) -> Waiting:
    [(count, first)] = rows(Notice.select(fn.COUNT(Notice.id), fn.MIN(Notice.made_at)).where(which))
    return Waiting(int(count), Notice.made_at.python_value(first) if first else None)


def _count(which: Expression) -> int:
    return int(Notice.select().where(which).count())
