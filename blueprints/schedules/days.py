"""The days of a schedule that are not as usual, in a month beside what is booked; and time off."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, flash, redirect, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse

from blueprints.saved_forms import take_saved, with_field
from blueprints.schedules.blueprint import blueprint
from blueprints.schedules.day_forms import DayForm, TimeOffForm
from blueprints.schedules.month import latest_day, month_cells, shown_month
from blueprints.schedules.page import head_of, own_schedule, today_of
from blueprints.schedules.words import off_text, spans_text
from blueprints.signed_in import signed_in
from blueprints.web import now, render
from blueprints.wizard.schedule import readable_date
from coaching.booking.agenda_queries import booked_between
from coaching.booking.month import month_span
from coaching.booking.slots import Span
from coaching.calendars.queries import outside_busy
from coaching.errors import ChangedMeanwhile, LimitReached, NotFound, UnsoundHours
from coaching.hours import mutations
from coaching.hours.models import DateOverride, Schedule
from coaching.hours.queries import (
    coming_overrides,
    coming_time_off,
    find_override,
    mark_of_day,
    read_spans,
    weekly_hours,
)
from coaching.hours.wall_clock import instant_of

# Other times are none of a day's: so far around midnight a session of that day may lie.
A_DAY = timedelta(days=1)


@blueprint.get("/<code>/days")
@login_required
def show_days(code: str) -> Response:
    """A month of the schedule, the days that are not as usual, and one day to change."""
    schedule = own_schedule(code)
    off_form = TimeOffForm(with_field(take_saved(), "off_from"))
    return draw_days(schedule, asked_day(schedule), off_form)


@blueprint.get("/<code>/days/<day>")
@login_required
def show_day(code: str, day: str) -> AnyResponse:
    """On to the month with this day."""
    schedule = own_schedule(code)
    day_on = plannable_day(schedule, day)
    if saved := take_saved():
        return draw_days(schedule, day_on, day_form=DayForm.of_fields(saved))
    return redirect(url_for(".show_days", code=code, day=day_on.isoformat()), 302)


@blueprint.post("/<code>/days/<day>")
@login_required
def change_day(code: str, day: str) -> AnyResponse:
    """The day has the typed hours, is closed, or has its weekly hours again."""
    schedule = own_schedule(code)
    day_on, form = plannable_day(schedule, day), DayForm.of_fields(request.form)
    if request.form.get("act") == "add-row":
        form.add_row()
        return draw_days(schedule, day_on, day_form=form)
    if not form.validate():
        return draw_days(schedule, day_on, day_form=form, status=422)
    try:
        if form.kind.data == "weekly":
            mutations.reopen_day(schedule, day_on, form.seen.data)
        else:
            spans = form.spans() if form.kind.data == "own" else ()
            mutations.change_day(schedule, day_on, spans, today_of(schedule), form.note.data, form.seen.data)
    except ChangedMeanwhile:
        kept = find_override(schedule, day_on)
        has = now_has(kept)
        form.form_errors = [f"Another window has changed this day: it {has} now. Save again if yours is to hold."]
        form.seen.data = mark_of_day(kept)
        return draw_days(schedule, day_on, day_form=form, status=409)
    except (LimitReached, UnsoundHours) as refusal:
        form.form_errors = [refusal.sentence]
        return draw_days(schedule, day_on, day_form=form, status=422)
    flash(f"{day_on:%A} {day_on.day} {day_on:%B} is changed. What is booked on it stays.", "good")
    return redirect(url_for(".show_days", code=code, day=day_on.isoformat()), 303)


@blueprint.post("/<code>/days")
@login_required
def take_time_off(code: str) -> AnyResponse:
    """Nothing of the coach can be booked from one day to another."""
    schedule, form = own_schedule(code), TimeOffForm()
    form.today = today_of(schedule)
    if not form.validate():
        return draw_days(schedule, asked_day(schedule), form, status=422)
    span = form.details(weekly_hours(schedule))
    try:
        mutations.take_time_off(signed_in().person, span.starts_at, span.ends_at, span.note, now())
    except (LimitReached, UnsoundHours) as refusal:
        form.form_errors = [refusal.sentence]
        return draw_days(schedule, asked_day(schedule), form, status=422)
    inside = len(booked_between(signed_in().person, Span(span.starts_at, span.ends_at), now()))
    stays = (
        "One session is booked in it: it stays." if inside == 1 else f"{inside} sessions are booked in it: they stay."
    )
    flash("Time off is saved." + (f" {stays} Move or cancel what you cannot give." if inside else ""), "good")
    month = f"{span.starts_at.astimezone(ZoneInfo(schedule.zone)):%Y-%m}"
    return redirect(url_for(".show_days", code=code, month=month), 303)


@blueprint.post("/<code>/time-off/<int:time_off_id>/removal")
@login_required
def remove_time_off(code: str, time_off_id: int) -> AnyResponse:
    """The coach's time off is gone."""
    own_schedule(code)
    try:
        mutations.remove_time_off(signed_in().person, time_off_id)
        flash("Removed. These days have their usual hours again.", "good")
    except NotFound:
        flash("It was not there any more.", "info")  # pressed twice, or in two windows
    return redirect(url_for(".show_days", code=code), 303)


