"""Until when a time is held or asked for, and what has become of it at an instant. Pure.

Both end when a session's room is made at the latest: whoever lets people in has to know by then who they are. Where
no room is made for the session, its start takes that place.
"""

from datetime import datetime, timedelta
from typing import Protocol

from coaching.booking.way_in import OfferLike, ProductLike, Way, must_be_paid_first, way_in
from coaching.hours.wall_clock import MINUTE

# What a hold or a request is in, before the session is agreed on or over.
PENDING_STATES = ("held", "requested")
# In these somebody's time is theirs, or was.
AGREED_STATES = ("scheduled", "in_progress", "completed", "no_show")
# No hold and no request lasts longer; an invitation's may last twice as long.
LONGEST = timedelta(hours=24)
LONGEST_INVITATION = 2 * LONGEST
# Nobody is asked to answer, or to pay, in less.
LEAST_TO_ACT = timedelta(minutes=15)
# Whoever let a time go, or had it declined, can have the same one again after that.
SAME_AGAIN_AFTER = timedelta(minutes=30)
MOST_HOLDS = 2  # of one person, one for a product
MOST_REQUESTS = 3  # of one person
# Of one person with one coach within a day, let go since or not: each is a message or two.
MOST_A_DAY = 20
A_DAY = timedelta(days=1)
# A quarter of its time before it ends, but no longer before than this, somebody is reminded of what is to be done.
LONGEST_WARNING = timedelta(hours=2)
LEAST_WARNING = timedelta(minutes=10)


class TimingLike(Protocol):
    """What a product says of its room."""

    make_minutes: int
    open_minutes: int
    opens_at_booking: bool

    @property
    def needs_room(self) -> bool: ...


class SeatLike(Protocol):
    """What a seat says of its payment."""

    payment: str
    paid_at: datetime | None


class SoldLike(ProductLike, TimingLike, Protocol):
    """What a product says of the way in and of its room."""


def settled_by(starts_at: datetime, product: TimingLike) -> datetime:
    """When at the latest it has to be known whether the session takes place."""
    return starts_at - lead_of(product)


def lead_of(product: TimingLike) -> timedelta:
    """How long before the start that is: a room is made before it opens, whatever the minutes say."""
    if product.opens_at_booking or not product.needs_room:
        return timedelta(0)
    return max(product.make_minutes, product.open_minutes) * MINUTE


def least_notice(product: SoldLike, offer: OfferLike) -> timedelta:
    """How long before its start a time can be asked for or held at the latest; nothing where it is simply booked."""
    way = way_in(product, offer)
    if way is Way.BOOK:
        return timedelta(0)
    return lead_of(product) + LEAST_TO_ACT + _time_to_pay(way is Way.REQUEST and must_be_paid_first(product, offer))


def held_until(now: datetime, minutes: int, settled_at: datetime, longest: timedelta = LONGEST) -> datetime:
    """When a hold that begins now runs out."""
    return min(now + min(minutes * MINUTE, longest), settled_at)


def asked_until(now: datetime, minutes: int, settled_at: datetime, is_paid_after: bool) -> datetime:
    """When a request that is made now lapses: where it has to be paid after that, there is time left to do so."""
    return min(now + min(minutes * MINUTE, LONGEST), settled_at - _time_to_pay(is_paid_after))


def confirmed_by(now: datetime, until: datetime, settled_at: datetime) -> datetime:
    """Until when a hold is kept for the coach's answer once its student says that they have paid."""
    return max(until, held_until(now, LONGEST // MINUTE, settled_at))


def has_lapsed(state: str, until: datetime | None, now: datetime) -> bool:
    """True for a hold or a request whose time is over, whether or not anybody has written that down."""
    return state in PENDING_STATES and until is not None and until <= now


def state_at(state: str, until: datetime | None, now: datetime) -> str:
    """The state of a session at an instant: a hold has run out then, whenever the worker comes to it."""
    return "expired" if has_lapsed(state, until, now) else state


def is_paid_later(state: str, seat: SeatLike) -> bool:
    """True while a session that is agreed on, or was, is still to be paid to its coach directly."""
    return state in AGREED_STATES and seat.payment == "outside" and seat.paid_at is None


def warned_at(began_at: datetime, until: datetime) -> datetime:
    """When somebody is reminded that a hold or a request that began then is about to end."""
    return until - max(min((until - began_at) / 4, LONGEST_WARNING), LEAST_WARNING)


def _time_to_pay(is_paid_after: bool) -> timedelta:
    return LEAST_TO_ACT if is_paid_after else timedelta(0)
