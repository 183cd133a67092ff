"""Moving a session: the nearest free times first, the month behind them, and the old time until the new one holds."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, current_app, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse
from wtforms.validators import Optional

from blueprints import web
from blueprints.accounts.reach import reach_view
from blueprints.day_times import dated_group
from blueprints.filters import local_time
from blueprints.forms import Form, TextBlock
from blueprints.saved_forms import take_saved, with_field
from blueprints.sessions.attendance_pages import other_side
from blueprints.sessions.blueprint import blueprint
from blueprints.sessions.links import (
    OLDER_LINK,
    address_after,
    count_change,
    link_or_sign_in,
    person_of,
)
from blueprints.sessions.page import draw, live_context, own_view, zone_of
from blueprints.storefront.days import Slot, day_slots
from blueprints.storefront.forms import instant
from blueprints.storefront.picker import Asked, draw_picker, readable_date
from coaching.booking.models import Seat
from coaching.booking.move_mutations import move_session, offer_of
from coaching.booking.move_rules import why_not_move
from coaching.booking.queries import SessionView, movable_of, terms_of
from coaching.booking.refund_tiers import share_label
from coaching.booking.slot_queries import free_month, nearest_starts
from coaching.errors import NotFound, SlotOver, SlotTaken, StudentBusy, TooLate

NEAREST = 3
LONGEST_REASON = 500
CHOOSE = "Choose one of the times."


class MoveForm(Form):
    reason = TextBlock("Reason", [Optional()], longest=LONGEST_REASON)


@blueprint.get("/move")
@link_or_sign_in
def choose_time(code: str) -> AnyResponse:
    """The free times to which the session can be moved; changes nothing. An older link leads to the session."""
    view = movable_view(code)
    return show(view, request.args) if view.may_act else redirect(url_for(".show", code=code), 303)


@blueprint.post("/move")
@link_or_sign_in
def move(code: str) -> AnyResponse:
    """The session is at the chosen time, or the page shows another day; where it is not free, the nearest ones."""
    view, starts_at, form = movable_view(code), instant(request.form.get("starts_at", "")), MoveForm()
    if not view.may_act:
        return draw(view, 409, refused=OLDER_LINK)
    if request.form.get("show"):
        return show(view, request.form)
    if not form.validate():
        return show(view, request.form, 422)
    if starts_at is None:
        return show(view, request.form, 422, problem=CHOOSE)
    if starts_at < web.now():
        return show(view, request.form, 409, problem=SlotOver.sentence)
    count_change(view)
    try:
        moved = move_session(
            view.coaching_session,
            person_of(view),
            starts_at,
            web.now(),
            instead_of=instant(request.form.get("instead_of", "")),
            reason=form.reason.data,
        )
    except (SlotTaken, StudentBusy, TooLate) as error:
        return show(movable_view(code), request.form, 409, problem=error.sentence)
    current_app.extensions["wake_rooms"]()
    current_app.extensions["wake_notices"]()
    flash(f"Moved to {local_time(moved.starts_at, zone_of(view), 'short')}.", "good")
    return redirect(address_after(view, moved), 303)


def movable_view(code: str) -> SessionView:
    """The session for one of its two people; admins move nothing."""
    view = own_view(code)
    if view.role == "admin":
        raise NotFound
    return view


def show(view: SessionView, fields: Mapping[str, str], status: int = 200, problem: str | None = None) -> Response:
    """The page, or for htmx the times alone."""
    asked, is_turned = Asked.of(fields), bool(fields.get("show"))
    is_unfolded = bool(fields.keys() & {"month", "day", "starts_at", "show"})
    chosen = asked.starts_at
    if is_turned:
        asked = turned(fields["show"], chosen, zone_of(view))
    elif not is_unfolded:
        asked = replace(asked, day_on=day_of(view))
    context = live_context(view) | {"problem": problem, "hindrance": None, "picker": None, "nearest": []}
    context["is_unfolded"] = is_unfolded
    is_sent = request.method == "POST"
    context["form"] = MoveForm() if is_sent else MoveForm(with_field(take_saved(), "reason"))
    context["other"], context["is_reached"] = other_side(view).name, reach_view(other_side(view)).is_reached
    context["hindrance"] = why_not_move(movable_of(view.seat), view.role == "coach", web.now())
    if not context["hindrance"]:
        context |= times_of(view, asked, chosen, None if is_turned else chosen)
    answer = web.render("sessions/move.html", "sessions/_move_times.html", status, **context)
    if is_sent:
        answer.headers["HX-Push-Url"] = "false"
    return answer


def day_of(view: SessionView) -> date:
    """The day of the session, on whoever looks."""
    starts_at: datetime = view.coaching_session.starts_at
    return starts_at.astimezone(ZoneInfo(zone_of(view))).date()


def turned(typed_day: str, chosen: datetime | None, zone: str) -> Asked:
    """The day or the month that is to be shown (`2027-03-09`, `2027-03`), with the chosen time if it is of that day."""
    day_on = readable_date(typed_day)
    is_there = chosen and chosen.astimezone(ZoneInfo(zone)).date() == day_on
    return Asked(month_on=readable_date(typed_day + "-01"), day_on=day_on, starts_at=chosen if is_there else None)


def times_of(view: SessionView, asked: Asked, chosen: datetime | None, near: datetime | None) -> dict[str, Any]:
    """The times nearest to `near`, or to the present one, the chosen one where it is not among them, and the month."""
    moving, product, now = view.coaching_session, view.coaching_session.product, web.now()
    zone, offer = zone_of(view), offer_of(moving)
    month_on = asked.month_in(zone, now, now + timedelta(days=product.horizon_days))
    free = free_month(product, offer, zone, now, month_on, moving)
    starts = nearest_starts(product, offer, near or moving.starts_at, now, NEAREST, moving)
    is_elsewhere = chosen and chosen not in starts and not asked.starts_at
    kept = nearest_starts(product, offer, chosen, now, 1, moving) if chosen and is_elsewhere else []
    kept = [start for start in kept if start == chosen]
    groups = [dated_group("Chosen", kept, zone, checked=True)]
    return {
        "left": view.seat.most_moves - view.seat.moves,
        "until": moving.starts_at - timedelta(minutes=view.seat.move_notice_minutes),
        "most_back": most_back(view.seat, now) if view.role == "student" else None,
        "picker": draw_picker([offer], asked, free, now, lambda **to: address(moving.code, to)),
        "next_free_on": free.next_free_at.astimezone(ZoneInfo(zone)).date() if free.next_free_at else None,
        "groups": [*groups, {"title": "Nearest", "slots": nearest_slots(starts, zone, chosen), "is_wide": True}],
        "nearest": starts,
        "chosen_text": local_time(chosen, zone, "short") if chosen and chosen in (*kept, *starts) else "",
    }


def most_back(seat: Seat, now: datetime) -> str | None:
    """What goes back at most of what was paid once the student has moved it now; None while that is all of it."""
    terms = terms_of(seat)
    percent = terms.percent_at(now)
    if percent == 100 or not terms.refundable_cents:
        return None
    return f"at most {share_label(percent)}" if percent else "nothing"


def nearest_slots(starts: list[datetime], zone: str, chosen: datetime | None) -> list[Slot]:
    """The nearest times, each with its day."""
    slots = day_slots(starts, chosen, zone)
    return [
        Slot(slot.starts_at, slot.value, local_time(slot.starts_at, zone, "short"), slot.hour, slot.checked)
        for slot in slots
    ]


def address(code: str, to: Mapping[str, Any]) -> str:
    """The page, asked to show a month or a day."""
    known = {name: value for name, value in to.items() if name in ("month", "day", "starts_at") and value}
    return url_for("sessions.choose_time", code=code, **known)
