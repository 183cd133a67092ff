"""What a claimed step's call to Discord came to, and what that changes in our tables. Pure.

A result says what happened at Discord; with the step that asked for it, `changes.py` makes a change of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from coaching.guild_parts import Channel, Member
from coaching.log_lines import Event
from coaching.now import Now
from coaching.refusals import Refusal
from coaching.rooms.planning.case import Part, RoomCase, StepKind
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


class Result:
    """What a call came to: one of these."""


@dataclass(frozen=True)
class Done(Result):
    """Access is set, the role is given or taken, or there was nothing to call for: just what the step says."""


@dataclass(frozen=True)
class Made(Result):
    channel: Channel


@dataclass(frozen=True)
class RoleMade(Result):
    role_id: str
    is_found: bool = False  # after a doubt


@dataclass(frozen=True)
class Found(Result):
    """The channel in doubt stands."""

    channel: Channel
    bot_id: str


@dataclass(frozen=True)
class NotFound(Result):
    """Nothing carries the room's code, as far as the bot can see."""


@dataclass(frozen=True)
class Gone(Result):
    """Channel, role or person is gone because we wanted it so; `was_there` is False when Discord knew of none."""

    was_there: bool


@dataclass(frozen=True)
class Lost(Result):
    """The part is gone although nobody here removed it. Discord was asked for it: that is certain."""

    part: Part


@dataclass(frozen=True)
class Full(Result):
    """Discord takes no more channels in the category, or no more roles on the server."""

    part: Part
    refusal: Refusal


@dataclass(frozen=True)
class Posted(Result):
    message_id: str


@dataclass(frozen=True)
class Checked(Result):
    """The channel stands, and looks like this."""

    channel: Channel


@dataclass(frozen=True)
class MemberChecked(Result):
    member: Member | None


@dataclass(frozen=True)
class Seen(Result):
    is_inside: bool


@dataclass(frozen=True)
class Refused(Result):
    """It did not work, or nobody knows."""

    failure: Failure


@dataclass(frozen=True)
class Delayed(Result):
    """Nothing was done, and a time was named: by Discord, or by our own budget of calls."""

    failure: Failure


@dataclass(frozen=True)
class Change:
    """All that is to be written down of one result. `columns` are those of the room's row, as plain values.

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
    late: timedelta | None = None  # how long after its time the room came into its new state
