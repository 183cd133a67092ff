"""`flask rooms`: do by hand what is due, see what stands and what comes, and remove what nobody wants."""

import json
from typing import Any

import click
from flask import current_app

import clock
from coaching.errors import NotFound
from coaching.operation.actions import run_by_hand
from coaching.remedies import spelled
from coaching.rooms.cases.queries import unreadable_rooms
from coaching.rooms.cases.unreadable import UnreadableRoom
from coaching.rooms.manual_mutations import forget
from coaching.rooms.models import Presence, Room, RoomEvent
from coaching.rooms.orphans.actions import sweep_everywhere
from coaching.rooms.orphans.queries import existing_orphans
from coaching.rooms.views import overview_queries
from coaching.rooms.views.labels import event_label, reason_label, step_label, waiting_label
from coaching.rooms.views.overview_queries import RoomRow
from coaching.rooms.views.queries import room_log, seen_in, troubled_rooms
from commands.demo import instant
from commands.group import Group
from commands.orphans import orphan_line, unsearched_lines

group = Group("rooms", help="Private Discord rooms: what is due, and what stands.")
NO_SUCH_ROOM = "There is no room with this code, and no room of a session with it."
as_json = click.option("--json", "as_json", is_flag=True, help="For programs.")


@group.command()
@click.option("--at", help="With DEMO=1: an instant with its zone, like 2027-03-01T18:00:00+01:00.")
def tick(at: str | None) -> None:
    """Do everything that is due now, until nothing more is."""
    if at and not current_app.extensions["settings"].demo:
        raise click.UsageError("--at works in a demo only (DEMO=1).")
    now = clock.both(instant(at) if at else None)
    report = run_by_hand(current_app.extensions["host"], now)
    click.echo(f"{report.due} due, {report.done} done, {report.failed} failed.")
    for room in troubled_rooms():
        click.echo(_trouble_line(room))
    for unreadable in unreadable_rooms(now.product):
        click.echo(_unreadable_line(unreadable))


@group.command("list")
@as_json
def list_rooms(as_json: bool) -> None:
    """Every room that stands or may stand, with what comes next."""
    now = clock.both()
    rows, unreadable = overview_queries.listed_rooms(now), unreadable_rooms(now.product)
    if as_json:
        click.echo(json.dumps([_facts(row) for row in rows], indent=2, default=str))
        return
    for row in rows:
        click.echo(_line(row))
    listed = {row.room.id for row in rows}
    for room in unreadable:
        if room.room_id not in listed:
            click.echo(_unreadable_line(room))
    if not rows and not unreadable:
        click.echo("No room stands.")


@group.command()
@click.argument("code")
@as_json
def show(code: str, as_json: bool) -> None:
    """Everything about one room, by its own code or its session's."""
    room_id = overview_queries.find_room_id(code)
    if room_id is None:
        raise NotFound(NO_SUCH_ROOM)
    now = clock.both()
    [row] = overview_queries.page_of_room(room_id, now).rows
    seen, log = seen_in(room_id, now), room_log(room_id)
    facts = _more_facts(row, seen, log)
    if as_json:
        click.echo(json.dumps(_facts(row) | facts, indent=2))
        return
    click.echo(_line(row))
    for name, value in facts.items():
        if value and not isinstance(value, dict | list):
            click.echo(f"    {name.replace('_', ' ')}: {value}")
    for presence in seen:
        click.echo(f"    {presence.person.name}: {_stay(presence)}")
    for event in log:
        click.echo(f"    {_log_line(event)}")


@group.command()
@click.argument("code")
def mend(code: str) -> None:
    """Forget what cannot be read in a room's record, by its own code or its session's, where nothing is lost by that.

    Exit code 1 if something else cannot be read either.
    """
    room_id = overview_queries.find_room_id(code)
    is_known = room_id is not None
    while unreadable := _find_unreadable(code, room_id):
        is_known = True
        if not unreadable.is_forgettable:
            click.echo(_unreadable_line(unreadable))
            raise SystemExit(1)
        forget(unreadable)
        click.echo(f"Forgotten: {unreadable.column}.")
    if not is_known:
        raise NotFound(NO_SUCH_ROOM)
    click.echo("The record of this room can be read.")


@group.command()
def sweep() -> None:
    """Search every server for second channels and roles of a room, remove them, and list what belongs to no room.

    Exit code 1 if a server could not be searched; the others are.
    """
    swept = sweep_everywhere(current_app.extensions["host"], clock.both())
    orphans = existing_orphans()
    if swept.removed or not (swept.refusals or orphans):
        click.echo(f"{swept.removed} removed." if swept.removed else "Nothing was left behind.")
    if orphans:
        click.echo("Left over, and known to no booking; the first are those that still let people in:")
        for orphan in orphans:
            click.echo(f"  {orphan_line(orphan)}")
        remedy = "Nothing of that is removed by itself. Look at it, and remove it: `/admin/orphans`"
        click.echo(spelled(remedy, current_app.config["WAYS"]))
    for line in unsearched_lines(swept):
        click.echo(line)
    if swept.refusals:
        raise SystemExit(1)


