"""What a session's page is drawn from."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, current_app, request

from blueprints import demo, web, zones
from blueprints.accounts.reach import reach_view
from blueprints.folders.page import folder_view
from blueprints.receipts.of_session import money_context
from blueprints.reviews.of_session import review_view
from blueprints.saved_forms import take_saved_with
from blueprints.sessions.attendance import Attendance, attendance_of
from blueprints.sessions.calendar import entry_of, web_calendars
from blueprints.sessions.links import find_linked, fresh_link
from blueprints.sessions.manual_control import presses_for
from blueprints.sessions.money import refund_context
from blueprints.sessions.money_outcome import money_outcome_view
from blueprints.sessions.news import NewsView, news_view
from blueprints.sessions.outcome import OutcomeForm, outcome_lines, outcome_of
from blueprints.sessions.pending import DeclineForm, PaidBackForm, PendingView, pending_of
from blueprints.sessions.phase import LOOK_EVERY, canceller_of, payment_pill_of, phase_of, remaining, status_of
from blueprints.sessions.rules import rules_of
from blueprints.signed_in import current_person, signed_in
from blueprints.students.of_session import notes_view
from coaching.booking import queries
from coaching.booking.cancel_terms import due_after
from coaching.booking.events import EventKind, FromTo
from coaching.booking.history_queries import history_of, late_lines, news_for, said_late
from coaching.booking.hold_rules import PENDING_STATES, state_at
from coaching.booking.line_queries import extras_of, kept_lines
from coaching.booking.models import SessionEvent
from coaching.booking.proposal_queries import proposals_of
from coaching.booking.queries import SessionView
from coaching.coaches.face_queries import face_of
from coaching.messages.log_queries import messages_about
from coaching.rooms.kept_out_queries import has_left_server
from coaching.rooms.models import RoomEvent
from coaching.rooms.views.labels import EventMessage, message_to_admins, message_to_coach
from coaching.rooms.views.queries import SessionRoom, room_log, session_room


@dataclass(frozen=True)
class MoveView:
    """From when the session was moved, and why: the words, and before them whose they are."""

    before: datetime
    writer: str
    words: str


def own_view(code: str) -> SessionView:
    """The session as the link allows, else as the signed-in person may see it."""
    linked = find_linked(code)
    is_by_link = linked is not None and linked.person != current_person()
    view = linked if linked and is_by_link else queries.get_session_for(signed_in().person, code)
    coaching_session = view.coaching_session
    # What has run out is shown so at once, also before anybody writes it down.
    coaching_session.state = state_at(coaching_session.state, coaching_session.held_until, web.now())
    return view


def draw(view: SessionView, status: int = 200, **more: Any) -> Response:
    """The session's page, or for htmx the session alone."""
    context = page_context(view)
    watch(context)
    return web.render("sessions/session.html", "sessions/_session.html", status, **context | more)


def draw_live(view: SessionView) -> Response:
    """The session's page, or for htmx the part of it that changes; the whole once it is agreed on, or off."""
    state, drawn_state = view.coaching_session.state, request.args.get("state")
    has_turned = state != drawn_state and (state == "cancelled" or drawn_state in PENDING_STATES)
    if web.wants_fragment() and has_turned:
        answer = draw(view)
        answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = "#session", "outerHTML"
        return answer
    context = look_context(view) if web.wants_fragment() else page_context(view)
    watch(context)
    return web.render("sessions/session.html", "sessions/_live.html", **context)


def page_context(view: SessionView) -> dict[str, Any]:
    """What the session's templates show."""
    now, context, history = web.now(), live_context(view), history_of(view.coaching_session)
    terms = queries.terms_of(view.seat)
    outcome, room, is_live = context["outcome"], context["room"], context["phase"].is_live
    student_reach = reach_view(view.seat.student) if view.role == "coach" and not view.link else None
    reach = reach_view(signed_in().person) if is_live and view.role != "admin" and not view.link else None
    context["face"] = face_of(view.coaching_session.coach) if view.role == "student" else None
    context["attendance"] = attendance_of(view, late_lines(history), room.seen, now)
    context |= money_context(view) | refund_context(view, context["zone"], now)
    return context | {
        "state_pill": status_of(view, now, goes_on=bool(room.status.talks_until)),
        "payment_pill": payment_pill_of(view),
        "outcome_form": outcome_form(view, outcome.chosen) if outcome and outcome.can_correct else None,
        "room_log": log_for(view, room),
        "money_outcome": money_outcome_view(view, context["zone"], now),
        "folder": folder_view(view, now),
        "review": review_view(view, now),
        "coach_notes": notes_view(view),
        "messages": [] if view.link else messages_about(view, signed_in().person),
        "decline_form": decline_form(view, context["pending"]),
        "paid_back_form": paid_back_form(view, context["pending"]),
        "news": news_about(view, context["zone"], context["attendance"]),
        "proposals": proposals_of(view.coaching_session, now) if view.may_act else [],
        "canceller": canceller_of(view),
        "rules": rules_of(view, context["zone"], now),
        "due_cents": due_after(terms, view.coaching_session.ended_by, view.coaching_session.ended_at),
        "move": move_in(history, view) if is_live else None,
        "server_href": None if view.link else server_address(view, room),
        "answers": queries.answers_of(view, now),
        "extras": extras_of(view.seat),
        "lines": kept_lines(view.seat),
        "reach": reach,
        "student_reach": student_reach if is_live else None,
        "student_discord": student_reach.link if student_reach else None,
    }


