"""One step of a room: why it is taken, the moment at which the plan is asked for it, how long it waits, and which one
goes first. Pure.

Pauses go by the machine's clock: a demo's clock jumps, and Discord does not jump along.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from coaching.guild_parts import Overwrite
from coaching.now import Now
from coaching.rooms.planning.case import EVER, OUTCOME_SETTLES, RoomCase, RoomRecord, RoomState, StepKind

# Nobody gets in by them, and done twice they do no more than once.
TAKING_AWAY = frozenset({StepKind.TAKE_ROLE, StepKind.DISCONNECT, StepKind.REMOVE, StepKind.REMOVE_ROLE})
# Done twice they make a second one.
CREATIONS = (StepKind.MAKE, StepKind.MAKE_ROLE)
# These look after a room that is as it should be; they never keep a change of state waiting.
UPKEEP = frozenset({StepKind.GREET, StepKind.WARN, StepKind.CHECK, StepKind.CHECK_MEMBER, StepKind.LOOK})
MESSAGES = frozenset({StepKind.GREET, StepKind.WARN})
LAST = 2  # the rank of looks
# While more rooms than this change, or are to be written in, the others do without being looked at; while any does, no
# more than this of them are, so that what follows its change is soon planned.
MANY = 20
# Each channel has a limit of its own: told to wait, its room waits alone. Other calls of one kind share the guild's.
OF_ONE_CHANNEL = (StepKind.SET_ACCESS, StepKind.REMOVE, StepKind.SETTLE, StepKind.GREET, StepKind.WARN, StepKind.CHECK)
# Discord answers an edit sent sooner than this with success and now and then forgets it.
EDIT_SETTLES = timedelta(seconds=10)


class Reason(StrEnum):
    """Why a step is taken: what the plan says, the room's log keeps, and Discord's audit log shows.

    A code and its label, as the end of a sentence. Kept lines name their reason by the code: it never changes.
    """

    label: str

    def __new__(cls, code: str, label: str) -> "Reason":
        reason = str.__new__(cls, code)
        reason._value_, reason.label = code, label
        return reason

    ROOM_UNKNOWN = "room_in_doubt", "look whether the room was made after all"
    ROLE_UNKNOWN = "role_in_doubt", "look whether the role was made after all"
    SESSIONS_COME = "sessions_come", "sessions are coming"
    SESSION_NEAR = "session_near", "the session is near"
    TIME_TO_OPEN = "time_to_open", "it is time to open"
    TIME_TO_CLOSE = "time_to_close", "it is time to close"
    NOT_TIME_TO_OPEN = "not_time_to_open", "it is not time to open yet"
    NOT_OPEN_YET = "not_open_yet", "it is not open yet"
    TIME_OVER = "time_over", "the time is over"
    PLANNED_TIME_OVER = "planned_time_over", "the planned time is over"
    ROOM_OPENED = "room_opened", "the room has opened"
    LETS_IN_OTHERS = "lets_in_others", "the room lets in others than it should"
    LETS_IN_NOBODY = "lets_in_nobody", "nobody is to be let in"
    NOT_FOR_THEM = "not_for_them", "the room is not for them"
    OTHER_MODE = "other_mode", "the store lets people in by another way now"
    UNUSED = "unused", "no store needs it any more"
    NOT_NEEDED_YET = "not_needed_yet", "it is not needed yet"
    SESSION_OVER = "session_over", "the session is over"
    SESSION_CANCELLED = "session_cancelled", "the session was cancelled"
    NOTHING_LEFT = "nothing_left", "nothing is left to do"
    CHECK_ROOM = "check_room", "see whether the room is as we left it"
    CHECK_MEMBER = "check_member", "see whether they are on the server"
    LOOK_INSIDE = "look_inside", "see who is in the room"


@dataclass(frozen=True)
class Moment:
    """When the plan is asked, by both clocks. Looks at Discord older than `stale_before` do not count any more.

    The calls of `holds` are left alone, by their names until when; the rooms `watched` are on a screen.
    """

    at: Now
    stale_before: datetime
    bot_id: str = ""
    holds: Mapping[str, datetime] = field(default_factory=dict)
    watched: frozenset[int] = frozenset()

    def held_for(self, guild_id: str, kind: StepKind) -> timedelta:
        """How long yet the guild's calls of this kind are left alone."""
        now = self.at.machine
        until = (self.holds.get(name, now) for name in (guild_id, *shared_holds(guild_id, kind)))
        return max(*until, now) - now


