"""One coaching session with its room, or a shared part, as the plain values that the plan decides by. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cached_property

from coaching.catalog.timing import DEFAULT, RoomTiming
from coaching.guild_parts import Overwrite
from coaching.rooms.planning.coverage import Span
from coaching.rooms.planning.timeline import AS_TIMED, Overrides, Timeline, timeline

# In one of these states a session is still to be held, or is being held.
COMING = ("scheduled", "in_progress")
# In one of these it has a right to its room; in every other one the room goes at once.
ON = (*COMING, "completed", "no_show")
# One look that finds nobody ends no talk: a client that reconnects is gone for seconds, a wrong answer for one look.
BACK_WITHIN = timedelta(seconds=75)
# A creation without an answer may still take effect for about this long.
OUTCOME_SETTLES = timedelta(seconds=20)
EVER = datetime(2000, 1, 1, tzinfo=UTC)


class RoomState(StrEnum):
    ABSENT = "absent"
    HIDDEN = "hidden"
    OPEN = "open"
    CLOSED = "closed"
    REMOVED = "removed"


# Time leads from each of these to the next one, never back.
IN_ORDER = list(RoomState)


class RoomKind(StrEnum):
    SESSION = "session"
    CATEGORY = "category"  # where the rooms of a guild are made
    SHARED = "shared"  # a store's role, and the category it opens


class AccessMode(StrEnum):
    MEMBERS = "members"
    SESSION_ROLE = "session_role"
    SHARED_ROLE = "shared_role"


class Part(StrEnum):
    """What a room or a shared part consists of in Discord."""

    CHANNEL = "channel"
    ROLE = "role"
    CATEGORY = "category"


class StepKind(StrEnum):
    """Each a code, which never changes, with what it does and what is said when it did not work."""

    label: str
    undone: str

    def __new__(cls, code: str, label: str = "", undone: str = "") -> "StepKind":
        kind = str.__new__(cls, code)
        kind._value_, kind.label, kind.undone = code, label, undone
        return kind

    FIND = "find", "Look for it in Discord", "We could not look for the room in Discord."
    MAKE_ROLE = "make_role", "Make its role", "Its role could not be made."
    MAKE = "make", "Make it", "It could not be made."
    SET_ACCESS = "set_access", "Change who gets in", "Who can enter could not be changed."
    GIVE_ROLE = "give_role", "Give the role", "The role could not be given to one of you."
    TAKE_ROLE = "take_role", "Take the role back", "The role could not be taken back from one of you."
    DISCONNECT = "disconnect", "Send people out", "Somebody could not be put out of the call."
    REMOVE = "remove", "Remove it", "It could not be removed."
    REMOVE_ROLE = "remove_role", "Remove its role", "Its role could not be removed."
    SETTLE = "settle", "Write down that it is done", "It could not be finished."
    GREET = "greet", "Write the first message", "The first message could not be written."
    WARN = "warn", "Warn that the time is over", "Nobody could be told that the time is over."
    CHECK = "check", "See whether it is as it was left", "We could not see whether it is as we left it."
    CHECK_MEMBER = (
        "check_member",
        "See whether somebody is on the server",
        "We could not see whether one of you is on the server.",
    )
    LOOK = "look", "See who is inside", "We could not see who is inside."


@dataclass(frozen=True)
class Occupant:
    """Somebody the room is for. `is_member` is False only when Discord said so.

    `looks` and `present_at`, when they were looked for and last seen, are by the product's clock.
    """

    discord_user_id: str
    is_member: bool = True
    checked_at: datetime | None = None
    person_id: int = 0
    is_coach: bool = False
    is_inside: bool = False
    looked_at: datetime | None = None
    last_seen_at: datetime | None = None
    looks: tuple[Span, ...] = ()
    present_at: datetime | None = None

    @property
    def is_talking(self) -> bool:
        """True while they are inside, or were a minute before the last look: whoever loses the line comes back."""
        is_away_for = self.looked_at - self.last_seen_at if self.looked_at and self.last_seen_at else None
        return self.is_inside or (is_away_for is not None and is_away_for <= BACK_WITHIN)


@dataclass(frozen=True)
class Parent:
    """The category a new room goes into: there, about to be there, or neither."""

    channel_id: str | None = None
    is_coming: bool = False


@dataclass(frozen=True)
class RoomRecord:
    """A room's row as far as the plan decides by it, each column under its own name."""

    id: int | None = None
    kind: RoomKind = RoomKind.SESSION
    number: int | None = None
    store_id: int | None = None
    code: str = ""
    version: int = 0
    state: RoomState = RoomState.ABSENT
    mode: AccessMode = AccessMode.MEMBERS
    asked_mode: AccessMode = AccessMode.MEMBERS
    thresholds: str = ""
    discord_guild_id: str | None = None
    discord_channel_id: str | None = None
    discord_role_id: str | None = None
    is_full: bool = False
    overwrites: frozenset[Overwrite] = frozenset()
    holders: frozenset[str] = frozenset()
    maybe_holders: frozenset[str] = frozenset()
    to_disconnect: frozenset[str] = frozenset()
    let_in: tuple[Span, ...] = ()
    let_in_since: datetime | None = None
    greeting_message_id: str | None = None
    warned_at: datetime | None = None
    opened_by_hand_at: datetime | None = None
    closed_by_hand_at: datetime | None = None
    extra_minutes: int = 0
    intent: Part = Part.CHANNEL
    intended_at: datetime | None = None
    looked_at: datetime | None = None
    made_at: datetime | None = None
    granted_at: datetime | None = None
    checked_at: datetime | None = None
    claimed_until: datetime | None = None
    failing_step: StepKind | None = None
    attempts: int = 0
    next_try_at: datetime | None = None

    @property
    def has_anything(self) -> bool:
        """True while Discord has, or may have, something of this room."""
        return bool(self.discord_channel_id or self.discord_role_id or self.may_hold or self.intended_at)

    @property
    def may_hold(self) -> frozenset[str]:
        """Everybody who may have the role: known to have been given it, or with an unknown outcome."""
        return self.holders | self.maybe_holders

    @property
    def failed_step(self) -> StepKind | None:
        """The step that failed last; None also where Discord only told it to wait, which costs no other step a turn."""
        return self.failing_step if self.attempts else None

    @property
    def was_closed(self) -> bool:
        """True for a room that exists and was changed to let in nobody: somebody may still sit in it."""
        is_granted_since = self.granted_at is not None and self.made_at is not None and self.granted_at > self.made_at
        return self.state == RoomState.CLOSED or (self.state == RoomState.HIDDEN and is_granted_since)

    @property
    def has_unknown_outcome(self) -> bool:
        """True while a creation may have worked although nobody wrote down its answer."""
        if self.intended_at is None:
            return False
        return self.looked_at is None or self.looked_at < self.intended_at + OUTCOME_SETTLES


