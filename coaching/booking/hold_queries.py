"""Reads about holds and requests: how many somebody has, and whether a time was ever held for them."""

from datetime import datetime
from typing import Any

from coaching.accounts.models import Person
from coaching.booking.events import EventKind
from coaching.booking.hold_rules import A_DAY, MOST_A_DAY, MOST_HOLDS, MOST_REQUESTS, SAME_AGAIN_AFTER
from coaching.booking.lapse_queries import takes_time
from coaching.booking.models import CoachingSession, Seat, SessionEvent
from coaching.booking.way_in import OfferLike, Way, way_in
from coaching.catalog.models import Product
from coaching.errors import LimitReached


def require_within_limits(
    product: Product, offer: OfferLike, student: Person, starts_at: datetime, now: datetime
) -> None:
    """Raise LimitReached where the student keeps too many times from others already.

    Read behind the student's lock, so that two forms at once count each other.
    """
    way = way_in(product, offer)
    if way is Way.BOOK:
        return
    if ended := _let_go(product, student, starts_at, now):
        raise LimitReached(
            "You had this time a moment ago and it became free again. You can have it once more in "
            f"{_minutes(ended + SAME_AGAIN_AFTER, now)}; other times are yours to choose."
        )
    if _tried_today(product, student, now) >= MOST_A_DAY:
        raise LimitReached(
            f"You have kept {MOST_A_DAY} times of {product.store.owner.name} since yesterday that came to nothing. "
            "Go on tomorrow, or write to your coach."
        )
    held, requested = _pending("held", student, now), _pending("requested", student, now)
    if way is Way.REQUEST and requested.count() >= MOST_REQUESTS:
        raise LimitReached(
            f"You have asked for {MOST_REQUESTS} times and nobody has answered yet. Wait, or take one of them back."
        )
    if way is Way.HOLD and held.where(CoachingSession.product == product).exists():
        raise LimitReached("You hold another time of this call already. Pay for that one, or let it go first.")
    if way is Way.HOLD and held.count() >= MOST_HOLDS:
        raise LimitReached(f"You hold {MOST_HOLDS} times already. Pay for one of them, or let it go first.")


def find_held(product: Product, student: Person, now: datetime) -> Seat | None:
    """The student's seat in the session of the product that is held for them until it is paid, with that session."""
    theirs = Seat.select(Seat, CoachingSession).join(CoachingSession).where(*_is_pending("held", student, now))
    seat: Seat | None = theirs.where(CoachingSession.product == product).first()
    return seat


def was_held(seat: Seat) -> bool:
    """True where the time was held for its student to pay for, whatever has become of it since."""
    begun = [EventKind.HELD, EventKind.ACCEPTED] if seat.pays_first else [EventKind.HELD]
    lines = SessionEvent.select().where(SessionEvent.coaching_session == seat.coaching_session)
    return bool(lines.where(SessionEvent.kind.in_(begun)).exists())


def is_said_too_late(seat: Seat) -> bool:
    """True where its student says that they have paid its coach directly for a time that had run out by then.

    Until it is confirmed, or has gone back.
    """
    is_said = seat.payment == "outside" and seat.said_paid_at is not None and seat.paid_at is None
    return is_said and seat.coaching_session.state == "expired" and was_held(seat)


def _pending(state: str, student: Person, now: datetime) -> Any:
    return CoachingSession.select().join(Seat).where(*_is_pending(state, student, now))


def _is_pending(state: str, student: Person, now: datetime) -> tuple[Any, ...]:
    return Seat.student == student, Seat.is_live, CoachingSession.state == state, takes_time(now)


def _let_go(product: Product, student: Person, starts_at: datetime, now: datetime) -> datetime | None:
    """When the student last let this very time go, or it was taken from them, if that is not long ago."""
    # What was agreed on keeps no instant at which it would have run out.
    same = CoachingSession.coach == product.store.owner, CoachingSession.starts_at == starts_at
    ended = (
        CoachingSession.select(CoachingSession.ended_at)
        .join(Seat)
        .where(*same, Seat.student == student, CoachingSession.held_until.is_null(False))
        .where(CoachingSession.ended_at > now - SAME_AGAIN_AFTER, CoachingSession.ended_at <= now)
        .order_by(CoachingSession.ended_at.desc())
        .first()
    )
    return ended.ended_at if ended else None


def _tried_today(product: Product, student: Person, now: datetime) -> int:
    """How many of the coach's times the student has kept within a day and nobody has agreed on."""
    tried = (
        CoachingSession.select().join(Seat).where(Seat.student == student, CoachingSession.held_until.is_null(False))
    )
    of_coach = CoachingSession.coach == product.store.owner, CoachingSession.created_at > now - A_DAY
    return int(tried.where(*of_coach).count())


def _minutes(at: datetime, now: datetime) -> str:
    count = max(1, -(-int((at - now).total_seconds()) // 60))
    return f"{count} {'minute' if count == 1 else 'minutes'}"