def shared_holds(guild_id: str, kind: StepKind) -> tuple[str, ...]:
    """The holds that a 429 makes beside the room's own pause: that of calls of the same kind to the same guild."""
    return () if kind in OF_ONE_CHANNEL else (f"{guild_id} {kind}",)


@dataclass(frozen=True)
class Step:
    """One call to Discord, or with SETTLE none: what, why, and for a change the state of the room afterwards.

    `last_done_at` is for upkeep only: when this was last looked after.
    """

    kind: StepKind
    why: Reason
    state: RoomState = RoomState.ABSENT
    overwrites: frozenset[Overwrite] = frozenset()
    user_id: str = ""
    last_done_at: datetime | None = None
    is_urgent: bool = False

    @property
    def is_upkeep(self) -> bool:
        """True for what can wait while others change their state."""
        return self.kind in UPKEEP and not self.is_urgent

    @property
    def takes_away(self) -> bool:
        """True for what lets fewer people in, however often it is done."""
        return self.kind in TAKING_AWAY or (self.kind == StepKind.SET_ACCESS and self.state == RoomState.CLOSED)


# --- How long a step waits


def hold(recorded: RoomRecord, step: Step, now: datetime) -> timedelta | None:
    """How long this step has to wait, or None when it can be done now."""
    until = [_settled_at(recorded, step), _try_at(recorded, step)]
    return max((at - now for at in until if at and at > now), default=None)


def _settled_at(recorded: RoomRecord, step: Step) -> datetime | None:
    """When Discord will have finished what it was last asked."""
    if step.kind == StepKind.SET_ACCESS and recorded.made_at:
        return recorded.made_at + EDIT_SETTLES
    if step.kind == StepKind.FIND and recorded.looked_at and recorded.intended_at:
        # Looked for in vain while its outcome could still come; the second look is the one that counts.
        return recorded.intended_at + OUTCOME_SETTLES
    return None


def _try_at(recorded: RoomRecord, step: Step) -> datetime | None:
    """When a failed step is to be tried again. Upkeep also waits for other failing steps, never the reverse.

    Putting somebody out waits for failing upkeep, too, but holds up nothing else: a student nobody looks for is absent.
    """
    failing = recorded.failing_step
    if step.kind == StepKind.DISCONNECT:
        waits = failing == step.kind or failing in UPKEEP
    else:
        waits = failing == step.kind or (step.is_upkeep and failing not in (StepKind.DISCONNECT, StepKind.MAKE_ROLE))
    return recorded.next_try_at if waits else None


def attempts_with(recorded: RoomRecord, failing: StepKind) -> int:
    """How often the room has failed in a row, now that `failing` did."""
    # These count together: taking turns at failing, they would never come to longer pauses.
    together = UPKEEP | {StepKind.DISCONNECT}
    is_row = recorded.failing_step == failing or (recorded.failing_step in together and failing in together)
    return recorded.attempts + 1 if is_row else 1


def retry_pause(attempts: int, is_permanent: bool) -> timedelta:
    """How long to leave a failing room alone: seconds at first, growing to minutes; longer when a person has to act."""
    first, longest = (60, 3600) if is_permanent else (2, 300)
    return timedelta(seconds=min(longest, first * 2 ** min(attempts - 1, 12)))


# --- Which one goes first


def in_order(steps: Iterable[tuple[RoomCase, Step]]) -> list[tuple[RoomCase, Step]]:
    """Changes before messages before looks, and guilds in turn: one with many rooms keeps none with few waiting.

    Behind what goes first only a few are left, so that what follows it is soon planned.
    """
    in_turn: Counter[tuple[int, str]] = Counter()
    ranked = []
    for case, step in sorted(steps, key=_urgency):
        rank, guild_id = _rank(step), case.home_guild_id
        in_turn[rank, guild_id] += 1
        ranked.append((rank, in_turn[rank, guild_id], case, step))
    ordered = [(case, step) for _, _, case, step in sorted(ranked, key=lambda entry: entry[:2])]
    first = min((rank for rank, *_ in ranked), default=LAST)
    if first == LAST:
        return ordered
    urgent = sum(rank == first for rank, *_ in ranked)
    return ordered[: urgent + (MANY if urgent <= MANY else 0)]


def _rank(step: Step) -> int:
    """Changes first; then messages, so that nobody goes without a greeting for others' looks; these last."""
    if not step.is_upkeep:
        return 0
    return 1 if step.kind in MESSAGES else LAST


def _urgency(pair: tuple[RoomCase, Step]) -> tuple[int, datetime]:
    case, step = pair
    rank = _rank(step)
    return rank, case.starts_at if rank == 0 else step.last_done_at or EVER
