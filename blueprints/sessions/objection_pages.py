"""What coach and student say of a call whose outcome or money is not agreed on, each by a form on its page."""

from collections.abc import Callable

from flask import Response, current_app, flash, redirect, url_for
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse

from blueprints import web
from blueprints.forms import Form
from blueprints.sessions.blueprint import blueprint
from blueprints.sessions.money_outcome import MoneyOutcomeView, ObjectionForm, ReplyForm, SaidForm
from blueprints.sessions.page import draw, own_view, page_context
from blueprints.sessions.room_control import coached_view, refused
from blueprints.signed_in import signed_in
from coaching.booking.queries import SessionView
from coaching.booking.said_outcome_mutations import say_outcome
from coaching.errors import NotFound, Refused, TooLate
from coaching.payments.money_outcome_mutations import give_back_at_once
from coaching.payments.objection_mutations import make_objection, reply_to_objection


@blueprint.post("/said-outcome")
@login_required
def say_what_happened(code: str) -> AnyResponse:
    """What the student says became of the call stands beside what the coach decides."""
    view = students_view(code)
    form = SaidForm().naming(view.coaching_session.coach.name)
    if not form.validate():
        form.said.errors = ["Choose what happened."]
        return draw_with(view, said_form=form)
    return change(
        view,
        lambda: say_outcome(view.coaching_session, signed_in().person, *form.details(), web.now()),
        f"{view.coaching_session.coach.name} sees what you say.",
    )


@blueprint.post("/objection")
@login_required
def disagree(code: str) -> AnyResponse:
    """The student disagrees about their money; whoever runs this site decides."""
    view, form = students_view(code), ObjectionForm()
    if not form.validate():
        return draw_with(view, objection_form=form)
    return change(
        view,
        lambda: make_objection(view.coaching_session, signed_in().person, form.sentence.data, web.now()),
        "Whoever runs this site looks at it. You are told what they decide.",
    )


@blueprint.post("/objection-reply")
@login_required
def reply(code: str) -> AnyResponse:
    """The coach's side of what the student disagrees with."""
    view, form = coached_view(code), ReplyForm()
    if not form.validate():
        return draw_with(view, reply_form=form)
    return change(
        view,
        lambda: reply_to_objection(view.coaching_session, signed_in().person, form.reply.data, web.now()),
        "Your side is kept. Whoever runs this site decides.",
    )


@blueprint.post("/absence-refund")
@login_required
def give_back_for_absence(code: str) -> AnyResponse:
    """The coach was missing, and gives back what was paid without waiting."""
    view = coached_view(code)
    return change(
        view,
        lambda: give_back_at_once(view.coaching_session, signed_in().person, web.now()),
        f"What {view.seat.student.name} paid goes back.",
    )


def students_view(code: str) -> SessionView:
    """The session, if the signed-in person is its student."""
    view = own_view(code)
    if view.role != "student" or view.link:
        raise NotFound
    return view


def change(view: SessionView, act: Callable[[], None], sentence: str) -> AnyResponse:
    """It is done, and the page says so; or the page with the reason on top."""
    try:
        act()
    except Refused as refusal:
        return refused(view, refusal)
    current_app.extensions["wake_notices"]()
    current_app.extensions["wake_payments"]()
    flash(sentence, "good")
    return redirect(url_for("sessions.show", code=view.coaching_session.code) + "#money-outcome", 303)


def draw_with(view: SessionView, **form: Form) -> Response:
    """The page with the form as it was sent, and what is wrong beside its field; or why there is none any more."""
    outcome_view: MoneyOutcomeView | None = page_context(view)["money_outcome"]
    if outcome_view is None or not any(getattr(outcome_view, name) for name in form):
        return refused(view, TooLate())
    return draw(view, 422, money_outcome=outcome_view.with_form(**form))
