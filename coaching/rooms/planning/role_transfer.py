"""Who keeps a store's shared role for another session, so that the one that ends does not take it. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from coaching.rooms.planning.case import RoomCase, RoomState
from coaching.rooms.planning.status import RoomStatus

# One person's right to a shared role: the store, the guild, the account.
Entry = tuple[int | None, str, str]


def keeping_shared_roles(cases: Iterable[RoomCase], now: datetime) -> list[RoomCase]:
    """The cases, each knowing which of its holders keep the shared role for another session of the same store."""
    cases = list(cases)
    entitled, given = defaultdict[Entry, set[int]](set), defaultdict[Entry, set[int]](set)  # by which of the cases
    for number, case in enumerate(cases):
        for user_id in _entitled(case, now):
            entitled[_entry(case, user_id)].add(number)
            if user_id in case.recorded.holders:
                given[_entry(case, user_id)].add(number)
    for number, case in enumerate(cases):
        if case.is_of_shared_role:
            by_others = {user_id: entitled[_entry(case, user_id)] - {number} for user_id in case.recorded.may_hold}
            kept = frozenset(user_id for user_id, others in by_others.items() if others)
            awaited = frozenset(user_id for user_id in kept if not given[_entry(case, user_id)] - {number})
            cases[number] = replace(case, kept_holders=kept, awaited_holders=awaited)
    return cases


def _entitled(case: RoomCase, now: datetime) -> tuple[str, ...]:
    """Who has the store's role for this session, or is going to be given it."""
    if not case.is_of_shared_role:
        return ()
    status = RoomStatus(case, now)
    return case.members if status.wanted == RoomState.OPEN and not status.is_too_late else ()


def _entry(case: RoomCase, user_id: str) -> Entry:
    return case.store_id, case.home_guild_id, user_id
