"""Reads of whether a product refuses a student who was absent too often."""

from datetime import datetime

from coaching.accounts.models import Person
from coaching.booking.absence_rules import COUNTED_FOR, refused_until
from coaching.booking.models import CoachingSession, Seat
from coaching.catalog.models import Product
from coaching.errors import AbsentTooOften
from coaching.reading import Selection, given


def require_present(product: Product, student: Person, now: datetime) -> None:
    """Raise AbsentTooOften for whom the product refuses."""
    if refusal := find_absence(product, student, now):
        raise refusal


def find_absence(product: Product, student: Person, now: datetime) -> AbsentTooOften | None:
    """Why the product refuses the student, with a sentence for them and until when; None where it does not."""
    if not product.refuses_absent:
        return None
    coach = product.store.owner
    until = absent_until(coach, student.id, now)
    if until is None:
        return None
    return AbsentTooOften(
        f"You did not come to two calls with {coach.name} in the last 90 days, so you cannot book this one by yourself "
        "for now.",
        until,
    )


def absent_until(coach: Person, student_id: int, now: datetime) -> datetime | None:
    """Until when the coach's products may refuse the student; None where none does."""
    ended_at = _MISSED.all(coach=coach.id, student=student_id, since=now - COUNTED_FOR)
    return refused_until([missed.ends_at for missed in ended_at], now)


_MISSED: Selection[CoachingSession] = Selection(
    lambda: (
        CoachingSession.select(CoachingSession.ends_at)
        .join(Seat)
        .where(CoachingSession.coach == given("coach"), Seat.student == given("student"))
        .where(CoachingSession.state == "no_show", CoachingSession.absent == "student")
        .where(CoachingSession.ends_at > given("since"))
    )
)
