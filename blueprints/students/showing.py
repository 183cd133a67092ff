"""One of a coach's students: what came of their sessions, what was paid, and what the coach wrote down."""

from contextlib import suppress
from dataclasses import dataclass

from flask import Response, redirect, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse

from blueprints import web
from blueprints.forms import plain_number
from blueprints.saved_forms import take_saved_with
from blueprints.sessions.phase import payment_pill_of, status_of
from blueprints.signed_in import signed_in
from blueprints.students.blueprint import blueprint
from blueprints.students.forms import LabelForm, NoteForm
from blueprints.students.listing import coach_zone
from coaching.booking.absence_queries import absent_until
from coaching.booking.queries import SessionView
from coaching.errors import NotFound
from coaching.money import amount
from coaching.students import queries
from coaching.students.asking_mutations import record_read
from coaching.students.message_queries import messages_from
from coaching.students.queries import CallPage, Money

MISSED = {"student": "Missed by them", "coach": "Missed by you", "both": "Missed by you both"}


@dataclass(frozen=True)
class Call:
    """One session of the history: its state as a pill, and its money in words."""

    view: SessionView
    pill: tuple[str, str]
    money: str
    is_test: bool


@blueprint.get("/students/<int:student_id>")
@login_required
def show(student_id: int) -> AnyResponse:
    """The student's page, which only the coach sees; of an account that was merged it leads to the one that is left."""
    try:
        return draw(student_id, NoteForm(take_saved_with("note")), LabelForm(take_saved_with("label")))
    except NotFound:
        present = queries.find_present_student(signed_in().person, student_id)
        if present is None:
            raise
        return redirect(url_for(".show", student_id=present))


@blueprint.post("/students/<int:student_id>/messages/reading")
@login_required
def read(student_id: int) -> AnyResponse:
    """The coach has read what the student wrote, up to the last message that the page showed."""
    coach, last = signed_in().person, request.form.get("last", "")
    student = queries.get_student_person(coach, student_id)
    with suppress(ValueError):
        record_read(coach, student.id, plain_number(last), web.now())
    return redirect(url_for(".show", student_id=student.id) + "#messages", 303)


def draw(student_id: int, note_form: NoteForm, label_form: LabelForm, status: int = 200) -> Response:
    """The page with these forms, and what is wrong in them."""
    coach, number, now = signed_in().person, web.asked_page(), web.now()
    student = queries.get_student(coach, student_id, now)
    page = queries.calls_of(coach, queries.get_student_person(coach, student_id), number)
    return web.render(
        "students/show.html",
        status=status,
        student=student,
        history=page,
        calls=calls(page),
        refused_until=absent_until(coach, student_id, now),
        refusing=queries.products_that_refuse(coach),
        to_book=next((view for view in page.views if view.coaching_session.product.state != "archived"), None),
        messages=messages_from(coach, student_id),
        notes=queries.notes_about(coach, student_id),
        note_form=note_form,
        label_form=label_form,
        known_labels=queries.labels_of(coach),
        zone=coach_zone(coach),
    )


def calls(page: CallPage) -> list[Call]:
    """The page's sessions as the table draws them."""
    rows = []
    for view in page.views:
        money = page.money.get(view.seat.id)
        rows.append(Call(view, pill_of(view), money_label(view, money), bool(money and money.is_test)))
    return rows


def pill_of(view: SessionView) -> tuple[str, str]:
    """The session's state; of one that was missed, by whom."""
    kind, words = status_of(view, web.now())
    if view.coaching_session.state == "completed":
        return kind, "Took place"
    if view.coaching_session.state == "no_show":
        return kind, MISSED.get(view.coaching_session.absent or "", words)
    return kind, words


def money_label(view: SessionView, money: Money | None) -> str:
    """What was paid for a session and has gone back, or that it is still to be paid."""
    currency, price = view.seat.currency, view.seat.price_cents
    if money is None:
        words = f"{amount(price, currency)} to be {'confirmed' if view.seat.said_paid_at else 'paid'}"
        return "Free" if not price else words if payment_pill_of(view) else ""
    given_back = f", {amount(money.given_back_cents, currency)} given back" if money.given_back_cents else ""
    return f"{amount(money.paid_cents, currency)} paid{given_back}"
