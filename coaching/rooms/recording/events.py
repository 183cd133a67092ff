"""The kinds of line that a room's log has, with what each of them says. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from coaching.log_lines import Fields, LineKind, Text
from coaching.refusals import Refusal
from coaching.rooms.planning.case import StepKind


class Side(StrEnum):
    COACH = "coach"
    STUDENT = "student"


@dataclass(frozen=True)
class OfSide(Fields):
    """Whose doing it was."""

    side: Side


@dataclass(frozen=True)
class ByHand(Fields):
    """Who wanted it, by name."""

    actor: str


@dataclass(frozen=True)
class MoreTime(ByHand):
    minutes: int


@dataclass(frozen=True)
class Orphan(Fields):
    """What stood without being the room's own: "channel" or "role", and its id in Discord."""

    thing: str
    discord_id: str


@dataclass(frozen=True)
class Because(Fields):
    refusal: Refusal


@dataclass(frozen=True)
class Trouble(Fields):
    """Which step did not work, and why."""

    step: StepKind
    refusal: Refusal


class EventKind(LineKind):
    MADE_HIDDEN = "made_hidden"
    MADE_OPEN = "made_open"
    OPENED = "opened"
    CLOSED = "closed"
    HIDDEN = "hidden"
    REMOVED = "removed"
    ALREADY_GONE = "already_gone"
    SETTLED = "settled"
    FOUND = "found"
    NOT_FOUND = "not_found"
    ACCESS_CORRECTED = "access_corrected"
    DELETED_BY_OTHERS = "deleted_by_others"
    CHANGED_BY_OTHERS = "changed_by_others"
    ORPHAN_REMOVED = "orphan_removed", Orphan
    CATEGORY_FULL = "category_full"
    CATEGORY_DELETED = "category_deleted"
    ROLE_MADE = "role_made"
    ROLE_FOUND = "role_found"
    ROLE_GIVEN = "role_given"
    ROLE_TAKEN = "role_taken"
    ROLE_MISSING = "role_missing"
    ROLE_REMOVED = "role_removed"
    ROLE_ALREADY_GONE = "role_already_gone"
    ROLE_DELETED = "role_deleted"
    NO_MORE_ROLES = "no_more_roles", Because
    JOINED_LATE = "joined_late"
    DISCONNECTED = "disconnected"
    CAME = "came", OfSide
    CAME_BACK = "came_back", OfSide
    LEFT = "left", OfSide
    GREETED = "greeted"
    WARNED = "warned"
    OPENED_BY_HAND = "opened_by_hand", ByHand
    CLOSED_BY_HAND = "closed_by_hand", ByHand
    EXTENDED = "extended", MoreTime
    RETRIED = "retried", ByHand
    STEP_FAILED = "step_failed", Trouble
    STEP_DELAYED = "step_delayed", Trouble
    NOTE = "note", Text
