"""Reads for whoever runs the site: which reviews are reported, and which are hidden."""

from collections.abc import Sequence
from dataclasses import dataclass

from peewee import JOIN, ModelSelect, fn

from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession, Seat
from coaching.catalog.models import Product, Store
from coaching.checks import Check, good, warning
from coaching.errors import NotFound
from coaching.paging import page_of
from coaching.reviews.models import Review, ReviewReport

REVIEWS = "Reviews"
# Whoever has read so many reports of one review needs no more of them; the open ones come first.
MOST_SHOWN = 100


@dataclass(frozen=True)
class ReportedReview:
    """A review as admins see it, with what people report about it, the open ones first."""

    review: Review
    reports: list[ReviewReport]

    @property
    def is_open(self) -> bool:
        """True while somebody waits for a decision."""
        return any(report.settled_at is None for report in self.reports)


def reported_page(page: int, size: int) -> tuple[list[ReportedReview], bool]:
    """Reviews that were reported or are hidden: those that wait for a decision first, then the latest; and
    whether there are more."""
    reported = ReviewReport.select(ReviewReport.review)
    is_open = Review.id.in_(reported.where(ReviewReport.settled_at.is_null()))
    is_listed = Review.id.in_(ReviewReport.select(ReviewReport.review)) | Review.hidden_at.is_null(False)
    listed = _reviews().where(is_listed).order_by(is_open.desc(), Review.id.desc())
    reviews, has_more = page_of(listed, page, size)
    reports = list(_reports().where(ReviewReport.review.in_(reviews))) if reviews else []
    return [
        ReportedReview(review, [report for report in reports if report.review_id == review.id]) for review in reviews
    ], has_more


def get_reported(code: str) -> ReportedReview:
    """One review as admins see it; NotFound for one that is gone."""
    review = _reviews().where(Review.code == code).first()
    if review is None:
        raise NotFound
    return ReportedReview(review, list(_reports().where(ReviewReport.review == review).limit(MOST_SHOWN)))


def find_report(review: Review, person: Person) -> ReviewReport | None:
    """What the person has reported about the review."""
    review_report: ReviewReport | None = ReviewReport.get_or_none(
        ReviewReport.review == review, ReviewReport.person == person
    )
    return review_report


def waiting_reports(person: Person, reviews: Sequence[Review]) -> set[int]:
    """Ids of those reviews that the person has reported, and that wait for a decision."""
    theirs = ReviewReport.select(ReviewReport.review).where(
        ReviewReport.person == person, ReviewReport.settled_at.is_null(), ReviewReport.review.in_(list(reviews))
    )
    return {report.review_id for report in theirs} if reviews else set()


def count_reported() -> int:
    """How many reviews wait for an admin."""
    waits = ReviewReport.settled_at.is_null()
    return int(ReviewReport.select(fn.COUNT(ReviewReport.review.distinct())).where(waits).scalar() or 0)


def reviews_check() -> Check:
    """Whether somebody who reported a review waits for whoever runs the site."""
    count = count_reported()
    if not count:
        return good(REVIEWS, "No reported review waits for a decision.")
    which = "One reported review waits" if count == 1 else f"{count} reported reviews wait"
    return warning(REVIEWS, f"{which} for a decision.", "Read them, and hide or keep each: `/admin/reviews`")


def _reviews() -> "ModelSelect[Review]":
    coach, student, admin = Person.alias(), Person.alias(), Person.alias()
    return (
        Review.select(Review, student, coach, admin, Product, Store, Seat, CoachingSession)
        .join(student, JOIN.LEFT_OUTER, on=(Review.student == student.id))
        .switch(Review)
        .join(coach, on=(Review.coach == coach.id))
        .switch(Review)
        .join(admin, JOIN.LEFT_OUTER, on=(Review.hidden_by == admin.id))
        .switch(Review)
        .join(Product)
        .join(Store)
        .switch(Review)
        .join(Seat)
        .join(CoachingSession)
    )


def _reports() -> "ModelSelect[ReviewReport]":
    return (
        ReviewReport.select(ReviewReport, Person)
        .join(Person, JOIN.LEFT_OUTER)
        .order_by(ReviewReport.settled_at.is_null().desc(), ReviewReport.id.desc())
    )
