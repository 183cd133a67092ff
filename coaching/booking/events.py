"""The kinds of line that a coaching session's history has, with what each of them says. Pure."""

from dataclasses import dataclass

from coaching.log_lines import Fields, LineKind, Text


@dataclass(frozen=True)
class WhatBecame(Fields):
    """The session's outcome: completed, or no_show of `absent`."""

    outcome: str
    absent: str | None = None


@dataclass(frozen=True)
class Lateness(Fields):
    """How late somebody will be; `is_next`: how much later this session may begin, for the one before it is late."""

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
    COMING = "coming"  # said by the student
    RUNNING_LATE = "running_late", Lateness  # said by either side
    PROPOSED = "proposed", Starts  # by the coach
    NONE_FITS = "none_fits"  # said by the student of what was proposed
    NOTE = "note", Text


# What one side did and the other one has to hear of. Later kinds of news join here.
NEWS = (
    *(EventKind.CANCELLED, EventKind.MOVED, EventKind.CORRECTED, EventKind.RUNNING_LATE),
    *(EventKind.PROPOSED, EventKind.NONE_FITS),
    *(EventKind.ACCEPTED, EventKind.DECLINED, EventKind.CONFIRMED, EventKind.NOT_RECEIVED),
)
# It is no news any more once the session is over.
NEWS_UNTIL_THE_END = (EventKind.RUNNING_LATE, EventKind.PROPOSED, EventKind.NONE_FITS)
