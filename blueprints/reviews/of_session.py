"""A call's review on the page of the call, as whoever looks may see it and act on it."""

from dataclasses import dataclass
from datetime import datetime

from blueprints.reviews.forms import AnswerForm
from blueprints.saved_forms import take_saved_with
from coaching.booking.queries import SessionView
from coaching.reviews.models import Review
from coaching.reviews.queries import find_review, find_why_not_review, review_facts
from coaching.reviews.report_queries import waiting_reports
from coaching.reviews.rules import SENTENCES, Why, mark_of, may_answer, why_not_change


@dataclass(frozen=True)
class ReviewView:
    """The review, if there is one, and what can be done.

    `sentence` says what a student waits for who cannot write one yet.
    """

    review: Review | None = None
    can_write: bool = False
    can_change: bool = False
    sentence: str = ""
    answer_form: AnswerForm | None = None
    is_reported: bool = False


def review_view(view: SessionView, now: datetime, answer_form: AnswerForm | None = None) -> ReviewView | None:
    """What the page says of the call's review; None where there is nothing to say."""
    if now < view.coaching_session.ends_at:
        return None
    review = find_review(view.seat)
    if view.role == "student":
        return _of_student(view, review, now)
    if review is None or view.link:
        return None
    if view.role != "coach":
        return ReviewView(review)
    is_reported = bool(waiting_reports(view.coaching_session.coach, [review]))
    if not may_answer(review_facts(review), now):
        return ReviewView(review, is_reported=is_reported)
    form = answer_form or AnswerForm(take_saved_with("answer"), data={"answer": review.answer})
    # Whatever was typed before, both are read here as they are now.
    form.seen.data = mark_of(review.stars, review.words, review.answer)
    return ReviewView(review, answer_form=form, is_reported=is_reported)


def _of_student(view: SessionView, review: Review | None, now: datetime) -> ReviewView | None:
    if review:
        # By a link nobody has shown who they are: the page of the review asks them to sign in.
        return ReviewView(review, can_change=why_not_change(review_facts(review), now) is None)
    why = find_why_not_review(view.seat, now)
    if why is None:
        return ReviewView(can_write=True)
    return ReviewView(sentence=SENTENCES[why]) if why is Why.NOT_KNOWN else None
