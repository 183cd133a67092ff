"""A coach's notes are written, reworded and removed: about a student, or about one session of theirs."""

from flask import Response, flash, redirect, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse

from blueprints import web
from blueprints.saved_forms import take_saved_with
from blueprints.sessions.page import draw as draw_session
from blueprints.signed_in import signed_in
from blueprints.students.blueprint import blueprint
from blueprints.students.forms import LabelForm, NoteForm
from blueprints.students.listing import coach_zone
from blueprints.students.of_session import notes_view
from blueprints.students.showing import draw as draw_student
from coaching.booking.queries import get_session_for
from coaching.catalog.step_queries import mark_of
from coaching.errors import ChangedMeanwhile, LimitReached, NotFound
from coaching.students.models import StudentNote
from coaching.students.mutations import add_note, remove_note, save_note
from coaching.students.queries import get_note


@blueprint.post("/students/<int:student_id>/notes")
@login_required
def write(student_id: int) -> AnyResponse:
    """The coach has one more note about the student."""
    form = NoteForm()
    if not form.validate():
        return draw_student(student_id, form, LabelForm(formdata=None), 422)
    try:
        add_note(signed_in().person, student_id, form.note.data, form.form_key.data, web.now())
    except LimitReached as refusal:
        form.note.errors = [refusal.sentence]
        return draw_student(student_id, form, LabelForm(formdata=None), 409)
    return redirect(url_for(".show", student_id=student_id) + "#notes", 303)


@blueprint.post("/sessions/<code>/notes")
@login_required
def write_on_session(code: str) -> AnyResponse:
    """The coach has one more note about the session."""
    view, form = get_session_for(signed_in().person, code), NoteForm()
    if view.role != "coach":
        raise NotFound
    if not form.validate():
        return draw_session(view, 422, coach_notes=notes_view(view, form))
    about = view.coaching_session
    try:
        add_note(signed_in().person, view.seat.student_id, form.note.data, form.form_key.data, web.now(), about)
    except LimitReached as refusal:
        form.note.errors = [refusal.sentence]
        return draw_session(view, 409, coach_notes=notes_view(view, form))
    return redirect(url_for("sessions.show", code=code) + "#notes", 303)


@blueprint.get("/students/<int:student_id>/notes/<note>")
@login_required
def reword(student_id: int, note: str) -> Response:
    """The note as a form, and the way to remove it."""
    kept_note = get_note(signed_in().person, student_id, note)
    return show_form(
        kept_note, NoteForm(take_saved_with("note"), data={"note": kept_note.words, "seen": mark_of(kept_note.words)})
    )


@blueprint.post("/students/<int:student_id>/notes/<note>")
@login_required
def save(student_id: int, note: str) -> AnyResponse:
    """The note says this from now on."""
    coach, form = signed_in().person, NoteForm()
    kept_note = get_note(coach, student_id, note)
    if not form.validate():
        return show_form(kept_note, form, 422)
    try:
        save_note(coach, student_id, note, form.note.data, form.seen.data, web.now())
    except ChangedMeanwhile as refusal:
        saved = get_note(coach, student_id, note)
        # Sent again, it takes the place of what is shown beside it now.
        form.seen.data = mark_of(saved.words)
        return show_form(saved, form, 409, refusal.sentence)
    return redirect(back_from(kept_note), 303)


@blueprint.post("/students/<int:student_id>/notes/<note>/removal")
@login_required
def remove(student_id: int, note: str) -> AnyResponse:
    """The note is gone."""
    remove_note(signed_in().person, student_id, note)
    flash("Your note is removed.", "good")
    return redirect(url_for(".show", student_id=student_id) + "#notes", 303)


def show_form(note: StudentNote, form: NoteForm, status: int = 200, refused: str = "") -> Response:
    """The page of a note; `refused` where another window has saved other words."""
    return web.render(
        "students/note.html",
        status=status,
        note=note,
        form=form,
        refused=refused,
        back=back_from(note),
        zone=coach_zone(signed_in().person),
    )


def back_from(note: StudentNote) -> str:
    """The page on which the note stands: of the session, where the coach came from there."""
    if note.coaching_session and request.args.get("from") == "session":
        return url_for("sessions.show", code=note.coaching_session.code) + "#notes"
    return url_for("students.show", student_id=note.student_id) + "#notes"