@dataclass(frozen=True)
class RoomCase:
    """One coaching session and its room. A shared part has no session and no times, and stays as long as it `is_on`."""

    session_id: int | None = None
    session_code: str = ""
    coach_id: int = 0
    starts_at: datetime = EVER
    ends_at: datetime = EVER
    session_state: str = "scheduled"
    is_on: bool = True
    has_video: bool = True
    timing: RoomTiming = DEFAULT
    overrides: Overrides = AS_TIMED
    guild_id: str | None = None
    store_id: int | None = None
    number: int | None = None  # tells a shared part from the others of its kind in its guild
    kind: RoomKind = RoomKind.SESSION
    mode: AccessMode = AccessMode.MEMBERS
    recorded: RoomRecord = RoomRecord()
    occupants: tuple[Occupant, ...] = ()
    former: tuple[Occupant, ...] = ()  # who was looked for, and has no account any more; only their past counts
    parent: Parent = Parent()
    shared_role_id: str | None = None
    shared_category_id: str | None = None
    role_transfers: frozenset[str] = frozenset()  # people who need the shared role for another session, too
    pending_transfers: frozenset[str] = frozenset()  # those of them whom that session has not given it yet
    next_starts_at: datetime | None = None  # of the coach's next session

    @property
    def key(self) -> str:
        """What tells it from all other sessions and shared parts."""
        is_session = self.kind == RoomKind.SESSION
        return self.session_code if is_session else f"{self.kind} {self.guild_id} {self.number}"

    @cached_property
    def timeline(self) -> Timeline:
        return timeline(self.starts_at, self.ends_at, self.timing, overrides=self.overrides)

    @cached_property
    def due_at(self) -> dict[RoomState, datetime]:
        """When by the clock alone it comes into each state, the last one first."""
        due = self.timeline
        return {
            RoomState.REMOVED: due.removed_at,
            RoomState.CLOSED: due.closes_at,
            RoomState.OPEN: due.opens_at,
            RoomState.HIDDEN: due.made_at,
        }

    @cached_property
    def thresholds(self) -> str:
        """What tells this session's times from those it had before it was moved or its product's timing changed."""
        if self.kind != RoomKind.SESSION:
            return ""
        return " ".join(f"{threshold:%Y-%m-%dT%H:%M:%S}" for threshold in self.timeline.thresholds)

    @cached_property
    def home_guild_id(self) -> str:
        """Where there is something of the room, or may be, or was last; else where it is going to be made."""
        own = self.recorded.discord_guild_id
        return (own if self.recorded.has_anything or self.guild_id is None else self.guild_id) or ""

    @property
    def current_guild_id(self) -> str | None:
        """Where the room exists, else where its store's guild is now."""
        is_begun = self.recorded.discord_channel_id or self.recorded.discord_role_id
        return self.recorded.discord_guild_id if is_begun else self.guild_id

    @cached_property
    def acting_mode(self) -> AccessMode:
        """How people get into this room: as it was begun, or as its store has it now."""
        is_begun = self.recorded.has_anything or self.recorded.asked_mode == self.mode
        return self.recorded.mode if self.recorded.id and is_begun else self.mode

    @property
    def is_of_shared_role(self) -> bool:
        """True for a session that has no channel of its own: its people are given the store's role."""
        return self.kind == RoomKind.SESSION and self.acting_mode == AccessMode.SHARED_ROLE

    @property
    def has_own_role(self) -> bool:
        """True where a role belongs to this room alone."""
        is_of_session = self.kind == RoomKind.SESSION and self.acting_mode == AccessMode.SESSION_ROLE
        return is_of_session or self.kind == RoomKind.SHARED

    @property
    def role_id(self) -> str | None:
        """The role that lets people in, where it exists."""
        return self.shared_role_id if self.is_of_shared_role else self.recorded.discord_role_id

    @property
    def members(self) -> tuple[str, ...]:
        """The accounts the room is for, as far as they are on the server."""
        return tuple(occupant.discord_user_id for occupant in self.occupants if occupant.is_member)

    @property
    def to_disconnect(self) -> frozenset[str]:
        """Accounts that lost their right to be there, and may still sit there without being looked for."""
        looked_for = frozenset(occupant.discord_user_id for occupant in self.occupants)
        return self.recorded.to_disconnect - (self.role_transfers if self.is_of_shared_role else looked_for)

    @property
    def is_talking(self) -> bool:
        """True when somebody is inside, as far as that is known."""
        return any(occupant.is_talking for occupant in self.occupants)

    @property
    def talk_ends_at(self) -> datetime:
        """Until when people who are still inside are left alone."""
        return self.timeline.talk_limit(self.next_starts_at)
