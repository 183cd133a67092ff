"""Reads of reviews: those that everybody sees, with what they come to, and one as its own people see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import JOIN, Field, ModelSelect, fn

from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession, Seat
from coaching.catalog.models import Product, Store
from coaching.errors import NotFound
from coaching.fields import UnreadableTuple
from coaching.paging import page_of
from coaching.reading import Statement, given
from coaching.reviews.models import Review, TakenBackReview
from coaching.reviews.rules import CallFacts, Presence, ReviewFacts, Why, shown_name, why_not_review
from coaching.reviews.standing import Standing
from coaching.rooms.models import Presence as PresenceRow
from coaching.rooms.models import Room
from coaching.rooms.planning.outcome import is_looked_at

__all__ = ["ReviewPage", "Standing", "list_reviews", "standing_of_coach", "standing_of_product"]

PAGE_SIZE = 10
# No list is paged through further: an address with a larger number is nobody's way on.
MOST_PAGES = 100_000


@dataclass(frozen=True)
class ReviewPage:
    """One page of reviews, the latest first; each with its product, its store and its author, if there is one."""

    reviews: list[Review]
    number: int
    has_more: bool


# --- What everybody sees


def standing_of_coach(person: Person) -> Standing:
    """What the visible reviews of a coach come to."""
    return _standing(_OF_COACH, person.id)


def standing_of_product(product: Product) -> Standing:
    """What the visible reviews of a product come to."""
    return _standing(_OF_PRODUCT, product.id)


def standings_of_products(products: Sequence[Product]) -> dict[int, Standing]:
    """The same of several products, by their ids; those without reviews are left out."""
    if not products:
        return {}
    rows: Any = (
        Review.select(Review.product, fn.COUNT(Review.id), fn.SUM(Review.stars))
        .where(Review.product.in_(list(products)), Review.hidden_at.is_null())
        .group_by(Review.product)
        .tuples()
    )
    return {product_id: Standing.of(count, stars) for product_id, count, stars in rows}


def list_reviews(of: Person | Product, page: int = 1, size: int = PAGE_SIZE) -> ReviewPage:
    """The visible reviews of a coach or a product, page by page."""
    whose = Review.product == of if isinstance(of, Product) else Review.coach == of
    return _page(_reviews().where(whose, Review.hidden_at.is_null()), page, size)


def author_of(review: Review) -> str:
    """The name under which everybody reads it."""
    return shown_name(review.student.name if review.student else None)


def _standing(visible: Statement, whose: int) -> Standing:
    [(count, stars)] = visible.rows(whose=whose)
    return Standing.of(count, stars or 0)


def _visible(whose: Field) -> "ModelSelect[Review]":
    of_theirs = Review.select(fn.COUNT(Review.id), fn.SUM(Review.stars)).where(whose == given("whose"))
    return of_theirs.where(Review.hidden_at.is_null())


_OF_COACH = Statement(lambda: _visible(Review.coach))
_OF_PRODUCT = Statement(lambda: _visible(Review.product))


def _page(query: "ModelSelect[Review]", page: int, size: int) -> ReviewPage:
    number = min(max(page, 1), MOST_PAGES)
    reviews, has_more = page_of(query.order_by(Review.made_at.desc(), Review.id.desc()), number, size)
    return ReviewPage(reviews, number, has_more)


# --- What its own people see


def find_first_made_at(seat: Seat) -> datetime | None:
    """When the seat's review was first written, where it was taken back since; None where it never was."""
    taken_back = TakenBackReview.get_or_none(TakenBackReview.seat == seat)
    return taken_back.made_at if taken_back else None


def find_review(seat: Seat) -> Review | None:
    """The seat's review, with its author."""
    review: Review | None = _reviews().where(Review.seat == seat).first()
    return review


def get_visible_review(code: str) -> Review:
    """A review that everybody sees; NotFound for one that is hidden or gone."""
    review: Review | None = _reviews().where(Review.code == code, Review.hidden_at.is_null()).first()
    if review is None:
        raise NotFound
    return review


def reviews_received(coach: Person, page: int) -> ReviewPage:
    """All reviews of the coach's calls, the hidden ones as well, with the sessions they are about."""
    return _page(_with_session().where(Review.coach == coach), page, PAGE_SIZE)


def call_facts(seat: Seat) -> CallFacts:
    """What decides whether the seat's student may review its call."""
    coaching_session = seat.coaching_session
    return CallFacts(
        state=coaching_session.state,
        ends_at=coaching_session.ends_at,
        is_by_phone=not coaching_session.needs_room,
        presence=presence_of(seat),
        takes_reviews=coaching_session.product.takes_reviews and coaching_session.coach.erased_at is None,
    )


def review_facts(review: Review) -> ReviewFacts:
    """What decides whether the review, or its answer, can still be changed."""
    return ReviewFacts(review.made_at, review.edited_at, review.answered_at, review.hidden_at is not None)


def find_why_not_review(seat: Seat, now: datetime) -> Why | None:
    """Why the seat's student cannot write a first review of its call; None when they can."""
    return why_not_review(call_facts(seat), now)


def wants_review(seat: Seat, now: datetime) -> bool:
    """True where the seat's student may review its call, has not, and its product asks for it."""
    product = seat.coaching_session.product
    is_asking = product.takes_reviews and product.asks_for_reviews
    return is_asking and find_why_not_review(seat, now) is None and find_review(seat) is None


def presence_of(seat: Seat) -> Presence:
    """What the record of the room says of the seat's student."""
    coaching_session = seat.coaching_session
    row: PresenceRow | None = (
        PresenceRow.select()
        .join(Room)
        .where(Room.coaching_session == coaching_session, PresenceRow.person == seat.student_id)
        .first()
    )
    if row is None:
        return Presence.UNKNOWN
    if row.seconds or row.present_at:
        return Presence.SEEN
    looks = () if row.looks is None or isinstance(row.looks, UnreadableTuple) else row.looks
    was_looked_for = is_looked_at(looks, coaching_session.starts_at, coaching_session.ends_at)
    return Presence.MISSED if was_looked_for else Presence.UNKNOWN


def _reviews() -> "ModelSelect[Review]":
    student = Person.alias()
    return (
        Review.select(Review, student, Product, Store)
        .join(student, JOIN.LEFT_OUTER, on=(Review.student == student.id))
        .switch(Review)
        .join(Product)
        .join(Store)
    )


def _with_session() -> "ModelSelect[Review]":
    student = Person.alias()
    return (
        Review.select(Review, student, Product, Store, Seat, CoachingSession)
        .join(student, JOIN.LEFT_OUTER, on=(Review.student == student.id))
        .switch(Review)
        .join(Product)
        .join(Store)
        .switch(Review)
        .join(Seat)
        .join(CoachingSession)
    )