def _find_unreadable(code: str, room_id: int | None) -> UnreadableRoom | None:
    """The one with this code, its session's or its shared part's, or with this room."""
    unreadable = unreadable_rooms(clock.now())
    return next((room for room in unreadable if room.code == code or room.room_id == room_id is not None), None)


def _line(row: RoomRow) -> str:
    room = row.room
    name, mode, whose = f"{row.title} {room.code}", room.kind, ""
    if coaching_session := row.room.coaching_session:
        mode, whose = room.mode, f"  session {coaching_session.code}  {coaching_session.starts_at:%Y-%m-%d %H:%M} UTC"
    where = f"guild {room.discord_guild_id} channel {room.discord_channel_id or '-'}"
    line = f"{name}  {mode}  {room.state} (wanted: {_wanted(row)}){whose}  {where}\n    next: {_next(row)}"
    trouble = spelled(row.trouble, current_app.config["WAYS"]) if row.trouble else ""
    return f"{line}\n    {trouble}{_tries(row.attempts)}" if trouble else line


def _unreadable_line(unreadable_room: UnreadableRoom) -> str:
    return f"{unreadable_room.sentence} {spelled(unreadable_room.remedy, current_app.config['WAYS'])}"


def _log_line(event: RoomEvent) -> str:
    why = f": {reason_label(event.reason)}" if event.reason else ""
    code = f", code {event.discord_code}" if event.discord_code else ""
    answer = f" ({event.status}{code})" if event.status else ""
    took = f" {event.took_ms} ms" if event.took_ms is not None else ""
    return f"{event.at:%Y-%m-%d %H:%M:%S} UTC  {event_label(event.event)}{why}{answer}{took}"


def _stay(presence: Presence) -> str:
    return "never seen inside" if presence.minutes is None else f"{presence.minutes} min inside"


def _wanted(row: RoomRow) -> str:
    if row.status is None:
        return "-"
    until = row.status.talks_until
    return f"{row.status.wanted}, they talk until {until:%H:%M} UTC at most" if until else str(row.status.wanted)


def _next(row: RoomRow) -> str:
    comes = row.next
    if comes is None or comes.at is None:
        return "nothing"
    description = step_label(comes.step) if comes.step else waiting_label(comes.waits_for)
    return f"{description}, at {comes.at:%Y-%m-%d %H:%M:%S} UTC"


def _facts(row: RoomRow) -> dict[str, Any]:
    room, coaching_session, comes = row.room, row.room.coaching_session, row.next
    return {
        "code": room.code,
        "kind": room.kind,
        "title": row.title,
        "session": coaching_session.code if coaching_session else None,
        "starts_at": coaching_session.starts_at.isoformat() if coaching_session else None,
        "ends_at": coaching_session.ends_at.isoformat() if coaching_session else None,
        "mode": room.mode,
        "state": room.state,
        "wanted": str(row.status.wanted) if row.status else None,
        "next_step": str(comes.step.kind) if comes and comes.step else None,
        "next_why": comes.step.why.label if comes and comes.step else None,
        "next_at": comes.at.isoformat() if comes and comes.at else None,
        "is_due": bool(comes and comes.is_due),
        "attempts": room.attempts,
        "trouble": row.trouble,
        "guild_id": room.discord_guild_id,
        "channel_id": room.discord_channel_id,
        "role_id": room.discord_role_id,
    }


def _more_facts(row: RoomRow, seen: list[Presence], log: list[RoomEvent]) -> dict[str, Any]:
    room, status = row.room, row.status if row.room.coaching_session else None
    return {
        "closes_at": _text(status and status.times.closes_at),
        "removed_at": _text(status and status.times.removed_at),
        "talks_until": _text(status and status.talks_until),
        "asked_mode": room.asked_mode,
        "role_id": room.discord_role_id,
        "category_id": room.parent_id,
        "opened_by_hand_at": _text(room.opened_by_hand_at),
        "closed_by_hand_at": _text(room.closed_by_hand_at),
        "extra_minutes": room.extra_minutes,
        "presence": {presence.person.name: presence.minutes for presence in seen},
        "log": [
            {
                "at": event.at.isoformat(),
                "kind": event.kind,
                "what": event_label(event.event),
                "why": reason_label(event.reason),
                "status": event.status,
                "discord_code": event.discord_code,
                "took_ms": event.took_ms,
            }
            for event in reversed(log)
        ],
    }


def _text(instant: Any) -> str | None:
    return instant.isoformat() if instant else None


def _trouble_line(room: Room) -> str:
    again = f", again at {room.next_try_at:%H:%M:%S} UTC" if room.next_try_at else ""
    session = room.coaching_session
    return f"{session.title} {room.code}  session {session.code}  {room.trouble}{_tries(room.attempts, again)}"


def _tries(count: int, again: str = "") -> str:
    # What was only told to wait has not been tried.
    return f" ({count} tries{again})" if count else ""
