"""A room's row as the plain record that the plan decides by, and how plain values lie in its columns."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime

from coaching.guild_parts import Overwrite
from coaching.rooms.models import Room
from coaching.rooms.planning.case import AccessMode, RoomRecord, RoomState, StepKind
from coaching.rooms.planning.coverage import Span


def record_of(room: Room) -> RoomRecord:
    """What is written down about the room."""
    return RoomRecord(
        room_id=room.id,
        version=room.version,
        state=RoomState(room.state),
        mode=AccessMode(room.mode),
        asked_mode=AccessMode(room.asked_mode),
        thresholds=room.thresholds,
        guild_id=room.discord_guild_id,
        channel_id=room.discord_channel_id,
        role_id=room.discord_role_id,
        overwrites=unpacked(room.overwrites),
        holders=frozenset(json.loads(room.holders)),
        maybe_holders=frozenset(json.loads(room.maybe_holders)),
        to_put_out=frozenset(json.loads(room.to_put_out)),
        is_greeted=room.greeting_message_id is not None,
        is_warned=room.warned_at is not None,
        intends_role=room.intent == "role",
        intended_at=room.intended_at,
        looked_at=room.looked_at,
        made_at=room.made_at,
        granted_at=room.granted_at,
        checked_at=room.checked_at,
        claimed_until=room.claimed_until,
        failing_step=StepKind(room.failing_step) if room.failing_step else None,
        attempts=room.attempts,
        next_try_at=room.next_try_at,
    )


def unpacked(text: str) -> frozenset[Overwrite]:
    """Overwrites as `claim_mutations.packed` wrote them."""
    return frozenset(Overwrite(*entry) for entry in json.loads(text))


def packed_spans(spans: Iterable[Span]) -> str:
    """Spans as text, to the second."""
    return json.dumps([[int(since.timestamp()), int(until.timestamp())] for since, until in spans])


def unpacked_spans(text: str | None) -> tuple[Span, ...]:
    """Spans as `packed_spans` wrote them; none where none were kept."""
    spans = json.loads(text or "[]")
    return tuple((datetime.fromtimestamp(since, UTC), datetime.fromtimestamp(until, UTC)) for since, until in spans)
