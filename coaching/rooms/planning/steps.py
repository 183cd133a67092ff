"""One step of a room, and the moment at which the plan is asked for it. Pure."""

from dataclasses import dataclass
from datetime import datetime

from coaching.guild_parts import Overwrite
from coaching.now import Now
from coaching.rooms.planning.case import RoomState, StepKind
from coaching.rooms.planning.reasons import Reason

# Nobody gets in by them, and done twice they do no more than once.
TAKING_AWAY = frozenset({StepKind.TAKE_ROLE, StepKind.DISCONNECT, StepKind.REMOVE, StepKind.REMOVE_ROLE})
# Done twice they make a second one.
CREATIONS = (StepKind.MAKE, StepKind.MAKE_ROLE)
# These look after a room that is as it should be; they never keep a change of state waiting.
UPKEEP = frozenset({StepKind.GREET, StepKind.WARN, StepKind.CHECK, StepKind.CHECK_MEMBER, StepKind.LOOK})


@dataclass(frozen=True)
class Moment:
    """When the plan is asked, by both clocks. Looks at Discord older than `stale_before` do not count any more.

    In the guilds of `unseen` Discord will not tell soon who is in a voice channel; the rooms `watched` are on a screen.
    """

    at: Now
    stale_before: datetime
    bot_id: str = ""
    unseen: frozenset[str] = frozenset()
    watched: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Step:
    """One call to Discord: what, why, and the state of the room afterwards.

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
