"""The zone of a schedule, and its coach's journeys, each with a look at what it moves before it holds."""

from dataclasses import replace
from datetime import timedelta

from flask import Response, flash, redirect, request, url_for
from flask_login import login_required
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from blueprints.schedules.blueprint import blueprint
from blueprints.schedules.month import latest_day
from blueprints.schedules.page import head_of, own_schedule, today_of
from blueprints.schedules.preview import Preview, preview_of
from blueprints.schedules.zone_forms import ScheduleZoneForm, TravelForm
from blueprints.web import now, render
from coaching.booking.agenda_queries import booked_between
from coaching.booking.coach_days import coach_day
from coaching.booking.slots import Span
from coaching.errors import ChangedMeanwhile, LimitReached, NotFound, UnsoundHours
from coaching.hours import mutations
from coaching.hours.models import Schedule
from coaching.hours.queries import schedules_of, travels_of, weekly_hours
from coaching.hours.week import TravelSpan, fault_in_travel
from coaching.zones import zone_label

LONG = timedelta(days=800)


@blueprint.get("/<code>/zone")
@login_required
def show_zone(code: str) -> Response:
    """The zone and the journeys; with one of them in the address, what it would move. Changes nothing."""
    schedule = own_schedule(code)
    if "zone" in request.args:
        form = ScheduleZoneForm(request.args)
        return draw_zone(schedule, form, status=200 if form.validate() else 422)
    if "travel_zone" in request.args:
        travel = travel_form(schedule, request.args)
        return draw_zone(schedule, travel=travel, status=200 if travel.validate() else 422)
    return draw_zone(schedule)


@blueprint.post("/<code>/zone")
@login_required
def change_zone(code: str) -> AnyResponse:
    """The schedule's hours are meant in this zone."""
    schedule, form = own_schedule(code), ScheduleZoneForm()
    if not form.validate():
        return draw_zone(schedule, form, status=422)
    try:
        mutations.change_zone(schedule, form.zone.data, form.seen.data)
    except ChangedMeanwhile:
        kept = own_schedule(code)
        form.form_errors = [
            f"Another window has set {zone_label(kept.zone)} meanwhile. Look at what moves now, then change it again."
        ]
        return draw_zone(kept, form, status=409)
    flash(f"The hours are in {zone_label(schedule.zone, now())} now. What is booked keeps its time.", "good")
    return redirect(url_for(".show_zone", code=code), 303)


@blueprint.post("/<code>/travels")
@login_required
def plan_travel(code: str) -> AnyResponse:
    """The journey is planned."""
    schedule = own_schedule(code)
    form = travel_form(schedule, request.form)
    if not form.validate():
        return draw_zone(schedule, travel=form, status=422)
    try:
        others = schedules_of(schedule.coach) if form.everywhere.data else []
        schedules = [schedule, *(other for other in others if other != schedule)]
        mutations.plan_travel(schedules, form.details(), today_of(schedule))
    except (LimitReached, UnsoundHours) as refusal:
        form.form_errors = [refusal.sentence]
        return draw_zone(schedule, travel=form, status=422)
    flash(f"Planned. On these days the hours are in {zone_label(form.travel_zone.data)}.", "good")
    return redirect(url_for(".show_zone", code=code) + "#travels", 303)


@blueprint.post("/<code>/travels/<int:travel_id>/removal")
@login_required
def cancel_travel(code: str, travel_id: int) -> AnyResponse:
    """The journey is planned no more."""
    schedule = own_schedule(code)
    try:
        mutations.cancel_travel(schedule, travel_id)
        flash("Removed. On these days the hours are in the schedule’s own zone.", "good")
    except NotFound:
        flash("It was not there any more.", "info")  # pressed twice, or in two windows
    return redirect(url_for(".show_zone", code=code) + "#travels", 303)


def draw_zone(
    schedule: Schedule, form: ScheduleZoneForm | None = None, travel: TravelForm | None = None, status: int = 200
) -> Response:
    """The page; with a form that is in order, what it moves."""
    today = today_of(schedule)
    preview = travel_preview = None
    if form and not form.errors and form.zone.data != schedule.zone:
        preview = zone_preview(schedule, form.zone.data)
    if travel and not travel.errors:
        if fault := fault_in_travel(travel.details(), weekly_hours(schedule).travels):
            travel.form_errors = [fault]
            status = max(status, 422)
        else:
            travel_preview = journey_preview(schedule, travel.details())
    return render(
        "schedules/zone.html",
        "schedules/_zone_alone.html",
        status,
        form=form or ScheduleZoneForm(formdata=None, zone=schedule.zone),
        preview=preview,
        is_same=form is not None and form.zone.data == schedule.zone and not form.form_errors,
        travel_form=travel or TravelForm(formdata=None),
        travel_preview=travel_preview,
        has_others=len(schedules_of(schedule.coach)) > 1,
        travels=[travel_span for travel_span in travels_of(schedule) if travel_span.until_on >= today],
        **head_of(schedule),
    )


def zone_preview(schedule: Schedule, zone: str) -> Preview:
    """What moves when the schedule's zone becomes another one."""
    before, today = weekly_hours(schedule), today_of(schedule)
    booked = booked_between(schedule.coach, Span(now(), now() + LONG), now(), schedule)
    return preview_of(before, replace(before, zone=zone), today, latest_day(now(), schedule.zone), booked)


def journey_preview(schedule: Schedule, travel: TravelSpan) -> Preview:
    """What a journey moves."""
    before, first_on = weekly_hours(schedule), max(travel.from_on, today_of(schedule))
    after = replace(before, travels=(*before.travels, travel))
    window = Span(now(), now() + LONG)
    booked = [
        coaching_session
        for coaching_session in booked_between(schedule.coach, window, now(), schedule)
        if travel.covers(coach_day(coaching_session.starts_at, after))
    ]
    return preview_of(before, after, first_on, travel.until_on, booked)


def travel_form(schedule: Schedule, fields: MultiDict[str, str]) -> TravelForm:
    """The journey as it was typed."""
    form = TravelForm(fields)
    form.today, form.latest = today_of(schedule), latest_day(now(), schedule.zone)
    return form
