"""Reads for the words about reviews: what was written, and whether a message about it still says something."""

from coaching.booking.models import CoachingSession, Seat
from coaching.messages.facts import MessageReview
from coaching.notices.kinds import MessageKind
from coaching.reviews.models import Review

ABOUT_REVIEWS = {
    *(MessageKind.REVIEW_ASKED, MessageKind.REVIEW_ANSWERED, MessageKind.REVIEW_DECIDED),
    *(MessageKind.COACH_REVIEWED, MessageKind.COACH_REVIEW_DECIDED),
}


def message_review(seat: Seat) -> MessageReview | None:
    """The seat's review as it is now; None where there is none."""
    review = Review.get_or_none(Review.seat == seat)
    return MessageReview(review.stars, review.words, review.answer, review.hidden_why) if review else None


def is_review_news_over(kind: str, coaching_session: CoachingSession) -> bool:
    """True where a message asks for what is there already, or is not wanted; or tells of what is there no more."""
    seats = Seat.select(Seat.id).where(Seat.coaching_session == coaching_session)
    review = Review.get_or_none(Review.seat.in_(seats))
    if kind == MessageKind.REVIEW_ASKED:
        product = coaching_session.product
        return review is not None or not (product.takes_reviews and product.asks_for_reviews)
    is_about_visible = kind in (MessageKind.REVIEW_ANSWERED, MessageKind.COACH_REVIEWED)
    return review is None or (is_about_visible and review.hidden_at is not None)
