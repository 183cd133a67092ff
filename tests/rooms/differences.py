"""What may be different about a test's session and about its room's row: fields of both, each with its type."""

from datetime import datetime
from typing import TypedDict

from coaching.catalog.timing import RoomTiming
from coaching.guild_parts import Overwrite
from coaching.rooms.planning.case import AccessMode, Parent, RoomRecord, RoomState, StepKind
from coaching.rooms.planning.timeline import Overrides


class CaseDifferences(TypedDict, total=False):
    session_state: str
    is_on: bool
    timing: RoomTiming
    overrides: Overrides
    guild_id: str | None
    mode: AccessMode
    recorded: RoomRecord
    parent: Parent
    shared_role_id: str | None
    next_starts_at: datetime | None


class RecordDifferences(TypedDict, total=False):
    state: RoomState
    discord_channel_id: str | None
    discord_role_id: str | None
    overwrites: frozenset[Overwrite]
    holders: frozenset[str]
    maybe_holders: frozenset[str]
    to_disconnect: frozenset[str]
    intended_at: datetime | None
    granted_at: datetime | None
    checked_at: datetime | None
    failing_step: StepKind | None
    attempts: int
    next_try_at: datetime | None
