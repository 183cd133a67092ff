"""Home of a signed-in person: what comes next, what needs a hand, what was."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, Response
from flask_login import login_required

from blueprints import web, zones
from blueprints.accounts.reach import ReachView, reach_view
from blueprints.calendars.page import banners_for
from blueprints.dashboard.attention import needing_a_hand, to_pay
from blueprints.dashboard.calls import Calls, calls_of
from blueprints.dashboard.line import Attention
from blueprints.dashboard.rows import in_order, latest_first, of_role, rows_of
from blueprints.dashboard.standing import standing
from blueprints.dashboard.waiting import waiting
from blueprints.dashboard.week import first_ones, week_of, with_anchors
from blueprints.sessions.news import news_view
from blueprints.signed_in import signed_in
from blueprints.web import render
from coaching.accounts.models import Person
from coaching.booking.history_queries import news_for
from coaching.booking.invitation_queries import kept_times
from coaching.booking.queries import SessionView, stores_booked_with
from coaching.catalog import queries as catalog
from coaching.catalog.models import Store
from coaching.coaches.standing_queries import coach_of
from coaching.folders.queries import open_tasks_of
from coaching.reviews.queries import wants_review

blueprint = Blueprint("dashboard", __name__, url_prefix="/dashboard")


@blueprint.get("")
@login_required
def home() -> Response:
    """Today and next, as coach and as student, with whatever needs a hand on top."""
    person, now = signed_in().person, web.now()
    stores = catalog.stores_of(person)
    calls = calls_of(person, now, gives=bool(stores))
    zone = zones.page_zone(next((store.zone for store in stores), "UTC"))
    coming = in_order(rows_of([*calls.given, *calls.taken], zone, now, calls.going_on))
    heading, first = first_ones(coming, zone, now)
    rest = [row for row in coming if row not in first]
    first, *later = with_anchors([first, *(of_role(rest, role) for role in ("coach", "student"))], zone, now)
    kept, kept_for_them, not_taken = kept_times(person, now)
    reach = reach_view(person) if stores or calls.taken else None
    coach = coach_of(person)
    own_standing = [*standing(person, coach, stores, zone)]
    kept_at = [invitation.coaching_session.starts_at for invitation in kept]
    return render(
        "dashboard/home.html",
        "dashboard/_news.html",
        news=[news_view(unseen_news, zone, now) for unseen_news in news_for(person, now)],
        stores=stores,
        is_coach=coach is not None,
        heading=heading,
        first=first,
        week=week_of(coming, zone, now, kept_at) if coming else [],
        given=later[0],
        taken=later[1],
        kept=kept,
        kept_for_them=kept_for_them,
        not_taken=not_taken,
        has_standing=bool(own_standing),
        attention=[*own_standing, *attention_of(person, stores, calls, reach, zone)],
        calendars_in_trouble=banners_for(person, now) if stores else [],
        reach=reach if calls.given or calls.taken else None,
        **past_context(person, calls, zone, now),
        zone=zone,
        at=now,
    )


def attention_of(
    person: Person, stores: Sequence[Store], calls: Calls, reach: ReachView | None, zone: str
) -> Iterator[Attention]:
    """What their calls ask of them: to answer and to pay, and of a coach to see to their stores."""
    now = web.now()
    yield from waiting([*calls.given, *calls.given_before, *calls.taken], zone, now)
    if reach and stores:
        yield from needing_a_hand(person, stores, [*calls.given, *calls.given_before], now, bool(reach.link))
    yield from to_pay([*calls.taken, *calls.taken_before], zone)


def past_context(person: Person, calls: Calls, zone: str, now: datetime) -> dict[str, Any]:
    """What has been, and what is left of it to do."""
    return {
        "has_coming": (bool(calls.given), bool(calls.taken)),
        "has_given": bool(calls.given_before),
        "to_review": last_to_review(calls.taken_before, now),
        "open_tasks": open_tasks_of(person, now) if calls.taken or calls.taken_before else [],
        "past": rows_of(latest_first([*calls.given_before, *calls.taken_before]), zone, now),
        "stores_visited": stores_booked_with(person),
    }


def last_to_review(taken: Sequence[SessionView], now: datetime) -> SessionView | None:
    """The latest of the calls a student took, where they may review it and have not: the message is easily missed."""
    last = next((view for view in taken if view.coaching_session.state == "completed"), None)
    return last if last and wants_review(last.seat, now) else None
