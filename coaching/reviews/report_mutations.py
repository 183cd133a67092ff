"""Somebody reports a review, and an admin hides it, keeps it, or shows it again."""

from datetime import datetime

from coaching.accounts.event_mutations import note
from coaching.accounts.models import Person
from coaching.booking.models import Seat
from coaching.db import database
from coaching.errors import ChangedMeanwhile, Refused, TooLate
from coaching.notices.kinds import MessageKind
from coaching.notices.mutations import owe
from coaching.reviews.details import Decision
from coaching.reviews.models import Review, ReviewReport
from coaching.reviews.rules import mark_of, may_report_again

OWN = "This is your own review. You can change it or take it back on the page of its call."
REWRITTEN = "Its author has changed this review since you opened it: read it again, then decide."
DECIDED = "Another admin was faster: look at the review again."


def report_review(review: Review, person: Person, reason: str, now: datetime) -> bool:
    """The person thinks that the review should not stand; False when they have said so already.

    After a change of the review they may say so again. Refused for their own.
    """
    if review.student_id == person.id:
        raise Refused(OWN)
    with database.atomic():
        _lock(review)
        report = ReviewReport.get_or_none(ReviewReport.review == review, ReviewReport.person == person)
        if report is None:
            ReviewReport.create(review=review, person=person, words=reason, made_at=now)
            return True
        if not may_report_again(report.settled_at, review.edited_at):
            return False
        again = {"words": reason, "made_at": now, "settled_at": None, "outcome": ""}
        ReviewReport.update(**again).where(ReviewReport.id == report.id).execute()
    return True


def decide_on_review(
    review: Review, admin: Person, decision: Decision, reason: str, now: datetime, seen: str | None = None
) -> None:
    """The review is hidden, with a reason, or kept, or shown again; whoever it concerns is told.

    TooLate when another admin was faster; ChangedMeanwhile where `seen` marks other words than there are.
    """
    with database.atomic():
        current = _lock(review)
        if (current.hidden_at is None) == (decision == "shown"):
            raise TooLate(DECIDED)
        if seen is not None and seen != mark_of(current.stars, current.words):
            raise ChangedMeanwhile(REWRITTEN)
        is_open = (ReviewReport.review == current) & ReviewReport.settled_at.is_null()
        seat = Seat.get_by_id(current.seat_id)
        is_coachs = ReviewReport.select().where(is_open, ReviewReport.person == current.coach_id).exists()
        if decision == "kept":
            if not ReviewReport.select().where(is_open).exists():
                raise TooLate(DECIDED)
        else:
            hidden = decision == "hidden"
            values = {"hidden_at": now, "hidden_why": reason, "hidden_by": admin}
            Review.update(**(values if hidden else dict.fromkeys(values) | {"hidden_why": ""})).where(
                Review.id == current.id
            ).execute()
        if decision != "shown":
            ReviewReport.update(settled_at=now, outcome=decision).where(is_open).execute()
        student = Person.get_or_none(Person.id == current.student_id)
        note(f"review {decision}", now, student, f"review {current.code}: {reason}".rstrip(": "), actor=admin)
        # Of what stays as it was only a coach hears who has reported it.
        if decision != "kept" and current.student_id:
            _notify(MessageKind.REVIEW_DECIDED, current, current.student_id, seat, decision, now)
        if decision != "kept" or is_coachs:
            _notify(MessageKind.COACH_REVIEW_DECIDED, current, current.coach_id, seat, decision, now)


def _notify(kind: MessageKind, review: Review, person_id: int, seat: Seat, decision: Decision, now: datetime) -> None:
    key = f"{kind}:{review.code}:{decision}:{int(now.timestamp() * 1_000_000)}"
    owe(kind, key, person_id, now, session_id=seat.coaching_session_id, fields={"decision": decision})


def _lock(review: Review) -> Review:
    """The review as it is now; nobody else changes it before the end of the transaction."""
    # An UPDATE that changes nothing locks the row on both databases: of two presses the second sees the first.
    if not Review.update(code=Review.code).where(Review.id == review.id).execute():
        raise TooLate("This review was taken back by its author.")
    current: Review = Review.get_by_id(review.id)
    return current
