"""The admin's page of a coming session of somebody who is suspended: it is cancelled by the usual rules, or left."""

from datetime import datetime

from flask import Response, current_app, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse
from wtforms import RadioField

from blueprints import web
from blueprints.accounts.login import fresh_sign_in_required
from blueprints.accounts.reach import reach_view
from blueprints.admin.blueprint import NUMBER, blueprint
from blueprints.admin.reasons import LONGEST_REASON
from blueprints.filters import money
from blueprints.forms import Form, TextBlock, required
from blueprints.payments.paying import let_payments_follow
from blueprints.saved_forms import take_saved
from blueprints.signed_in import signed_in
from coaching.accounts.tokens import digest
from coaching.booking.queries import SessionView, terms_of
from coaching.errors import ChangedMeanwhile, TooLate
from coaching.payments.money_queries import money_of
from coaching.people.coming_queries import Coming, get_coming
from coaching.people.queries import get_person
from coaching.people.suspension_mutations import cancel_for, leave_session

CHOICES = {"cancel": "Cancel it", "leave": "Leave it as it is"}
CHANGED = "The session, or what cancelling it means, has changed since you opened this page. Nothing was done."


class DecisionForm(Form):
    decision = RadioField("What is to be done", [required("Choose one of the two.")], choices=CHOICES)
    reason = TextBlock("Why", [required("Say why.")], longest=LONGEST_REASON)


@blueprint.get(f"/admin/people/<{NUMBER}:person_id>/sessions/<code>")
@fresh_sign_in_required
def coming_session(person_id: int, code: str) -> AnyResponse:
    """What a cancellation would mean, and the decision. Of whoever is not suspended it is their own."""
    person_view = get_person(person_id, web.both_clocks())
    coming = get_coming(person_view.person, code, web.now())
    if person_view.person.suspended_at is None:
        return to_person(person_id)
    return show_coming(person_id, coming, DecisionForm(take_saved()))


@blueprint.post(f"/admin/people/<{NUMBER}:person_id>/sessions/<code>/decision")
@fresh_sign_in_required
def decide_on_session(person_id: int, code: str) -> AnyResponse:
    """It is called off as if the person had done it, or takes place all the same."""
    person, now = get_person(person_id, web.both_clocks()).person, web.now()
    coming, form, admin = get_coming(person, code, now), DecisionForm(), signed_in().person
    if not form.validate():
        return show_coming(person_id, coming, form, 422)
    seen = seen_by(coming.view, now)
    if request.form.get("seen", seen) != seen:
        return show_coming(person_id, coming, form, 409, CHANGED)
    coaching_session, reason = coming.view.coaching_session, form.reason.data
    try:
        if form.decision.data == "leave":
            leave_session(coaching_session, person, admin, reason, now)
            flash(f"{coaching_session.title} takes place.", "good")
            return to_person(person_id)
        let_payments_follow(cancel_for(coaching_session, person, admin, reason, now))
    except (ChangedMeanwhile, TooLate) as refusal:
        flash(refusal.sentence, "warn")
        return to_person(person_id)
    current_app.extensions["wake_rooms"]()
    current_app.extensions["wake_notices"]()
    words = "is told" if reach_view(coming.other).is_reached else "reads it here: no message reaches them"
    flash(f"{coaching_session.title} is cancelled. {coming.other.name} {words}.", "good")
    return to_person(person_id)


def to_person(person_id: int) -> AnyResponse:
    return redirect(url_for(".person", person_id=person_id) + "#coming", 303)


def show_coming(person_id: int, coming: Coming, form: DecisionForm, status: int = 200, refused: str = "") -> Response:
    now = web.now()
    return web.render(
        "admin/coming_session.html",
        status=status,
        person_id=person_id,
        coming=coming,
        form=form,
        refused=refused,
        meaning=meaning_of(coming.view, now),
        seen=seen_by(coming.view, now),
    )


def seen_by(view: SessionView, now: datetime) -> str:
    """A mark of what the page says of the session."""
    return digest("\n".join([view.coaching_session.starts_at.isoformat(), meaning_of(view, now)]))[:16]


def meaning_of(view: SessionView, now: datetime) -> str:
    """What a cancellation now means for the price: it counts as if the suspended person themselves had cancelled."""
    seat, student, coach = view.seat, view.seat.student.name, view.coaching_session.coach.name
    if not seat.price_cents or view.coaching_session.held_until:
        return "It costs nobody anything."
    paid, terms = money_of(seat), terms_of(seat)
    whole = paid.left_cents if paid.paid_cents else seat.price_cents
    back = min(whole, seat.price_cents if view.role == "coach" else terms.back_at(now))
    if not (paid.paid_cents or seat.paid_at):
        due = 0 if view.role == "coach" else terms.due_at(now)
        return f"{coach} may still ask for {money(due, seat.currency)}." if due else f"{student} owes nothing."
    if not back:
        return f"Nothing goes back to {student}: the time to cancel free of charge is over."
    how = "goes back to the card of" if seat.payment == "stripe" else f"is to be given back by {coach} to"
    return f"{money(back, seat.currency)} {how} {student}."
