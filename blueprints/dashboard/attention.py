"""What a coach has to look at, each with where to go. Amber on the dashboard, and red where money is concerned."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from flask import url_for

from blueprints import zones
from blueprints.dashboard.line import Attention
from blueprints.dashboard.message_lines import message_lines
from blueprints.dashboard.money_lines import money_lines
from blueprints.dashboard.objection_lines import objection_lines
from blueprints.filters import local_time, money
from blueprints.sessions.phase import is_unknown, is_unpaid, payment_pill_of, roughly
from coaching.accounts.models import Person
from coaching.booking.cancel_terms import due_after
from coaching.booking.outcome_rules import CORRECTED_WITHIN
from coaching.booking.queries import SessionView, terms_of
from coaching.catalog.models import Store
from coaching.diagnostics.queries import troubles_ahead
from coaching.diagnostics.standing_queries import coach_orphans_checks
from coaching.payments.money_queries import money_of
from coaching.payments.trouble_queries import seats_with_payments
from coaching.rooms.views.queries import rooms_in_trouble, shared_role_in_trouble


def needing_a_hand(
    coach: Person, stores: Sequence[Store], sessions: Iterable[SessionView], now: datetime, has_discord: bool
) -> list[Attention]:
    """Rooms and roles that fail or are left over, full servers, what is not connected, unknown outcomes, money due,
    messages of students.
    """
    zone = zones.page_zone(coach.zone or "UTC")
    return [
        *money_lines(coach, now),
        *objection_lines(coach, zone),
        # Who writes has missed two calls.
        *(message_lines(coach, zone) if any(view.coaching_session.ends_at <= now for view in sessions) else ()),
        *failing_rooms(coach),
        *failing_shared_roles(stores),
        *filling_up(stores),
        *left_over(stores),
        *unconnected(stores, has_discord),
        *untold(sessions, now),
        *unpaid(sessions, now),
        *to_give_back(sessions),
    ]


def failing_rooms(coach: Person) -> list[Attention]:
    return [
        Attention(
            f"{subject} “{room.coaching_session.title}” is not as it should be",
            trouble,
            url_for("sessions.show", code=room.coaching_session.code),
            "See the session",
        )
        for room, trouble in rooms_in_trouble(coach)
        for subject in ("The way into" if room.mode == "shared_role" else "The room for",)
    ]


def failing_shared_roles(stores: Sequence[Store]) -> list[Attention]:
    sharing = ((store, store.guild) for store in stores if store.shares_rooms)
    troubles = ((store, shared_role_in_trouble(store, guild.discord_guild_id)) for store, guild in sharing if guild)
    return [
        Attention(
            f"The role that lets people into the channels of {store.name} is not as it should be",
            role.trouble or "",
            url_for("operation.server_check", store=store.slug),
            "Check my server",
        )
        for store, role in troubles
        if role
    ]


def filling_up(stores: Sequence[Store]) -> list[Attention]:
    return [
        Attention(
            f"The Discord server of {store.name} may not be ready for the next sessions",
            f"{check.sentence} {check.remedy}",
            url_for("operation.server_check", store=store.slug),
            "Check my server",
        )
        for store, check in troubles_ahead(stores)
    ]


def left_over(stores: Sequence[Store]) -> list[Attention]:
    return [
        Attention(
            f"Rooms or roles are left over on the Discord server of {store.name}",
            f"{check.sentence} {check.to_coaches}",
            url_for("operation.server_check", store=store.slug),
            "Check my server",
        )
        for store, check in coach_orphans_checks(stores)
    ]


def unconnected(stores: Sequence[Store], has_discord: bool) -> list[Attention]:
    lines = []
    if not has_discord:
        text = "Your rooms let in the Discord account you connect here."
        lines.append(Attention("Connect your Discord account", text, url_for("accounts.settings"), "Open settings"))
    for store in stores:
        if not store.may_open_rooms:
            text = "Without a server verified to be yours, no rooms can be made, and only calls by phone booked."
            title = f"Connect a Discord server to {store.name}"
            lines.append(Attention(title, text, url_for("stores.home", store=store.slug), "Open the store"))
    return lines


def untold(sessions: Iterable[SessionView], now: datetime) -> list[Attention]:
    """Calls of which nobody knows what became, unless all of their money goes back anyhow."""
    return [
        Attention(
            f"Did “{view.coaching_session.title}” with {view.seat.student.name} take place?",
            f"The room was not looked into for long enough to tell. You can say it for {roughly(left)} more.",
            url_for("sessions.show", code=view.coaching_session.code) + "#outcome",
            "Say what happened",
        )
        for view in sessions
        if is_unknown(view.coaching_session)
        and not money_of(view.seat).is_all_owed_back
        and (left := view.coaching_session.ends_at + CORRECTED_WITHIN - now) > timedelta()
    ]


def unpaid(sessions: Iterable[SessionView], now: datetime) -> list[Attention]:
    """What students owe for sessions that have begun, or say that they have paid."""
    return [
        Attention(
            f"{view.seat.student.name} {'says that they have paid' if view.seat.said_paid_at else 'has not paid yet'}",
            f"“{view.coaching_session.title}” {'is to come' if now < view.coaching_session.starts_at else 'has begun'}"
            ". Tick it off when the money is there.",
            url_for("sessions.show", code=view.coaching_session.code),
            "See the session",
        )
        for view in sessions
        if is_unpaid(view)
        if view.seat.said_paid_at or (payment_pill_of(view) and view.coaching_session.starts_at <= now)
    ]


def to_give_back(sessions: Iterable[SessionView]) -> list[Attention]:
    """What a student has paid for a session that was called off, where the coach may not keep it.

    Of what was paid since payments have rows, money_lines tells.
    """
    paid = [
        view
        for view in sessions
        if view.coaching_session.state == "cancelled" and view.seat.paid_at and view.seat.payment == "outside"
    ]
    known = seats_with_payments([view.seat for view in paid]) if paid else ()
    return [
        Attention(
            f"Give {view.seat.student.name} {money(view.seat.price_cents, view.seat.currency)} back",
            f"“{view.coaching_session.title}” was paid, and cancelled. Tick it off once they have their money.",
            url_for("sessions.show", code=view.coaching_session.code) + "#payment",
            "See the session",
        )
        for view in paid
        if view.seat.id not in known
        if not due_after(terms_of(view.seat), view.coaching_session.ended_by, view.coaching_session.ended_at)
    ]


def to_pay(sessions: Iterable[SessionView], zone: str) -> list[Attention]:
    """What a student has booked, or had, and not paid yet; nothing of a call whose coach was missing, or is gone."""
    return [
        Attention(
            f"Pay {view.coaching_session.coach.name} {money(view.seat.price_cents, view.seat.currency)}",
            f"For “{view.coaching_session.title}” on {local_time(view.coaching_session.starts_at, zone, 'short')}. "
            "How to pay stands on its page.",
            url_for("sessions.show", code=view.coaching_session.code) + "#payment",
            "See how to pay",
        )
        for view in sessions
        if payment_pill_of(view) and not view.seat.said_paid_at
    ]
