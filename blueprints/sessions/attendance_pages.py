"""Saying that one is coming, or running late. GET shows a button, since programs that read mail follow links."""

from typing import Any

from flask import Response, current_app, flash, redirect, url_for
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse

from blueprints import web, zones
from blueprints.accounts.reach import reach_view
from blueprints.saved_forms import take_saved, with_field
from blueprints.sessions.attendance import LatenessForm, attendance_of, since_when
from blueprints.sessions.blueprint import blueprint
from blueprints.sessions.page import draw, own_view
from blueprints.signed_in import signed_in
from blueprints.web import render
from coaching.accounts.models import Person
from coaching.booking import attendance_mutations
from coaching.booking.history_queries import said_late
from coaching.booking.models import BOOKED_STATES
from coaching.booking.queries import SessionView
from coaching.errors import NotFound, Refused, TooLate
from coaching.rooms.views.queries import session_room


@blueprint.get("/coming")
@login_required
def coming(code: str) -> AnyResponse:
    """Asks the student to say that they are coming; changes nothing."""
    view = students_view(code)
    return show(view, "sessions/coming.html") if is_to_come(view) else back_to(view)


@blueprint.post("/coming")
@login_required
def say_coming(code: str) -> AnyResponse:
    """The student is coming, and the coach sees it."""
    view = students_view(code)
    try:
        attendance_mutations.say_coming(view.coaching_session, signed_in().person, web.now())
    except TooLate as error:
        return draw(view, 409, refused=error.sentence)
    flash(f"{view.coaching_session.coach.name} sees that you are coming.", "good")
    return back_to(view)


@blueprint.get("/lateness")
@login_required
def lateness(code: str) -> AnyResponse:
    """Asks how late somebody will be; changes nothing."""
    view = either_view(code)
    return show(view, "sessions/lateness.html", form=late_form()) if is_to_come(view) else back_to(view)


@blueprint.post("/lateness")
@login_required
def say_late(code: str) -> AnyResponse:
    """The other side is told, and after a coach's delay the next student if it reaches them."""
    view, form = either_view(code), LatenessForm().offered()
    if not form.validate():
        form.minutes.errors = ["Choose how late you will be."]
        return show(view, "sessions/lateness.html", 422, form=form)
    try:
        attendance_mutations.say_late(view.coaching_session, signed_in().person, form.details(), web.now())
    except TooLate as error:
        return draw(view, 409, refused=error.sentence)
    except Refused as refusal:
        return show(view, "sessions/lateness.html", 422, form=form, refused=refusal.sentence)
    current_app.extensions["wake_notices"]()
    flash(notified_sentence(other_side(view)), "good")
    return back_to(view)


@blueprint.post("/lateness/withdrawal")
@login_required
def take_back_late(code: str) -> AnyResponse:
    """Whoever said that they are late is not, and the other side is told."""
    view = either_view(code)
    try:
        is_told = attendance_mutations.take_back_late(view.coaching_session, signed_in().person, web.now())
    except TooLate as error:
        return draw(view, 409, refused=error.sentence)
    if is_told:
        current_app.extensions["wake_notices"]()
        flash(notified_sentence(other_side(view)), "good")
    return back_to(view)


def notified_sentence(other: Person) -> str:
    """What becomes of it: a message, where one reaches the other side."""
    if reach_view(other).is_reached:
        return f"{other.name} is told now, and sees it on the page of the session."
    return f"{other.name} sees it on the page of the session. No message reaches them."


def show(view: SessionView, template: str, status: int = 200, **more: Any) -> Response:
    zone = zones.page_zone(view.coaching_session.zone)
    lines, room = said_late(view.coaching_session), session_room(view.coaching_session, web.both_clocks())
    return render(
        template,
        status=status,
        view=view,
        coaching_session=view.coaching_session,
        seat=view.seat,
        store=view.coaching_session.product.store,
        zone=zone,
        at=web.now(),
        attendance=attendance_of(view, lines, room.seen, web.now()),
        since=since_when(view, zone),
        **more,
    )


def late_form() -> LatenessForm:
    """The form with what was chosen before somebody had to sign in."""
    return LatenessForm(formdata=with_field(take_saved(), "minutes")).offered()


def other_side(view: SessionView) -> Person:
    other: Person = view.coaching_session.coach if view.role == "student" else view.seat.student
    return other


def is_to_come(view: SessionView) -> bool:
    """True until the session is over or cancelled."""
    return view.coaching_session.state in BOOKED_STATES and web.now() < view.coaching_session.ends_at


def back_to(view: SessionView) -> AnyResponse:
    return redirect(url_for("sessions.show", code=view.coaching_session.code), 303)


def students_view(code: str) -> SessionView:
    """The session, if the signed-in person takes it."""
    view = own_view(code)
    if view.role != "student":
        raise NotFound
    return view


def either_view(code: str) -> SessionView:
    """The session, if the signed-in person takes or gives it."""
    view = own_view(code)
    if view.role == "admin":
        raise NotFound
    return view
