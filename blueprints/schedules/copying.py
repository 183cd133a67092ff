"""A schedule like another one: what it is called, and whether it has the same changed days."""

from flask import Response, flash, redirect, url_for
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse

from blueprints.saved_forms import take_saved
from blueprints.schedules.blueprint import blueprint
from blueprints.schedules.forms import CopyForm
from blueprints.schedules.page import head_of, own_schedule, today_of
from blueprints.signed_in import signed_in
from blueprints.web import now, render
from coaching.catalog.schedule_mutations import copy_schedule
from coaching.errors import LimitReached, NameTaken
from coaching.hours.copy_names import name_of_copy
from coaching.hours.models import Schedule
from coaching.hours.queries import coming_overrides, schedules_of


@blueprint.get("/<code>/copy")
@login_required
def ask_for_copy(code: str) -> Response:
    """What the copy is to have; changes nothing."""
    schedule = own_schedule(code)
    name = name_of_copy(schedule.name, [other_schedule.name for other_schedule in schedules_of(signed_in().person)])
    return show(schedule, CopyForm(take_saved(), name=name))


@blueprint.post("/<code>/copy")
@login_required
def copy(code: str) -> AnyResponse:
    """There is a schedule with the same hours, which nothing uses yet."""
    schedule, form = own_schedule(code), CopyForm()
    if not form.validate():
        return show(schedule, form, 422)
    try:
        made = copy_schedule(
            schedule,
            form.name.data,
            form.form_key.data or "",
            now(),
            today_of(schedule),
            with_days=form.with_days.data,
        )
    except NameTaken as error:
        form.name.errors = [error.sentence]
        return show(schedule, form, 422)
    except LimitReached as refusal:
        form.form_errors = [refusal.sentence]
        return show(schedule, form, 422)
    flash(f"“{made.name}” has the hours of “{schedule.name}”. From now on each is changed by itself.", "good")
    return redirect(url_for(".show", code=made.code), 303)


def show(schedule: Schedule, form: CopyForm, status: int = 200) -> Response:
    days = len(coming_overrides(schedule, today_of(schedule)))
    return render("schedules/copy.html", status=status, form=form, days=days, **head_of(schedule))
