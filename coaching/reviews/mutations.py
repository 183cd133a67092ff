"""Reviews are written and changed by students, and answered by coaches."""

from datetime import datetime, timedelta

from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession, Seat
from coaching.db import database, new_code
from coaching.errors import ChangedMeanwhile, NotFound, Refused, TooLate
from coaching.notices.kinds import MessageKind
from coaching.notices.mutations import owe
from coaching.notices.queries import next_due
from coaching.reviews.details import ReviewDetails
from coaching.reviews.models import Review, ReviewReport, TakenBackReview
from coaching.reviews.queries import call_facts, find_first_made_at, find_review, review_facts
from coaching.reviews.rules import (
    SENTENCES,
    STARS,
    Why,
    is_verified,
    mark_of,
    may_answer,
    why_not_change,
    why_not_review,
)
from coaching.runtime.queries import clock_offset

CHANGED = (
    "You have changed this review in another window. What is saved stands below: look at it, then send yours again."
)
ANSWERS_ANOTHER = (
    "The review, or your answer, has changed since you opened this page. Both stand here as they are now: "
    "read them, then send yours again."
)
TOLD_APART = timedelta(days=1)
NO_ANSWER = "It cannot be answered any more: it is hidden, or your answer stands for good."


def write_review(coaching_session: CoachingSession, student: Person, details: ReviewDetails, now: datetime) -> Review:
    """The student's review of the call is this one, and the coach is told; the same one sent twice changes nothing.

    TooLate where the call cannot be reviewed, or the review not be changed any more; ChangedMeanwhile where another
    window has saved another one since the form was drawn.
    """
    if details.stars not in STARS:
        raise Refused("Choose one to five stars.")
    with database.atomic():
        seat = _lock_seat(coaching_session, student)
        written = find_review(seat)
        if written is None:
            return _insert(seat, details, now)
        if (written.stars, written.words) == (details.stars, details.words):
            return written
        if why := why_not_change(review_facts(written), now):
            raise TooLate(SENTENCES[why])
        if details.seen != mark_of(written.stars, written.words):
            raise ChangedMeanwhile(CHANGED)
        _change(written, stars=details.stars, words=details.words, edited_at=now)
        _notify_coach(seat, now, f":{now.isoformat()}", is_changed=True)
        return _read(written)


def remove_review(coaching_session: CoachingSession, student: Person, now: datetime) -> None:
    """The student takes their review back, with its answer; TooLate once it stands. Twice does no harm.

    One that they write anew begins no new time for changes.
    """
    with database.atomic():
        seat = _lock_seat(coaching_session, student)
        written = find_review(seat)
        if written is None:
            return
        if why := why_not_change(review_facts(written), now):
            raise TooLate(SENTENCES[why])
        if not Review.delete().where(Review.id == written.id, Review.hidden_at.is_null()).execute():
            raise TooLate(SENTENCES[Why.HIDDEN])
        TakenBackReview.add_unless_there(TakenBackReview.seat, seat=seat, made_at=written.made_at)


def answer_review(
    coaching_session: CoachingSession, coach: Person, answer: str, now: datetime, seen: str | None = None
) -> None:
    """The coach's one answer is this, and the student is told of it once.

    TooLate once it stands; ChangedMeanwhile where `seen` marks another review, or another answer, than there is.
    """
    if coaching_session.coach_id != coach.id:
        raise NotFound
    with database.atomic():
        seat = _lock_seat(coaching_session)
        review = find_review(seat)
        if review is None:
            raise NotFound
        if review.answer == answer:
            return
        if not may_answer(review_facts(review), now):
            raise TooLate(NO_ANSWER)
        if seen is not None and seen != mark_of(review.stars, review.words, review.answer):
            raise ChangedMeanwhile(ANSWERS_ANOTHER)
        _change(review, answer=answer, answered_at=review.answered_at or now)
        if review.student_id:
            kind = MessageKind.REVIEW_ANSWERED
            owe(kind, f"{kind}:{review.code}", review.student_id, now, session_id=coaching_session.id)


def move_reviews(from_person: Person, to_person: Person) -> None:
    """Whatever the one person wrote, received or reported is the other's. Call it in a transaction."""
    Review.update(student=to_person).where(Review.student == from_person).execute()
    Review.update(coach=to_person).where(Review.coach == from_person).execute()
    Review.update(hidden_by=to_person).where(Review.hidden_by == from_person).execute()
    own = ReviewReport.select(ReviewReport.review).where(ReviewReport.person == to_person)
    ReviewReport.delete().where(ReviewReport.person == from_person, ReviewReport.review.in_(own)).execute()
    ReviewReport.update(person=to_person).where(ReviewReport.person == from_person).execute()


def _insert(seat: Seat, details: ReviewDetails, now: datetime) -> Review:
    call = call_facts(seat)
    if why := why_not_review(call, now):
        raise TooLate(SENTENCES[why])
    coaching_session, first = seat.coaching_session, find_first_made_at(seat)
    review = Review.create(
        code=new_code(),
        seat=seat,
        coach=coaching_session.coach_id,
        product=coaching_session.product,
        student=seat.student_id,
        stars=details.stars,
        words=details.words,
        is_verified=is_verified(call),
        held_at=coaching_session.starts_at,
        made_at=first or now,
        edited_at=now if first else None,
    )
    _notify_coach(seat, now)
    return _read(review)


def _change(review: Review, **values: object) -> None:
    """The review has these values; TooLate where an admin has hidden it since it was read."""
    is_visible = (Review.id == review.id) & Review.hidden_at.is_null()
    if not Review.update(**values).where(is_visible).execute():
        raise TooLate(SENTENCES[Why.HIDDEN])


def _notify_coach(seat: Seat, now: datetime, again: str = "", *, is_changed: bool = False) -> None:
    """Once of a seat's review, also where it was taken back and written anew; and of changes a day after the last.

    What they read is the review as it is when the message is sent: one that waits says it already.
    """
    kind, coaching_session = MessageKind.COACH_REVIEWED, seat.coaching_session
    machine_now = now - clock_offset()
    due_at = next_due(kind, coaching_session.id, machine_now, TOLD_APART)
    if due_at is None:
        return
    fields = {"is_changed": True} if is_changed else {}
    owe(
        kind,
        f"{kind}:{seat.id}{again}",
        coaching_session.coach_id,
        now,
        session_id=coaching_session.id,
        fields=fields,
        due_at=due_at if due_at > machine_now else None,
    )


def _lock_seat(coaching_session: CoachingSession, student: Person | None = None) -> Seat:
    """The session's seat, of this student if one is named, with the session as it is now; NotFound for another's."""
    whose = (Seat.coaching_session == coaching_session) & ((Seat.student == student) if student else True)
    # An UPDATE that changes nothing locks the row on both databases: of two presses the second sees the first.
    Seat.update(student=Seat.student).where(whose).execute()
    seat: Seat | None = Seat.select(Seat, CoachingSession).join(CoachingSession).where(whose).first()
    if seat is None:
        raise NotFound
    return seat


def _read(review: Review) -> Review:
    stored_review: Review = Review.get_by_id(review.id)
    return stored_review
