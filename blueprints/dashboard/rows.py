"""A list of sessions as the dashboard draws it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from blueprints.filters import how_near
from blueprints.sessions.phase import payment_pill_of, remaining, status_of
from coaching.booking.queries import Role, SessionView
from coaching.rooms.views.queries import sessions_without_server

SOON = timedelta(days=1)


@dataclass(frozen=True)
class Row:
    """One session: `starts_in` says how long until then when it is soon, `how_near` the same in a word."""

    view: SessionView
    state_pill: tuple[str, str]
    starts_in: str | None
    how_near: str
    payment_pill: tuple[str, str] | None
    is_coming: bool
    gets_no_room: bool
    anchor: str | None = None  # of the first of its day


def rows_of(views: Iterable[SessionView], zone: str, now: datetime, going_on: Collection[int] = ()) -> list[Row]:
    """The sessions in the order they come. Those `going_on`, by id, are talked in past their planned end."""
    views = list(views)
    lacking = sessions_without_server((view.coaching_session for view in views), now)
    return [
        row_of(view, zone, now, view.coaching_session.id in going_on, view.coaching_session.id in lacking)
        for view in views
    ]


def row_of(view: SessionView, zone: str, now: datetime, goes_on: bool, gets_no_room: bool) -> Row:
    wait = view.coaching_session.starts_at - now
    is_on = view.coaching_session.state not in ("cancelled", "declined", "expired")
    is_soon = timedelta() < wait <= SOON and is_on
    return Row(
        view=view,
        state_pill=status_of(view, now, goes_on),
        starts_in=remaining(wait) if is_soon else None,
        how_near=how_near(view.coaching_session.starts_at, now, zone) if is_on else "",
        gets_no_room=gets_no_room,
        is_coming=is_on and wait > timedelta() and view.role == "coach" and view.seat.coming_at is not None,
        payment_pill=payment_pill_of(view),
    )


def moved_up(
    coming: list[SessionView], past: list[SessionView], going_on: Collection[int]
) -> tuple[list[SessionView], list[SessionView]]:
    """Both lists with the sessions that are `going_on` first among those to come."""
    moved = [view for view in past if view.coaching_session.id in going_on]
    return [*moved, *coming], [view for view in past if view not in moved]


def in_order(rows: Iterable[Row]) -> list[Row]:
    """The same rows, the earliest start first."""
    return sorted(rows, key=lambda row: row.view.coaching_session.starts_at)


def of_role(rows: Iterable[Row], role: Role) -> list[Row]:
    """Those that the person gives, or takes."""
    return [row for row in rows if row.view.role == role]


def latest_first(views: Iterable[SessionView]) -> list[SessionView]:
    """The same sessions, the latest start first."""
    return sorted(views, key=lambda view: view.coaching_session.starts_at, reverse=True)
