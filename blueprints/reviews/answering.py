"""A coach reads all reviews of their calls, and answers each once."""

from flask import Response, current_app, flash, redirect, url_for
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse

from blueprints import web, zones
from blueprints.reviews.blueprint import blueprint
from blueprints.reviews.forms import AnswerForm
from blueprints.reviews.of_session import review_view
from blueprints.sessions.page import draw
from blueprints.signed_in import signed_in
from coaching.booking.queries import get_session_for
from coaching.catalog.queries import stores_of
from coaching.errors import ChangedMeanwhile, NotFound, TooLate
from coaching.reviews.mutations import answer_review
from coaching.reviews.queries import reviews_received, standing_of_coach
from coaching.reviews.report_queries import waiting_reports


@blueprint.get("/dashboard/reviews")
@login_required
def received() -> Response:
    """Every review of the coach's calls, the latest first, with the hidden ones."""
    person = signed_in().person
    review_page = reviews_received(person, web.asked_page())
    return web.render(
        "reviews/received.html",
        reviews=review_page,
        reported=waiting_reports(person, review_page.reviews),
        standing=standing_of_coach(person),
        has_store=bool(stores_of(person)),
        zone=zones.page_zone("UTC"),
    )


@blueprint.post("/sessions/<code>/review/answer")
@login_required
def answer(code: str) -> AnyResponse:
    """The coach's answer stands below the review."""
    view, form = get_session_for(signed_in().person, code), AnswerForm()
    if view.role != "coach":
        raise NotFound
    if not form.validate():
        review = review_view(view, web.now(), form)
        if review is None or review.answer_form is None:
            return draw(view, 409, refused=TooLate.sentence)
        return draw(view, 422, review=review)
    try:
        answer_review(view.coaching_session, signed_in().person, form.answer.data, web.now(), form.seen.data or None)
    except ChangedMeanwhile as refusal:
        return draw(view, 409, refused=refusal.sentence, review=review_view(view, web.now(), form))
    except TooLate as refusal:
        return draw(view, 409, refused=refusal.sentence)
    current_app.extensions["wake_notices"]()
    flash("Your answer stands below the review.", "good")
    return redirect(url_for("sessions.show", code=code) + "#review", 303)
