"""What a gateway and the call budget tell each other: when a call may go, and what was answered to it. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto


class Rank(Enum):
    """Before which others a call goes."""

    CHANGE = auto()  # or whatever a room waits for
    LOOK = auto()  # joins a short queue only
    LAST = auto()  # goes when hardly anybody else does


@dataclass(frozen=True)
class CallPermit:
    """At that time, after `wait`, the call may go if it `is_reserved`; if not, ask again then."""

    at: datetime  # by the budget's clock
    is_reserved: bool
    wait: timedelta = timedelta(0)
    is_for_all: bool = False  # no call at all goes before
    is_counted: bool = False  # its bucket is known, and has one call less since


@dataclass(frozen=True)
class CallAnswer:
    """What an answer says about limits. Without a status there was no answer."""

    status: int | None
    most: int | None = None
    remaining: int | None = None
    reset_after: timedelta | None = None
    refused_for: timedelta | None = None
    is_global: bool = False
    is_shared: bool = False  # others used the limit up: nobody holds it against us
