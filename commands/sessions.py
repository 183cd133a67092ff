"""`flask sessions`: what was promised to people, and whether clocks still keep it."""

import click

import clock
from coaching.booking.promise_mutations import notify_of_changed_clocks, rename_zone
from coaching.booking.promise_queries import ChangedSession, changed_sessions
from coaching.booking.promises import Broken
from commands.group import Group

group = Group(
    "sessions", help="Sessions to come, and whether they are still at the time of day they were promised for."
)


@group.command()
@click.option("--tell", is_flag=True, help="Write to both sides of each; from then on that is what they are promised.")
def zones(tell: bool) -> None:
    """List the sessions to come whose time of day has changed, since countries have changed their clocks."""
    now = clock.now()
    sessions = changed_sessions(now)
    for changed in sessions:
        click.echo("\n".join(_lines(changed)))
    if not sessions:
        click.echo("Every session to come is at the time of day it was promised for.")
    elif tell:
        notified = sum(notify_of_changed_clocks(changed.session_id, now) for changed in sessions)
        click.echo(f"{notified} of {len(sessions)} told to both sides.")
    else:
        click.echo("Nobody has been told. To tell both sides of each: flask sessions zones --tell")


@group.command("rename-zone")
@click.argument("old")
@click.argument("new")
def rename(old: str, new: str) -> None:
    """Give a zone the name by which it is known today, wherever it is in use."""
    count = rename_zone(old, new)
    click.echo(f"{old} is {new} now, in {count} {'place' if count == 1 else 'places'}.")


def _lines(changed: ChangedSession) -> list[str]:
    with_student = f" with {changed.student_name}" if changed.student_name else ""
    sides = ((changed.to_coach, changed.coach_name), (changed.to_student, changed.student_name or ""))
    return [
        f"{changed.code}  {changed.title}{with_student}, {changed.starts_at:%Y-%m-%d %H:%M} UTC",
        *(_line(name, change) for change, name in sides if change),
    ]


def _line(name: str, change: Broken) -> str:
    if change.now is None:
        return (
            f"    {name}: promised {change.before} in {change.zone}, and no zone is called so any more. "
            f"Rename it first: flask sessions rename-zone {change.zone} NEW"
        )
    return f"    {name}: promised {change.before}, now {change.now} in {change.zone}"
