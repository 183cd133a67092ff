"""Home of a signed-in person: what comes next, what needs a hand, what was."""

from collections.abc import Sequence
from datetime import datetime

from flask import Blueprint, Response
from flask_login import login_required

from blueprints import web, zones
from blueprints.accounts.reach import reach_view
from blueprints.calendars.page import banners_for
from blueprints.dashboard.attention import needing_a_hand, to_pay
from blueprints.dashboard.rows import in_order, latest_first, moved_up, of_role, rows_of
from blueprints.dashboard.standing import standing
from blueprints.dashboard.waiting import waiting
from blueprints.dashboard.week import first_ones, week_of, with_anchors
from blueprints.sessions.news import news_view
from blueprints.signed_in import signed_in
from blueprints.web import render
from coaching.booking.history_queries import news_for
from coaching.booking.invitation_queries import kept_times
from coaching.booking.queries import SessionView, past_sessions, stores_booked_with, upcoming_sessions
from coaching.catalog import queries as catalog
from coaching.coaches.standing_queries import coach_of
from coaching.folders.queries import open_tasks_of
from coaching.reviews.queries import wants_review
from coaching.rooms.views.queries import talking_past_end

blueprint = Blueprint("dashboard", __name__, url_prefix="/dashboard")

PAST_SHOWN = 20


@blueprint.get("")
@login_required
def home() -> Response:
    """Today and next, as coach and as student, with whatever needs a hand on top."""
    person, now = signed_in().person, web.now()
    stores = catalog.stores_of(person)
    given = upcoming_sessions(person, "coach", now) if stores else []
    given_before = past_sessions(person, "coach", now, PAST_SHOWN) if stores else []
    taken = upcoming_sessions(person, "student", now)
    taken_before = past_sessions(person, "student", now, PAST_SHOWN)
    going_on = talking_past_end([view.coaching_session for view in (*given_before, *taken_before)], now)
    given, given_before = moved_up(given, given_before, going_on)
    taken, taken_before = moved_up(taken, taken_before, going_on)
    zone = zones.page_zone(next((store.zone for store in stores), "UTC"))
    coming = in_order(rows_of([*given, *taken], zone, now, going_on))
    heading, first = first_ones(coming, zone, now)
    rest = [row for row in coming if row not in first]
    first, *later = with_anchors([first, *(of_role(rest, role) for role in ("coach", "student"))], zone, now)
    kept, kept_for_them, not_taken = kept_times(person, now)
    reach = reach_view(person) if stores or taken else None
    coach = coach_of(person)
    own_standing = [*standing(person, coach, stores, zone)]
    return render(
        "dashboard/home.html",
        "dashboard/_news.html",
        news=[news_view(unseen_news, zone, now) for unseen_news in news_for(person, now)],
        stores=stores,
        is_coach=coach is not None,
        heading=heading,
        first=first,
        week=week_of(coming, zone, now, [invitation.coaching_session.starts_at for invitation in kept])
        if coming
        else [],
        given=later[0],
        taken=later[1],
        has_coming=(bool(given), bool(taken)),
        has_given=bool(given_before),
        to_review=last_to_review(taken_before, now),
        open_tasks=open_tasks_of(person, now) if taken or taken_before else [],
        past=rows_of(latest_first([*given_before, *taken_before]), zone, now),
        kept=kept,
        kept_for_them=kept_for_them,
        not_taken=not_taken,
        stores_visited=stores_booked_with(person),
        has_standing=bool(own_standing),
        attention=[
            *own_standing,
            *waiting([*given, *given_before, *taken], zone, now),
            *(
                needing_a_hand(person, stores, [*given, *given_before], now, bool(reach.link))
                if reach and stores
                else ()
            ),
            *to_pay([*taken, *taken_before], zone),
        ],
        calendars_in_trouble=banners_for(person, now) if stores else [],
        reach=reach if given or taken else None,
        zone=zone,
        at=now,
    )


def last_to_review(taken: Sequence[SessionView], now: datetime) -> SessionView | None:
    """The latest of the calls a student took, where they may review it and have not: the message is easily missed."""
    last = next((view for view in taken if view.coaching_session.state == "completed"), None)
    return last if last and wants_review(last.seat, now) else None
