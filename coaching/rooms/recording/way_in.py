"""Since when a session's room lets its student in, told from what a call has changed. Pure.

Money rests on it: a room that never let its student in while the call was to be is paid back.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from coaching.guild_rights import Right
from coaching.rooms.planning.case import RoomCase, RoomKind, RoomState
from coaching.rooms.planning.coverage import joined

# A room that flickers for days fills no row.
MOST_SPANS = 50


def way_in_after(case: RoomCase, columns: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The columns that say so, where the call's own `columns` change it; instants by the product's clock."""
    since = case.recorded.let_in_since
    if case.kind != RoomKind.SESSION:
        return {}
    lets_in = _lets_in_student(case, columns)
    if lets_in == (since is not None):
        return {}
    return {"let_in_since": now} if since is None else closed(case.recorded.let_in, since, now)


def closed(let_in: Any, since: datetime, now: datetime) -> dict[str, Any]:
    """The columns of a room that lets its student in no more."""
    return {"let_in_since": None, "let_in": joined([*let_in, (since, max(since, now))])[-MOST_SPANS:]}


def _lets_in_student(case: RoomCase, columns: Mapping[str, Any]) -> bool:
    recorded = case.recorded
    if columns.get("state", recorded.state) != RoomState.OPEN:
        return False
    # Whoever is not on the server cannot enter, whatever stands in the channel.
    students = {occupant.discord_user_id for occupant in case.occupants if not occupant.is_coach and occupant.is_member}
    entries = columns.get("overwrites", recorded.overwrites)
    let_in = {entry.target_id for entry in entries if entry.allow & Right.CONNECT}
    if case.is_of_shared_role or case.has_own_role:
        holders = columns.get("holders", recorded.holders)
        is_closed = not case.is_of_shared_role and columns.get("discord_role_id", case.role_id) not in let_in
        return bool(students & holders) and not is_closed
    return bool(students & let_in)
