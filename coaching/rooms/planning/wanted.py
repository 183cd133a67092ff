"""What a room ought to be at an instant, and whom it lets in then. Pure."""

from datetime import datetime

from coaching.guild_parts import Overwrite
from coaching.guild_rights import AUDIO_RIGHTS, BOT_RIGHTS, SHUT_OUT, VIDEO_RIGHTS
from coaching.rooms.planning.case import IN_ORDER, RoomCase, RoomKind, RoomState
from coaching.rooms.planning.timeline import Timeline

STANDING = (RoomState.HIDDEN, RoomState.OPEN)


def wanted_state(case: RoomCase, now: datetime) -> RoomState:
    """The state this session's room ought to be in at `now`."""
    if not case.is_on:
        return RoomState.REMOVED
    if case.kind != RoomKind.SESSION:
        return RoomState.HIDDEN
    wanted = _state_by_clock(case.timeline, now)
    if case.recorded.thresholds == case.thresholds:
        # A clock that was put back undoes nothing: who has been let in stays in, who was shut out stays out.
        wanted = max(wanted, case.recorded.state, key=IN_ORDER.index)
    is_past = wanted in (RoomState.CLOSED, RoomState.REMOVED)
    if is_past and case.recorded.state == RoomState.OPEN and case.is_talking and now < case.talk_ends_at:
        return RoomState.OPEN
    return wanted


def _state_by_clock(due: Timeline, now: datetime) -> RoomState:
    # Thresholds, not windows: a tick that never ran must not cost anyone a room.
    if now >= due.removed_at:
        return RoomState.REMOVED
    if now >= due.closes_at:
        return RoomState.CLOSED
    if now >= due.opens_at:
        return RoomState.OPEN
    if now >= due.made_at:
        return RoomState.HIDDEN
    return RoomState.ABSENT


def is_too_late(case: RoomCase, now: datetime) -> bool:
    """True when the session has ended and nobody was let in before."""
    return now >= case.ends_at and case.recorded.state != RoomState.OPEN


def next_threshold(case: RoomCase, now: datetime) -> datetime | None:
    """The next instant at which this session's clock, and nothing else, makes something due."""
    if not case.is_on or case.kind != RoomKind.SESSION:
        return None
    thresholds = (*case.timeline.thresholds, case.talk_ends_at)
    return min((threshold for threshold in thresholds if threshold > now), default=None)


def due_since(case: RoomCase, state: RoomState) -> datetime | None:
    """Since when the room ought to have been in `state`, or None where that is not the clock's decision."""
    due = case.timeline
    if not case.is_on or case.kind != RoomKind.SESSION:
        return None
    if state in (RoomState.CLOSED, RoomState.REMOVED):
        # Those who talked on were left alone.
        return None if case.recorded.is_warned else {"closed": due.closes_at, "removed": due.removed_at}[state]
    since = {RoomState.HIDDEN: due.made_at, RoomState.OPEN: due.opens_at}.get(state)
    return max(since, case.wishes.booked_at or since) if since else None


def wanted_overwrites(case: RoomCase, state: RoomState, bot_id: str) -> frozenset[Overwrite]:
    """Who may enter a room in `state`: the bot always, those it is for only while it is open, nobody else ever."""
    # A room that stands stays where it is, even when its store has moved to another guild.
    guild_id = case.standing_guild_id or ""
    entries = {
        Overwrite(guild_id, is_member=False, deny=SHUT_OUT),
        Overwrite(bot_id, is_member=True, allow=BOT_RIGHTS),
    }
    rights = VIDEO_RIGHTS if case.has_video else AUDIO_RIGHTS
    if case.has_own_role:
        # A role that nobody has yet opens nothing, and needs no later edit to open something.
        return frozenset(entries | _entry_of_role(case, state, rights))
    if state == RoomState.OPEN:
        # An entry of somebody who left does nothing when they come back: it has to be given again, so it goes first.
        entries |= {Overwrite(user_id, True, allow=rights) for user_id in case.members}
    return frozenset(entries)


def _entry_of_role(case: RoomCase, state: RoomState, rights: int) -> set[Overwrite]:
    return {Overwrite(case.role_id, False, allow=rights)} if case.role_id and state in STANDING else set()
