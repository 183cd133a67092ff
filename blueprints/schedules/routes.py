"""A coach's schedules: the list, a new one, each one's weekly hours and name, and removing it."""

from datetime import timedelta
from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse

from blueprints import zones
from blueprints.differences import between
from blueprints.saved_forms import take_saved
from blueprints.schedules import check, copying, days, zone
from blueprints.schedules.blueprint import blueprint
from blueprints.schedules.forms import NameForm, NewScheduleForm, WeekForm
from blueprints.schedules.page import head_of, own_schedule
from blueprints.schedules.week import DAY_NAMES
from blueprints.schedules.words import off_text, spans_text, week_text
from blueprints.signed_in import signed_in
from blueprints.web import now, render
from coaching.booking.agenda import fits
from coaching.booking.agenda_queries import booked_between
from coaching.booking.slots import Span
from coaching.catalog import schedule_mutations
from coaching.catalog.queries import all_products_on_schedule, stores_of
from coaching.errors import ChangedMeanwhile, LimitReached, Refused, UnsoundHours
from coaching.hours.models import Schedule
from coaching.hours.mutations import rename_schedule
from coaching.hours.queries import coming_time_off, schedules_of, weekly_hours
from coaching.hours.week import WeeklyHours, mark_of_week

# So far ahead the new hours are compared with what is booked.
LOOKED_AHEAD = timedelta(days=366)
VIEWS = (check, copying, days, zone)
__all__ = ["VIEWS", "blueprint"]


@blueprint.get("")
@login_required
def overview() -> Response:
    """Every schedule of the coach: its hours in a line, and what is sold on it."""
    coach = signed_in().person
    schedules = schedules_of(coach)
    rows = [
        {
            "schedule": schedule,
            "hours": week_text(weekly_hours(schedule).week),
            "products": all_products_on_schedule(schedule),
        }
        for schedule in schedules
    ]
    hours = weekly_hours(schedules[0]) if schedules else WeeklyHours("UTC", {})
    return render(
        "schedules/overview.html",
        rows=rows,
        has_store=bool(stores_of(coach)),
        time_off=[(off, off_text(off.starts_at, off.ends_at, hours)) for off in coming_time_off(coach, now())],
        at=now(),
    )


@blueprint.get("/new")
@login_required
def new() -> AnyResponse:
    """The form of a new schedule."""
    coach = signed_in().person
    stores = stores_of(coach)
    if not stores:
        return redirect(url_for(".overview"), 302)
    form = NewScheduleForm(take_saved(), zone=zones.known_zone() or stores[0].zone)
    return render("schedules/new.html", form=form)


@blueprint.post("/new")
@login_required
def create() -> AnyResponse:
    """A new schedule, with office hours to change."""
    coach, form = signed_in().person, NewScheduleForm()
    if not stores_of(coach):
        raise Refused("Open a store first. Schedules say when its calls can be booked.")
    if not form.validate():
        return render("schedules/new.html", status=422, form=form)
    try:
        made = schedule_mutations.create_schedule(
            coach, form.name.data, form.zone.data, form.form_key.data or "", now()
        )
    except LimitReached as refusal:
        form.form_errors = [refusal.sentence]
        return render("schedules/new.html", status=422, form=form)
    return redirect(url_for(".show", code=made.code), 303)


@blueprint.get("/<code>")
@login_required
def show(code: str) -> Response:
    """The weekly hours."""
    schedule = own_schedule(code)
    if saved := take_saved():
        return show_week(schedule, WeekForm.of_fields(saved), is_restored=True)
    return show_week(schedule, WeekForm.of_schedule(schedule))


@blueprint.post("/<code>")
@login_required
def save_week(code: str) -> AnyResponse:
    """The weekly hours are the typed ones, or the page with what is wrong; other buttons only change what is typed."""
    schedule = own_schedule(code)
    if changed := WeekForm.rearranged(request.form):
        return show_week(schedule, changed)
    form = WeekForm.of_fields(request.form)
    if not form.validate():
        return show_week(schedule, form, 422)
    try:
        schedule_mutations.save_hours(schedule, form.week.hours(), form.seen.data)
    except ChangedMeanwhile:
        kept = weekly_hours(schedule).week
        typed, saved = (
            {DAY_NAMES[day]: spans_text(week.get(day, ())) for day in range(7)} for week in (form.week.hours(), kept)
        )
        form.seen.data = mark_of_week(kept)
        return show_week(schedule, form, 409, differences=between(typed, saved))
    except (Refused, UnsoundHours) as refusal:
        form.form_errors = [refusal.sentence]
        return show_week(schedule, form, 422)
    flash(f"The hours are saved. {what_stays(schedule)}", "good")
    return redirect(url_for(".show", code=code), 303)


@blueprint.post("/<code>/name")
@login_required
def rename(code: str) -> AnyResponse:
    """The schedule is called so."""
    schedule, form = own_schedule(code), NameForm()
    if not form.validate():
        return show_week(schedule, WeekForm.of_schedule(schedule), 422, name_form=form)
    rename_schedule(schedule, form.name.data)
    flash(f"It is called “{schedule.name}” now.", "good")
    return redirect(url_for(".show", code=code), 303)


@blueprint.get("/<code>/removal")
@login_required
def confirm_removal(code: str) -> Response:
    """Asks whether the schedule is to go; changes nothing."""
    return render("schedules/removal.html", **head_of(own_schedule(code)))


@blueprint.post("/<code>/removal")
@login_required
def remove(code: str) -> AnyResponse:
    """The schedule is gone, or the page says what still needs it."""
    schedule = own_schedule(code)
    try:
        schedule_mutations.remove_schedule(schedule)
    except Refused as refusal:
        return render("schedules/removal.html", status=409, refusal=refusal.sentence, **head_of(schedule))
    flash(f"“{schedule.name}” is removed.", "good")
    return redirect(url_for(".overview"), 303)


def what_stays(schedule: Schedule) -> str:
    """What becomes of the sessions that are booked: all stay, those outside of the hours, too."""
    hours = weekly_hours(schedule)
    booked = booked_between(schedule.coach, Span(now(), now() + LOOKED_AHEAD), now(), schedule)
    outside = sum(not fits(coaching_session, hours) for coaching_session in booked)
    if not outside:
        return "What is booked stays booked."
    whose = (
        "One session lies outside of them and stays"
        if outside == 1
        else f"{outside} sessions lie outside of them and stay"
    )
    return f"{whose} booked: move what does not suit you on its own page."


def show_week(schedule: Schedule, form: WeekForm, status: int = 200, **context: Any) -> Response:
    """The page of the weekly hours, or for htmx the form alone."""
    context.setdefault("name_form", NameForm(formdata=None, obj=schedule))
    return render(
        "schedules/week.html", "schedules/_week_alone.html", status, form=form, **head_of(schedule), **context
    )
