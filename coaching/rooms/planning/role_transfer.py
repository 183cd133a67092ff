"""Who keeps a store's shared role for another session, so that the one that ends does not take it. Pure."""

from collections import Counter
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
    entitled, given = Counter[Entry](), Counter[Entry]()
    for case in cases:
        own = _entitled(case, now)
        entitled.update(own)
        given.update(own & _holding(case.recorded.holders, case))
    return [_keeping(case, entitled, given, now) if case.is_of_shared_role else case for case in cases]


def _keeping(case: RoomCase, entitled: Counter[Entry], given: Counter[Entry], now: datetime) -> RoomCase:
    own = _entitled(case, now)
    own_given = own & _holding(case.recorded.holders, case)
    # Those counts have this session in them, too, where it entitles somebody itself.
    kept = {entry for entry in _holding(case.recorded.may_hold, case) if entitled[entry] - int(entry in own) > 0}
    awaited = {entry for entry in kept if given[entry] - int(entry in own_given) == 0}
    return replace(case, kept_holders=_people(kept), awaited_holders=_people(awaited))


def _people(entries: Iterable[Entry]) -> frozenset[str]:
    return frozenset(user_id for _, _, user_id in entries)


def _holding(user_ids: Iterable[str], case: RoomCase) -> set[Entry]:
    return {(case.store_id, case.home_guild_id, user_id) for user_id in user_ids}


def _entitled(case: RoomCase, now: datetime) -> set[Entry]:
    """Who has the store's role for this session, or is going to be given it."""
    if not case.is_of_shared_role:
        return set()
    status = RoomStatus(case, now)
    is_open = status.wanted == RoomState.OPEN and not status.is_too_late
    return {(case.store_id, case.home_guild_id, user_id) for user_id in case.members} if is_open else set()
