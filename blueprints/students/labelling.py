"""Labels of a student are given and taken, one at a time: two windows take nothing from each other."""

from flask import redirect, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse

from blueprints.signed_in import signed_in
from blueprints.students.blueprint import blueprint
from blueprints.students.forms import LabelForm, NoteForm
from blueprints.students.showing import draw
from coaching.errors import LimitReached
from coaching.plain_text import clean
from coaching.students.mutations import add_label, remove_label


@blueprint.post("/students/<int:student_id>/labels")
@login_required
def label(student_id: int) -> AnyResponse:
    """The student has one more label."""
    form = LabelForm()
    if not form.validate():
        return draw(student_id, NoteForm(formdata=None), form, 422)
    try:
        add_label(signed_in().person, student_id, form.label.data)
    except LimitReached as refusal:
        form.label.errors = [refusal.sentence]
        return draw(student_id, NoteForm(formdata=None), form, 409)
    return redirect(url_for(".show", student_id=student_id) + "#labels", 303)


@blueprint.post("/students/<int:student_id>/labels/removal")
@login_required
def unlabel(student_id: int) -> AnyResponse:
    """The student has it no more."""
    remove_label(signed_in().person, student_id, clean(request.form.get("label")))
    return redirect(url_for(".show", student_id=student_id) + "#labels", 303)
