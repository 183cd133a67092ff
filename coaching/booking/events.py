"""The kinds of line that a coaching session's history has, with what each of them says. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from coaching.log_lines import Fields, LineKind, Text


@dataclass(frozen=True)
class WhatBecame(Fields):
    """The session's outcome: completed, or no_show of `absent`."""

    outcome: str
    absent: str | None = None


class OutBecause(StrEnum):
    """Why a room never let its student in. The name is stored, and never changes."""

    NO_ROOM = "no_room"  # it was never open: no right, no server, no place on it, an outage, closed by the coach
    NO_RIGHT = "no_right"  # it was open, and they could not be given their right to enter
    BANNED = "banned"
    LEFT = "left"  # left the server, or were put off it: Discord does not tell which
    NOT_LINKED = "not_linked"  # no Discord account was connected


# For these nobody but the student could do anything.
STUDENTS_OWN = (OutBecause.LEFT, OutBecause.NOT_LINKED)


@dataclass(frozen=True)
class KeptOut(Fields):
    """The room never let its student in while the call was to be, and why."""

    because: OutBecause

    @property
    def is_students_own(self) -> bool:
        """True when the cause was the student's own."""
        return self.because in STUDENTS_OWN


@dataclass(frozen=True)
class Lateness(Fields):
    """How late somebody will be, 0: not at all any more.

    `is_next`: how much later this session may begin, for the one before it is late.
    """

    minutes: int
    is_next: bool = False


@dataclass(frozen=True)
class FromTo(Fields):
    """From which start to which, as ISO instants."""

    before: str
    after: str


@dataclass(frozen=True)
class Starts(Fields):
    """Other starts that the coach proposed, as ISO instants in UTC with commas between them."""

    starts: str


@dataclass(frozen=True)
class Lapse(Fields):
    """What has run out: the session was held, or requested."""

    was: str


class EventKind(LineKind):
    BOOKED = "booked"
    REQUESTED = "requested"
    HELD = "held"  # until it is paid
    ACCEPTED = "accepted"  # by the coach; where it has to be paid first, it is held from then on
    DECLINED = "declined"
    LAPSED = "lapsed", Lapse  # written down by the site itself, for the instant at which it did
    SAID_PAID = "said_paid"  # by the student
    CONFIRMED = "confirmed"  # the coach has the money, and the time is the student's
    NOT_RECEIVED = "not_received"  # the coach has no money, and the time is free again
    PAID_BACK = "paid_back"  # by the coach: it came when the time was gone
    INVITED = "invited"  # by the coach, who keeps the time for somebody
    MOVED = "moved", FromTo
    CLOCKS = "clocks", FromTo  # written down by the site: another time of day, as the walls showed and show it
    CANCELLED = "cancelled"
    CARD_PAID = "card_paid"  # by the student, and the time is theirs
    PAID = "paid"
    UNPAID = "unpaid"
    STARTED = "started"
    OUTCOME = "outcome", WhatBecame  # written down by the site itself
    CORRECTED = "corrected", WhatBecame  # by the coach
    SAID_OUTCOME = "said_outcome", WhatBecame  # by the student, who was asked
    KEPT_OUT = "kept_out", KeptOut  # written down by the site itself, at the planned end
    RECORD_LOST = "record_lost"  # an older backup was put back: what was recorded of the call since is gone
    BANNED = "banned"  # Discord said so when the student wanted to join the server
    COMING = "coming"  # said by the student
    RUNNING_LATE = "running_late", Lateness  # said by either side
    PROPOSED = "proposed", Starts  # by the coach
    NONE_FITS = "none_fits"  # said by the student of what was proposed
    NOTE = "note", Text


# What one side did and the other has to hear of, and that a request ran out, which nobody did. Later kinds join here.
NEWS = (
    *(EventKind.CANCELLED, EventKind.MOVED, EventKind.CORRECTED, EventKind.RUNNING_LATE),
    *(EventKind.PROPOSED, EventKind.NONE_FITS),
    *(EventKind.ACCEPTED, EventKind.DECLINED, EventKind.CONFIRMED, EventKind.NOT_RECEIVED, EventKind.BANNED),
    *(EventKind.PAID_BACK, EventKind.LAPSED),
)
# It is no news any more once the session is over.
NEWS_UNTIL_THE_END = (EventKind.RUNNING_LATE, EventKind.PROPOSED, EventKind.NONE_FITS, EventKind.BANNED)
