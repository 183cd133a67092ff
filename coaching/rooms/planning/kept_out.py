"""Whether a room ever let its student in while the call was to be, and whose cause it was if not. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from coaching.booking.events import OutBecause
from coaching.rooms.planning.coverage import Span
from coaching.rooms.recording.events import EventKind

_OPENS = frozenset((EventKind.MADE_OPEN, EventKind.OPENED, EventKind.FOUND, EventKind.ROLE_GIVEN))
_SHUTS = frozenset(
    (
        *(EventKind.HIDDEN, EventKind.CLOSED, EventKind.REMOVED, EventKind.ALREADY_GONE),
        *(EventKind.DELETED_BY_OTHERS, EventKind.SETTLED, EventKind.NOT_FOUND),
    )
)


@dataclass(frozen=True)
class WayIn:
    """What is known of a room and its student when the planned end has come."""

    let_in: tuple[Span, ...]  # in which it was open to the student
    let_in_since: datetime | None  # and since when it is
    was_seen: bool  # the student, inside, from the planned start on
    was_open: bool  # to anybody it could let in
    is_banned: bool
    is_linked: bool
    has_left: bool


def kept_out_because(way_in: WayIn, starts_at: datetime, ends_at: datetime) -> OutBecause | None:
    """Why the room never let the student in between start and end; None when it did, if only late or for a while."""
    is_open = way_in.let_in_since is not None and way_in.let_in_since < ends_at
    if way_in.was_seen or is_open or _meets(way_in.let_in, starts_at, ends_at):
        return None
    if way_in.is_banned:
        return OutBecause.BANNED
    if not way_in.was_open:
        # It would have let in nobody: whether the student was on the server does not matter.
        return OutBecause.NO_ROOM
    if not way_in.is_linked:
        return OutBecause.NOT_LINKED
    return OutBecause.LEFT if way_in.has_left else OutBecause.NO_RIGHT


def was_open(log: Iterable[tuple[EventKind, datetime]], starts_at: datetime, ends_at: datetime) -> bool:
    """True when by the room's log, in its order, it was open at any time between start and end."""
    is_open = False
    for kind, at in log:
        if at >= ends_at:
            break
        if kind in _OPENS:
            is_open = True
            if at >= starts_at:
                return True
        elif kind in _SHUTS:
            if is_open and at > starts_at:
                return True
            is_open = False
    return is_open


def _meets(spans: Iterable[Span], starts_at: datetime, ends_at: datetime) -> bool:
    return any(since < ends_at and until > starts_at for since, until in spans)
