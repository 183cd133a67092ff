"""The admin's pages of reviews: those that somebody has reported or an admin has hidden, and one to decide on."""

from flask import Response, current_app, flash, redirect, url_for
from werkzeug import Response as AnyResponse

from blueprints import web
from blueprints.accounts.login import ask_for_factor
from blueprints.admin.blueprint import PAGE_SIZE, blueprint
from blueprints.admin.reasons import ReasonForm
from blueprints.forms import Form
from blueprints.reviews.forms import DecisionForm, mark
from blueprints.saved_forms import take_saved_with
from blueprints.signed_in import signed_in
from coaching.errors import ChangedMeanwhile, TooLate
from coaching.figures.month_mutations import want_month
from coaching.reviews.details import Decision
from coaching.reviews.report_mutations import decide_on_review
from coaching.reviews.report_queries import get_reported, reported_page

TOLD: dict[Decision, str] = {
    "hidden": "The review is hidden. Its author and the coach are told why.",
    "kept": "The review stays as it is.",
    "shown": "Everybody can read the review again. Its author and the coach are told.",
}


@blueprint.get("/admin/reviews")
def review_list() -> Response:
    """Those that wait for a decision first, then the latest."""
    page = web.asked_page()
    listed, has_more = reported_page(page, PAGE_SIZE)
    return web.render("admin/reviews.html", listed=listed, number=page, has_more=has_more)


@blueprint.get("/admin/reviews/<review>")
def review(review: str) -> Response:
    """One of them, with what people report, and the decision."""
    return show_review(review, DecisionForm(take_saved_with("reason")))


@blueprint.post("/admin/reviews/<review>/decision")
def decide_on_review_of(review: str) -> AnyResponse:
    """It is hidden with a reason, or stays as it is."""
    form = DecisionForm()
    if not form.validate():
        return show_review(review, form, 422)
    return decide_as(review, form.decision.data, form.reason.data, form, form.seen.data or None)


@blueprint.post("/admin/reviews/<review>/showing")
def show_again(review: str) -> AnyResponse:
    """A hidden review can be read by everybody again."""
    form = ReasonForm()
    if not form.validate():
        return show_review(review, form, 422)
    return decide_as(review, "shown", form.reason.data, form)


def decide_as(code: str, decision: Decision, reason: str, form: Form, seen: str | None = None) -> AnyResponse:
    reported = get_reported(code)
    if detour := ask_for_factor():
        return detour
    try:
        decide_on_review(reported.review, signed_in().person, decision, reason, web.now(), seen)
    except (TooLate, ChangedMeanwhile) as refusal:
        return show_review(code, form, 409, refusal.sentence)
    want_month(reported.review.product, reported.review.made_at, web.now())
    current_app.extensions["wake_notices"]()
    flash(TOLD[decision], "good")
    return redirect(url_for(".review_list"), 303)


def show_review(code: str, form: Form, status: int = 200, refused: str = "") -> Response:
    reported = get_reported(code)
    if not isinstance(form, DecisionForm) and not reported.review.hidden_at:
        form = DecisionForm()  # shown again by somebody else meanwhile
    if isinstance(form, DecisionForm):
        form.seen.data = mark(reported.review)
    return web.render("admin/review.html", status=status, reported=reported, form=form, refused=refused)