def look_context(view: SessionView) -> dict[str, Any]:
    """What a look shows; and who has said that they are late, where the page still tells of somebody."""
    context, late, attendance = live_context(view), request.args.get("late"), None
    if late:
        lines = said_late(view.coaching_session)
        attendance = attendance_of(view, lines, context["room"].seen, context["phase"].now)
    return context | {"late": late, "attendance": attendance}


def live_context(view: SessionView) -> dict[str, Any]:
    """What the part shows that changes around the call. It is asked for every few seconds, so nothing else is read."""
    coaching_session, now, zone = view.coaching_session, web.now(), zone_of(view)
    room = session_room(coaching_session, web.both_clocks())
    phase = phase_of(view, room, now)
    outcome = outcome_of(view, room.seen, zone, now)
    return {
        "view": view,
        "coaching_session": coaching_session,
        "seat": view.seat,
        "store": coaching_session.product.store,
        "zone": zone,
        "phase": phase,
        "pending": pending_of(view, zone, now),
        "remaining": remaining(phase.awaited[1] - now) if phase.awaited else "",
        "room": room,
        "room_href": demo.as_seen_by(view.person or signed_in().person, way_in(room)),
        "has_left": view.role == "student"
        and bool(way_in(room))
        and has_left_server(coaching_session, view.seat.student),
        "fresh_link": fresh_link(view),
        "calendars": web_calendars(entry_of(view, view.person)) if view.person and phase.awaited else None,
        "presses": presses_for(view, room),
        "outcome": outcome,
        "outcome_lines": outcome_lines(view, history_of(coaching_session)) if outcome else [],
        "shows_answers": view.shows_answers(now),
    }


def move_in(history: list[SessionEvent], view: SessionView) -> MoveView | None:
    """The last move; None for a session that was never moved."""
    line = next((line for line in reversed(history) if line.kind == EventKind.MOVED), None)
    if line is None or not isinstance(line.event.fields, FromTo):
        return None
    is_own = view.person is not None and line.person_id == view.person.id
    writer = "You wrote" if is_own else f"{line.person.name if line.person else 'The other side'} writes"
    return MoveView(datetime.fromisoformat(line.event.fields.before), writer, line.words)


def zone_of(view: SessionView) -> str:
    """The zone of whoever looks: by a link that of the person whose link it is, whoever is signed in here."""
    if view.link and view.person:
        return zones.existing(view.person.zone) or str(view.coaching_session.zone)
    return zones.page_zone(view.coaching_session.zone)


def news_about(view: SessionView, zone: str, attendance: Attendance) -> NewsView | None:
    """What the other side did with this session last, until it has been seen; that they are late, until they come."""
    if view.role == "admin" or view.link:
        return None
    unseen_news = news_for(signed_in().person, web.now())
    # What is proposed stands on the page by itself.
    told = {EventKind.PROPOSED} | ({EventKind.RUNNING_LATE} if attendance.is_other_here else set())
    mine = (
        news
        for news in unseen_news
        if news.view.coaching_session == view.coaching_session and news.event.kind not in told
    )
    return next((news_view(news, zone, web.now()) for news in mine), None)


def server_address(view: SessionView, room: SessionRoom) -> str | None:
    """The server on which the call was to be held, where coach and student can write to each other."""
    store = view.coaching_session.product.store
    guild_id = room.status.case.recorded.discord_guild_id or (store.guild.discord_guild_id if store.guild else None)
    discord = current_app.extensions["settings"].discord_oauth_url
    return f"{discord}/channels/{guild_id}" if guild_id and view.coaching_session.needs_room else None


def watch(context: dict[str, Any]) -> None:
    """While the call's own people look at the page of an open room, the worker looks into it more often."""
    phase, room = context["phase"], context["room"]
    if room.status.lets_in and phase.look_every == LOOK_EVERY and context["view"].role != "admin":
        current_app.extensions["watch_room"](room.room_id)


def log_for(view: SessionView, room: SessionRoom) -> list[tuple[RoomEvent, EventMessage]]:
    """The room's log in words: for its coach in whole sentences, for admins in short, not for students."""
    if view.role == "student" or view.link:
        return []
    say = message_to_coach if view.role == "coach" else message_to_admins
    return [(line, say(line.event, line.reason)) for line in room_log(room.room_id)]


def outcome_form(view: SessionView, chosen: str | None) -> OutcomeForm:
    """The coach's form, with what is written down so far, or was chosen before they had to sign in again."""
    saved = take_saved_with("outcome")
    return OutcomeForm(formdata=saved, data={"outcome": chosen}).naming(view.seat.student.name)


def decline_form(view: SessionView, pending: PendingView | None) -> DeclineForm | None:
    """The coach's form, with what they wrote before they had to sign in again."""
    return DeclineForm(take_saved_with("reason")) if pending and pending.can_answer else None


def paid_back_form(view: SessionView, pending: PendingView | None) -> PaidBackForm | None:
    """The coach's form, with the price in it."""
    if not pending or not pending.can_give_back:
        return None
    form = PaidBackForm(take_saved_with("amount"), amount=view.seat.price_cents)
    form.amount.set_currency(view.seat.currency)
    return form


def way_in(room: SessionRoom) -> str | None:
    """Where the room is, while it is open; a shared role has no channel of its own, only its server."""
    recorded = room.status.case.recorded
    if not room.status.lets_in:
        return None
    discord = current_app.extensions["settings"].discord_oauth_url
    server = f"{discord}/channels/{recorded.discord_guild_id}"
    if room.is_shared:
        return server
    return f"{server}/{recorded.discord_channel_id}" if recorded.discord_channel_id else None
