"""A student writes, changes and takes back the review of their call, on a page of its own."""

from flask import Response, current_app, flash, redirect, url_for
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse

from blueprints import web, zones
from blueprints.accounts.login import this_visit
from blueprints.rate_limits import come_back
from blueprints.reviews.blueprint import blueprint
from blueprints.reviews.forms import ReviewForm, mark
from blueprints.signed_in import signed_in
from coaching.accounts.limit_mutations import take
from coaching.booking.queries import SessionView, get_session_for
from coaching.errors import ChangedMeanwhile, ComeBackLater, NotFound, TooLate
from coaching.rate_limits.limits import REVIEWS_WRITTEN, Use
from coaching.reviews.mutations import remove_review, write_review
from coaching.reviews.queries import find_first_made_at, find_review, find_why_not_review, review_facts
from coaching.reviews.rules import CHANGED_WITHIN, SENTENCES, shown_name, why_not_change


@blueprint.get("/sessions/<code>/review")
@login_required
def write(code: str) -> AnyResponse:
    """The form, or why there is none; the coach and admins find the review on the call's page."""
    view = get_session_for(signed_in().person, code)
    if view.role != "student":
        return back_to(view)
    return show(view, ReviewForm.of(find_review(view.seat)))


@blueprint.post("/sessions/<code>/review")
@login_required
def save(code: str) -> AnyResponse:
    """The review is kept, and everybody can read it."""
    view, form = students_view(code), ReviewForm()
    person = signed_in().person
    if not form.validate():
        return show(view, form, 422)
    try:
        take([Use(REVIEWS_WRITTEN, str(person.id))], web.both_clocks().machine, person, this_visit())
        write_review(view.coaching_session, person, form.details(), web.now())
    except ComeBackLater as error:
        return come_back(show(view, form, 429, error.sentence), error)
    except ChangedMeanwhile as refusal:
        # Sent again, it takes the place of what is shown beside it now.
        saved = find_review(view.seat)
        form.seen.data = mark(saved) if saved else ""
        return show(view, form, 409, refusal.sentence, is_other=True)
    except TooLate as refusal:
        return show(view, form, 409, refusal.sentence)
    current_app.extensions["wake_notices"]()
    flash("Thank you. Everybody can read your review now.", "good")
    return back_to(view)


@blueprint.post("/sessions/<code>/review/removal")
@login_required
def remove(code: str) -> AnyResponse:
    """The review is gone, as if it had never been written."""
    view = students_view(code)
    try:
        remove_review(view.coaching_session, signed_in().person, web.now())
    except TooLate as refusal:
        return show(view, ReviewForm.of(find_review(view.seat)), 409, refusal.sentence)
    flash("Your review is taken back. Nobody can read it any more.", "good")
    return back_to(view)


def show(
    view: SessionView, form: ReviewForm, status: int = 200, refused: str = "", *, is_other: bool = False
) -> Response:
    """The page; `is_other` where another window has saved another review."""
    now, review = web.now(), find_review(view.seat)
    first_made_at = None if review else find_first_made_at(view.seat)
    why = why_not_change(review_facts(review), now) if review else find_why_not_review(view.seat, now)
    return web.render(
        "reviews/write.html",
        status=status,
        view=view,
        coaching_session=view.coaching_session,
        seat=view.seat,
        store=view.coaching_session.product.store,
        zone=zones.page_zone(view.coaching_session.zone),
        at=now,
        review=review,
        stands_from=first_made_at and first_made_at + CHANGED_WITHIN,
        form=None if why else form,
        sentence=SENTENCES[why] if why else "",
        refused=refused,
        is_other=is_other,
        shown_as=shown_name(view.seat.student.name),
    )


def students_view(code: str) -> SessionView:
    """The session, if the signed-in person takes it."""
    view = get_session_for(signed_in().person, code)
    if view.role != "student":
        raise NotFound
    return view


def back_to(view: SessionView) -> AnyResponse:
    return redirect(url_for("sessions.show", code=view.coaching_session.code) + "#review", 303)
