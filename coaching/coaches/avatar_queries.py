"""Reads of whose picture at Discord is another one than is shown here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import JOIN

from coaching.accounts.models import DiscordLink
from coaching.coaches.avatars import PAUSES
from coaching.coaches.models import Coach


@dataclass(frozen=True)
class DueAvatar:
    """A coach whose picture is to be fetched, or taken away where `avatar` is None: their account has none."""

    coach_id: int
    discord_user_id: str | None
    avatar: str | None
    attempts: int


def due_avatars(now: datetime, limit: int) -> list[DueAvatar]:
    """Those that may be asked for now, the longest waiting first.

    It is what there is that says so, not that something happened: whatever was lost is found a minute later.
    """
    # Where the clock was put back, nobody waits for a time that is far away again.
    may_go = Coach.avatar_due_at.is_null() | (Coach.avatar_due_at <= now) | (Coach.avatar_due_at > now + PAUSES[-1])
    is_new = DiscordLink.avatar.is_null(False) & (Coach.avatar.is_null() | (Coach.avatar != DiscordLink.avatar))
    is_gone = DiscordLink.avatar.is_null() & Coach.avatar.is_null(False)
    rows: Any = (
        Coach.select(Coach.id, DiscordLink.discord_user_id, DiscordLink.avatar, Coach.avatar_attempts)
        .join(DiscordLink, JOIN.LEFT_OUTER, on=(DiscordLink.person == Coach.person))
        .where(Coach.takes_avatar, is_new | is_gone, may_go)
        .order_by(Coach.avatar_due_at, Coach.id)
        .limit(limit)
    )
    return [DueAvatar(*row) for row in rows.tuples()]
