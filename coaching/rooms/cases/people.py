"""The people of sessions as rows: accounts, what Discord said of them, who was seen inside, who teaches when. Query."""

from bisect import bisect_left, insort
from collections import defaultdict
from contextlib import suppress
from datetime import datetime
from typing import Any

from peewee import JOIN

from coaching.accounts.models import DiscordLink, GuildMember
from coaching.booking.models import LIVE_STATES, CoachingSession, Seat
from coaching.db import UtcDateTimeField, is_among
from coaching.reading import Columns, Row, Statement, given
from coaching.rooms.models import Presence
from coaching.rooms.planning.case import Occupant

# One person of a session: who, their account with what Discord said of it in the guild, and who saw them in the room.
PersonRows = tuple[int, Row | None, Row | None]
# Of somebody who was looked for, and has no account linked any more.
_NO_ACCOUNT = {"discord_user_id": "", "is_member": False, "is_inside": False}


class People:
    """The people of many sessions, read in a few statements, with what Discord said of them and who was in the rooms.

    Kept as rows: one that cannot be read costs only the sessions it is about.
    """

    def __init__(
        self, session_ids: list[int], coach_ids: set[int], room_ids: list[int], talking_coach_ids: set[int]
    ) -> None:
        self.students: dict[int, list[int]] = defaultdict(list)
        self.accounts: dict[tuple[int, str | None], Row] = {}
        self.presences: dict[tuple[int | None, int], Row] = {}
        self.starts: dict[int, list[datetime]] = defaultdict(list)
        if session_ids:
            self._read_accounts(session_ids, coach_ids)
        if room_ids:
            self.presences = {row[:2]: row[2:] for row in _PRESENCES.rows(rooms=room_ids)}
        if talking_coach_ids:
            self._read_starts(talking_coach_ids)

    def rows_of(
        self, session_id: int, coach_id: int, room_id: int | None, guild_id: str | None
    ) -> tuple[PersonRows, ...]:
        """Everybody whom the session's room is for, the coach first."""
        return tuple(
            (
                person_id,
                self.accounts.get((person_id, guild_id)) or self.accounts.get((person_id, None)),
                self.presences.get((room_id, person_id)),
            )
            for person_id in dict.fromkeys([coach_id, *self.students.get(session_id, ())])
        )

    def next_start(self, coach_id: int, ends_at: datetime) -> datetime | None:
        """When the coach's next session starts, where that was read: while a room of theirs is open."""
        starts = self.starts.get(coach_id, [])
        following = bisect_left(starts, ends_at)
        return starts[following] if following < len(starts) else None

    def _read_accounts(self, session_ids: list[int], coach_ids: set[int]) -> None:
        for session_id, student_id in _SEATS.rows(sessions=session_ids):
            self.students[session_id].append(student_id)
        for row in _ACCOUNTS.rows(people=list(coach_ids.union(*self.students.values()))):
            self.accounts[row[:2]] = row[2:]
            # In a guild in which Discord was never asked about them.
            self.accounts[row[0], None] = (row[2], None, None)

    def _read_starts(self, coaches: set[int]) -> None:
        """When the sessions of these coaches start that are still to come or under way."""
        for coach_id, at in _STARTS.rows(coaches=list(coaches)):
            # One that cannot be read is told of for itself; this is not its room.
            with suppress(ValueError, TypeError, OverflowError):
                insort(self.starts[coach_id], UtcDateTimeField.parse(at))


def occupant(person: PersonRows, coach_id: int) -> Occupant:
    """Them as the planner sees them; NotMeant where one of their rows holds nonsense."""
    person_id, account, presence = person
    known = _PRESENCE.read(presence) if presence else {}
    known |= _ACCOUNT.read(account) if account else _NO_ACCOUNT
    return Occupant(person_id=person_id, is_coach=person_id == coach_id, **known)


# When a session is over, its seats are not live any more, and still sit in the room until it closes.
_IS_IN = Seat.is_live | CoachingSession.state.in_(("completed", "no_show"))
_SEATS = Statement(
    lambda: (
        Seat.select(Seat.coaching_session, Seat.student)
        .join(CoachingSession)
        .where(is_among(Seat.coaching_session, given("sessions")), _IS_IN)
        .order_by(Seat.id)
    )
)
_IS_MEMBER = {None: True, "unknown": True, "joined": True, "left": False, "banned": False}
_ACCOUNT = Columns[dict[str, Any]](
    dict,
    {
        "discord_user_id": DiscordLink.discord_user_id,
        "is_member": (GuildMember.state, _IS_MEMBER.__getitem__),
        "checked_at": GuildMember.checked_at,
    },
)
_ACCOUNTS = Statement(
    lambda: (
        DiscordLink.select(DiscordLink.person, GuildMember.discord_guild_id, *_ACCOUNT.columns)
        .join(GuildMember, JOIN.LEFT_OUTER)
        .where(is_among(DiscordLink.person, given("people")))
    )
)
_PRESENCE = Columns[dict[str, Any]](
    dict,
    {name: getattr(Presence, name) for name in ("is_inside", "looked_at", "last_seen_at", "present_at")}
    | {"looks": (Presence.looks, lambda stored: Presence.looks.parse(stored or "[]"))},
)
_PRESENCES = Statement(
    lambda: Presence.select(Presence.room, Presence.person, *_PRESENCE.columns).where(
        is_among(Presence.room, given("rooms"))
    )
)
_STARTS = Statement(
    lambda: CoachingSession.select(CoachingSession.coach, CoachingSession.starts_at).where(
        is_among(CoachingSession.coach, given("coaches")), CoachingSession.state.in_(LIVE_STATES)
    )
)
