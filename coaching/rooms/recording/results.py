"""A claimed step, when its call was answered, and what is to be written down of that. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from coaching.log_lines import Event
from coaching.now import Now
from coaching.refusals import Refusal
from coaching.rooms.planning.case import RoomCase, StepKind
from coaching.rooms.planning.steps import Step
from coaching.rooms.recording.events import EventKind

CREATIONS = (StepKind.MAKE, StepKind.MAKE_ROLE)


@dataclass(frozen=True)
class Claim:
    """One step of one room, ours alone until `version` changes."""

    room_id: int
    code: str
    version: int
    case: RoomCase
    step: Step


@dataclass(frozen=True)
class Stamp:
    """When a call was answered, by both clocks, how long it took, and with which status."""

    at: Now
    took: timedelta = timedelta()
    status: int | None = None


@dataclass(frozen=True)
class Failure:
    """Why a step did not work, in Discord's words, and when to try again."""

    kind: Refusal
    next_try_at: datetime | None = None
    status: int | None = None
    code: int | None = None
    lacking: str = ""


@dataclass(frozen=True)
class Change:
    """All that is to be written down of one call. `columns` are those of the room's row, as plain values.

    `presence` are columns of the person's row, its seconds to be added to those there; `category` columns of the one
    in which the room is made or was; `is_member` is about the step's person, None where that was not asked.
    """

    columns: Mapping[str, Any] = field(default_factory=dict)
    event: Event[EventKind] | None = None
    presence: Mapping[str, Any] | None = None
    is_member: bool | None = None
    category: Mapping[str, Any] | None = None
    loses_shared_role: bool = False
    wants_search: bool = False  # for orphans: Discord may have told something untrue
    wants_code: bool = False  # Discord refuses the name that the present one makes
    outcome: Literal["done", "failed", "waited"] = "done"
    failure: Failure | None = None  # why it is not done
    late: timedelta | None = None  # how long after its time the room came into its new state


# What a call came to, as the function of `changes.py` that says what it changes.
Result = Callable[[RoomCase, Step, Stamp], Change]
