"""Other times for a session: its coach proposes up to three of them, its student takes one or none."""

from datetime import datetime
from typing import Any

from flask import Response, current_app, flash, redirect, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse

from blueprints import web, zones
from blueprints.day_times import FreeTimes, dated_group, month_times
from blueprints.filters import local_time
from blueprints.sessions import moving
from blueprints.sessions.blueprint import blueprint
from blueprints.sessions.links import OLDER_LINK, address_after, count_change, link_or_sign_in, person_of
from blueprints.sessions.page import draw, live_context, own_view, zone_of
from blueprints.signed_in import signed_in
from blueprints.storefront.forms import instant
from coaching.booking import proposal_mutations
from coaching.booking.move_mutations import offer_of
from coaching.booking.move_rules import why_not_move
from coaching.booking.proposal_mutations import MOST_PROPOSALS
from coaching.booking.queries import SessionView, movable_of
from coaching.booking.slot_queries import nearest_starts
from coaching.errors import LimitReached, NotFound, Refused, SlotOver, SlotTaken, StudentBusy, TooLate

NEAREST = 6
CHOOSE = f"Choose one to {MOST_PROPOSALS} times."


@blueprint.get("/proposals")
@login_required
def choose_proposals(code: str) -> Response:
    """Free times of which the coach proposes some; changes nothing."""
    return show(view_as(code, "coach"), [])


@blueprint.post("/proposals")
@login_required
def propose(code: str) -> AnyResponse:
    """The student is told of the chosen times, or the page shows those of another day beside them."""
    view = view_as(code, "coach")
    typed = request.form.getlist("starts_at")[: MOST_PROPOSALS * 4]
    starts = sorted({start for text in typed if (start := instant(text))})
    if request.form.get("show"):
        return show(view, starts)
    if not 1 <= len(starts) <= MOST_PROPOSALS:
        return show(view, starts, 422, problem=CHOOSE)
    if starts[0] <= web.now():
        return show(view, starts, 409, problem=SlotOver.sentence)
    try:
        proposal_mutations.propose_times(view.coaching_session, signed_in().person, starts, web.now())
    except (SlotTaken, StudentBusy, LimitReached, TooLate) as error:
        return show(view, starts, 409, problem=error.sentence)
    except Refused as error:
        return show(view, starts, 422, problem=error.sentence)
    current_app.extensions["wake_notices"]()
    flash(f"{view.seat.student.name} is told. The session stays where it is until they choose.", "good")
    return redirect(url_for(".show", code=code), 303)


@blueprint.post("/proposals/choice")
@link_or_sign_in
def take_proposal(code: str) -> AnyResponse:
    """The session is at the proposed time; where that is taken, the nearest ones are shown."""
    view, starts_at, now = view_as(code, "student"), instant(request.form.get("starts_at", "")), web.now()
    if not view.may_act:
        return draw(view, 409, refused=OLDER_LINK)
    if starts_at is None:
        return draw(view, 422, refused="Choose one of the times.")
    count_change(view)
    try:
        moved = proposal_mutations.take_proposal(view.coaching_session, person_of(view), starts_at, now)
    except TooLate as error:
        return draw(view, 409, refused=error.sentence)
    except (SlotTaken, StudentBusy) as error:
        if why_not_move(movable_of(view.seat), False, now):
            # They may not choose for themselves: what else was proposed stays, and so does the answer that none fits.
            return draw(
                view, 409, refused=error.sentence.partition(". ")[0] + ". Choose another one, or say that none fits."
            )
        return moving.show(view, request.form, 409, problem=error.sentence)
    current_app.extensions["wake_rooms"]()
    current_app.extensions["wake_notices"]()
    flash(f"Moved to {local_time(moved.starts_at, zone_of(view), 'short')}.", "good")
    return redirect(address_after(view, moved), 303)


@blueprint.post("/proposals/refusal")
@link_or_sign_in
def refuse_proposals(code: str) -> AnyResponse:
    """The coach is told that none of the times fits; the session stays where it is."""
    view = view_as(code, "student")
    if not view.may_act:
        return draw(view, 409, refused=OLDER_LINK)
    count_change(view)
    proposal_mutations.refuse_proposals(view.coaching_session, person_of(view), web.now())
    current_app.extensions["wake_notices"]()
    flash(f"{view.coaching_session.coach.name} is told. The session stays where it is.", "good")
    return redirect(url_for(".show", code=code), 303)


@blueprint.post("/proposals/withdrawal")
@login_required
def withdraw_proposals(code: str) -> AnyResponse:
    """Nothing is proposed any more."""
    view = view_as(code, "coach")
    proposal_mutations.withdraw_proposals(view.coaching_session, signed_in().person)
    return redirect(url_for(".show", code=code), 303)


def view_as(code: str, role: str) -> SessionView:
    """The session, for whoever is this side of it."""
    view = own_view(code)
    if view.role != role:
        raise NotFound
    return view


def show(
    view: SessionView,
    chosen: list[datetime],
    status: int = 200,
    *,
    problem: str | None = None,
) -> Response:
    """The page, or for htmx the times alone: those that are chosen stay so."""
    context = live_context(view) | {"problem": problem, "times": None, "most": MOST_PROPOSALS}
    context["hindrance"] = why_not_move(movable_of(view.seat), True, web.now())
    if not context["hindrance"]:
        context |= times_of(view, chosen)
    answer = web.render("sessions/proposals.html", "sessions/_proposal_times.html", status, **context)
    if request.method == "POST":
        answer.headers["HX-Push-Url"] = "false"
    return answer


def times_of(view: SessionView, chosen: list[datetime]) -> dict[str, Any]:
    """The times to choose from: those chosen before, the nearest, and those of one day of a month."""
    coaching_session, now = view.coaching_session, web.now()
    product, offer, planned_at = coaching_session.product, offer_of(coaching_session), coaching_session.starts_at
    zone = zones.page_zone(coaching_session.zone)
    free = FreeTimes(product, offer, zone, now, coaching_session, lambda start: bool(start != planned_at))
    kept = free.among(chosen)
    near = nearest_starts(product, offer, planned_at, now, NEAREST, coaching_session)
    nearest = [start for start in near if start not in kept]
    asked = request.form.get("show") or request.form.get("day")
    groups = [dated_group("Chosen", kept, zone, checked=True), dated_group("Nearest", nearest, zone)]
    return {
        "groups": groups,
        "times": month_times(free, asked or moving.day_of(view).isoformat(), {*kept, *nearest}),
        "has_times": bool(kept or nearest or free.next(1)),
        "is_unfolded": bool(asked or not nearest),
        "lost": len(kept) < len(chosen),
    }
