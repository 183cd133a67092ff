"""Whoever is signed in reports a review that should not stand; an admin looks at it."""

from flask import Response, flash, redirect, url_for
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse

from blueprints import web
from blueprints.accounts.login import this_visit
from blueprints.rate_limits import come_back
from blueprints.reviews.blueprint import blueprint
from blueprints.reviews.forms import ReportForm
from blueprints.saved_forms import take_saved_with
from blueprints.signed_in import signed_in
from coaching.accounts.limit_mutations import take
from coaching.coaches.profile_queries import is_shown
from coaching.coaches.standing_queries import coach_of
from coaching.errors import ComeBackLater, Refused
from coaching.rate_limits.limits import REVIEWS_REPORTED, Use
from coaching.reviews.models import Review
from coaching.reviews.queries import get_visible_review
from coaching.reviews.report_mutations import OWN, report_review
from coaching.reviews.report_queries import find_report
from coaching.reviews.rules import may_report_again


@blueprint.get("/reviews/<review>/report")
@login_required
def ask_to_report(review: str) -> Response:
    """Asks what is wrong with the review; changes nothing."""
    return show(get_visible_review(review), ReportForm(take_saved_with("report")))


@blueprint.post("/reviews/<review>/report")
@login_required
def report(review: str) -> AnyResponse:
    """Whoever runs the site hears of it."""
    reported, person, form = get_visible_review(review), signed_in().person, ReportForm()
    if not form.validate():
        return show(reported, form, 422)
    try:
        take([Use(REVIEWS_REPORTED, str(person.id))], web.both_clocks().machine, person, this_visit())
        is_new = report_review(reported, person, form.report.data, web.now())
    except ComeBackLater as error:
        return come_back(show(reported, form, 429, error.sentence), error)
    except Refused as refusal:
        return show(reported, form, 409, refusal.sentence)
    flash("Whoever runs this site looks at it." if is_new else "You have reported this review already.", "good")
    return redirect(way_back(reported), 303)


def show(review: Review, form: ReportForm, status: int = 200, refused: str = "") -> Response:
    """The page; without a form for whoever has reported it, or has written it."""
    person = signed_in().person
    reported = find_report(review, person)
    is_open = reported is not None and not may_report_again(reported.settled_at, review.edited_at)
    return web.render(
        "reviews/report.html",
        status=status,
        review=review,
        form=None if is_open or review.student_id == person.id else form,
        reported=reported if is_open else None,
        refused=refused or (OWN if review.student_id == person.id else ""),
        back=way_back(review),
    )


def way_back(review: Review) -> str:
    """Where whoever is here reads the review: its coach among their own."""
    if review.coach_id == signed_in().person.id:
        return url_for("reviews.received")
    store, product = review.product.store, review.product
    if product.state == "published":
        return url_for("reviews.of_product", store=store.slug, product=product.slug) + "#reviews"
    coach = coach_of(review.coach)
    if coach and is_shown(coach):
        return url_for("reviews.of_coach", slug=coach.slug) + "#reviews"
    return url_for("storefront.store", store=store.slug)
