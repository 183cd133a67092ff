"""`flask rooms`: run the clockwork by hand, and see what stands."""

import click
from flask import current_app

import clock
from coaching.rooms.actions import BY_HAND, reconcile
from coaching.rooms.queries import RoomView, unsettled_rooms
from commands.demo import instant
from commands.group import Group

group = Group("rooms", help="Private Discord rooms: what is due, and what stands.")


@group.command()
@click.option("--at", help="With DEMO=1: an instant with its zone, like 2027-03-01T18:00:00+01:00.")
def tick(at: str | None) -> None:
    """Do everything that is due now, until nothing more is."""
    if at and not current_app.extensions["settings"].demo:
        raise click.UsageError("--at works in a demo only (DEMO=1).")
    now = instant(at) if at else clock.now()
    report = reconcile(current_app.extensions["host"], now, clock.machine_now(), BY_HAND)
    click.echo(f"{report.due} due, {report.done} done, {report.failed} failed.")
    for room in unsettled_rooms():
        if room.trouble:
            click.echo(_line(room))


@group.command("list")
def list_rooms() -> None:
    """Every room that stands or may stand."""
    rooms = unsettled_rooms()
    for room in rooms:
        click.echo(_line(room))
    if not rooms:
        click.echo("No room stands.")


def _line(room: RoomView) -> str:
    start = f"{room.coaching_session.starts_at:%Y-%m-%d %H:%M} UTC"
    place = f"guild {room.discord_guild_id} channel {room.discord_channel_id or '-'}"
    line = f"coaching-{room.code}  {room.state:<7} session {room.coaching_session.code}  {start}  {place}"
    if room.trouble is None:
        return line
    again = f", again at {room.next_try_at:%H:%M:%S} UTC" if room.next_try_at else ""
    return f"{line}\n    {room.trouble} ({room.attempts} tries{again})"