def now_has(override: DateOverride | None) -> str:
    """What a day has now: "has 10:00–12:00", "is closed"."""
    if override is None:
        return "has its weekly hours"
    hours = spans_text(read_spans(override.spans))
    return f"has {hours}" if hours else "is closed"


def draw_days(
    schedule: Schedule,
    day_on: date | None,
    off_form: TimeOffForm | None = None,
    day_form: DayForm | None = None,
    status: int = 200,
) -> Response:
    """The page of the days, or for htmx the part with the month alone."""
    hours, at = weekly_hours(schedule), now()
    first_on = shown_month(day_on or readable_date(request.args.get("month", "") + "-01"), at, schedule.zone)
    window = month_span(first_on, schedule.zone)
    booked = booked_between(schedule.coach, window, now())
    time_off = coming_time_off(schedule.coach, min(window.starts_at, at))
    month = month_cells(first_on, hours, booked, time_off, day_on, at)
    head = head_of(schedule)
    return render(
        "schedules/days.html",
        "schedules/_days_alone.html",
        status,
        month=month,
        hours=hours,
        day=day_context(schedule, day_on, day_form) if day_on else None,
        overrides=[
            (override, spans_text(read_spans(override.spans))) for override in coming_overrides(schedule, head["today"])
        ],
        time_off=[(off, off_text(off.starts_at, off.ends_at, hours)) for off in time_off if off.ends_at > at],
        off_form=off_form or TimeOffForm(formdata=None),
        **head,
    )


def day_context(schedule: Schedule, day_on: date, form: DayForm | None) -> dict[str, Any]:
    """What schedules/_day.html lists as `day`."""
    hours = weekly_hours(schedule)
    weekly = hours.week.get(day_on.weekday(), ())
    zone = ZoneInfo(schedule.zone)
    window = Span(instant_of(day_on, 0, zone), instant_of(day_on + A_DAY, 0, zone))
    return {
        "on": day_on,
        "form": form or DayForm.of_day(find_override(schedule, day_on), weekly),
        "weekly": spans_text(weekly) or "no hours",
        "zone": hours.zone_on(day_on),
        "booked": booked_between(schedule.coach, window, now()),
        "outside": [
            (busy_span, off_text(busy_span.starts_at, busy_span.ends_at, hours))
            for busy_span in sorted(outside_busy(schedule.coach, window, now()), key=lambda span: span.starts_at)
        ],
        "time_off": [
            (off, off_text(off.starts_at, off.ends_at, hours))
            for off in coming_time_off(schedule.coach, window.starts_at)
            if off.starts_at < window.ends_at and off.ends_at > window.starts_at
        ],
    }


def asked_day(schedule: Schedule) -> date | None:
    """The day in the address, if it can be planned."""
    day_on = readable_date(request.args.get("day", ""))
    return day_on if day_on and is_plannable(schedule, day_on) else None


def plannable_day(schedule: Schedule, text: str) -> date:
    """The day that the address names, or NotFound."""
    day_on = readable_date(text)
    if day_on is None or not is_plannable(schedule, day_on):
        raise NotFound
    return day_on


def is_plannable(schedule: Schedule, day_on: date) -> bool:
    """True for the days from today on, as far as the months go."""
    return today_of(schedule) <= day_on <= latest_day(now(), schedule.zone)
