"""What a session's page is drawn from."""

from dataclasses import replace
from typing import Any

from flask import Response, current_app, request

import clock
from blueprints import demo, web, zones
from blueprints.parking import take_parked, with_field
from blueprints.sessions.moment import LOOK_EVERY, Moment, canceller_of, is_as_planned, moment_of, remaining, status_of
from blueprints.sessions.news import NewsView, news_view
from blueprints.sessions.outcome import OutcomeForm, outcome_lines, outcome_of
from blueprints.sessions.steering import Steering, steering_of
from blueprints.signed_in import signed_in
from coaching.accounts import queries as accounts
from coaching.booking import queries
from coaching.booking.queries import SessionView
from coaching.rooms import queries as rooms
from coaching.rooms.models import RoomEvent
from coaching.rooms.planning.timeline import Timeline
from coaching.rooms.queries import PlaceTrouble, RoomView
from coaching.rooms.story import Told, labelled, told


def own_view(code: str) -> SessionView:
    """The session as the signed-in person may see it."""
    return queries.get_session_for(signed_in().person, code)


def draw(view: SessionView, status: int = 200, **more: Any) -> Response:
    """The session's page, or for htmx the session alone."""
    context = page_context(view)
    watch(context)
    return web.render("sessions/session.html", "sessions/_session.html", status, **context | more)


def draw_live(view: SessionView) -> Response:
    """The session's page, or for htmx the part of it that changes around the call; of a cancelled one the whole."""
    if web.wants_fragment() and view.coaching_session.state == "cancelled" != request.args.get("state"):
        answer = draw(view)
        answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = "#session", "outerHTML"
        return answer
    context = live_context(view) if web.wants_fragment() else page_context(view)
    watch(context)
    return web.render("sessions/session.html", "sessions/_live.html", **context)


def page_context(view: SessionView) -> dict[str, Any]:
    """What the session's templates show."""
    now, context = web.now(), live_context(view)
    outcome, steering = context["outcome"], context["steering"]
    return context | {
        "state_pill": ("accent", "On now") if steering.goes_on_until else status_of(view, now),
        "outcome_form": outcome_form(view, outcome.chosen) if outcome and outcome.can_correct else None,
        "room_log": log_for(view),
        "news": news_about(view, context["zone"]),
        "canceller": canceller_of(view),
        "server_href": server_address(view, context["room"]),
        "answers": queries.answers_of(view, now),
        "student_discord": accounts.find_discord_link(view.seat.student) if view.role == "coach" else None,
    }


def live_context(view: SessionView) -> dict[str, Any]:
    """What the part shows that changes around the call. It is asked for every few seconds, so nothing else is read."""
    coaching_session, now, zone = view.coaching_session, web.now(), zones.page_zone(view.coaching_session.zone)
    timeline, room = rooms.session_timeline(coaching_session, now), rooms.find_room(coaching_session)
    seen = rooms.seen_in(room.room_id, clock.machine_now()) if room else []
    is_talked_in = any(one.is_inside for one in seen)
    next_start = queries.next_start_of(coaching_session.coach_id, coaching_session.ends_at)
    moment = moment_of(view, timeline, room, is_talked_in and now < timeline.talk_limit(next_start), now)
    is_true = is_as_planned(room.state if room else "absent", timeline, now)
    outcome = outcome_of(view, seen, zone, now)
    steering = steering_of(view, timeline, room, next_start, is_talked_in, now)
    return {
        "view": view,
        "coaching_session": coaching_session,
        "seat": view.seat,
        "store": coaching_session.product.store,
        "zone": zone,
        "moment": moment,
        "remaining": remaining(moment.awaited[1] - now) if moment.awaited else "",
        "timeline": drawn(timeline, steering, is_true),
        "is_shared": moment.is_shared,
        "room": room,
        "place_trouble": place_trouble(view, room) if moment.is_shared and moment.is_live else None,
        "room_href": demo.as_seen_by(signed_in().person, way_in(moment, room)),
        "steering": steering,
        "inside": seen if room and room.state == "open" else [],
        "outcome": outcome,
        "outcome_lines": outcome_lines(view, queries.history_of(coaching_session)) if outcome else [],
        "shows_answers": view.shows_answers(now),
    }


def news_about(view: SessionView, zone: str) -> NewsView | None:
    """What the other side did with this session last, until it has been seen."""
    if view.role == "admin":
        return None
    found = queries.news_for(signed_in().person, web.now())
    mine = (one for one in found if one.view.coaching_session == view.coaching_session)
    return next((news_view(one, zone, web.now()) for one in mine), None)


def server_address(view: SessionView, room: RoomView | None) -> str | None:
    """The server on which the call was to be held, where coach and student can write to each other."""
    store = view.coaching_session.product.store
    guild_id = room.discord_guild_id if room else store.guild.discord_guild_id if store.guild else None
    discord = current_app.extensions["settings"].discord_oauth_url
    return f"{discord}/channels/{guild_id}" if guild_id and view.coaching_session.session_type != "phone" else None


def watch(context: dict[str, Any]) -> None:
    """While the call's own people look at the page of an open room, the worker looks into it more often."""
    moment, room = context["moment"], context["room"]
    if room and moment.is_room_open and moment.look_every == LOOK_EVERY and context["view"].role != "admin":
        current_app.extensions["watch_room"](room.room_id)


def place_trouble(view: SessionView, room: RoomView | None) -> PlaceTrouble | None:
    """What is wrong with the role that the store shares, on the server where this session is held."""
    store = view.coaching_session.product.store
    own = store.guild.discord_guild_id if store.guild else None
    guild_id = room.discord_guild_id if room else own
    return rooms.place_in_trouble(store, guild_id) if guild_id else None


def log_for(view: SessionView) -> list[tuple[RoomEvent, Told]]:
    """The room's log in words: for its coach in whole sentences, for admins in short, not for students."""
    if view.role == "student":
        return []
    lines = rooms.room_log(view.coaching_session)
    say = told if view.role == "coach" else labelled
    return [(line, say(line.event, line.reason)) for line in lines]


def drawn(timeline: Timeline, steering: Steering, is_true: bool) -> Timeline:
    """The timeline as it is: while people talk on, with a later closing, and without a now that is not true."""
    until = steering.goes_on_until
    if until is None:
        return timeline if is_true else replace(timeline, now=None)
    return replace(timeline, closes_at=until, removed_at=max(timeline.removed_at, until))


def outcome_form(view: SessionView, chosen: str | None) -> OutcomeForm:
    """The coach's form, with what is written down so far, or was chosen before they had to sign in again."""
    parked = with_field(take_parked(), "outcome")
    return OutcomeForm(formdata=parked, data={"outcome": chosen}).naming(view.seat.student.name)


def way_in(moment: Moment, room: RoomView | None) -> str | None:
    """Where the room is, while it is open; a shared role has no channel of its own, only its server."""
    if not (moment.is_room_open and room):
        return None
    discord = current_app.extensions["settings"].discord_oauth_url
    if room.mode == "shared_role":
        return f"{discord}/channels/{room.discord_guild_id}"
    return f"{discord}/channels/{room.discord_guild_id}/{room.discord_channel_id}" if room.discord_channel_id else None
