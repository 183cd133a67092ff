"""`flask doctor`: looks at everything a self-hoster can get wrong, and says what to do."""

import json
from dataclasses import replace

import click
from flask import current_app
from flask.cli import with_appcontext

import clock
from coaching.db import UNREADABLE, database
from coaching.operation.checks import Check, State, as_plain, is_sound, worst_first
from coaching.operation.doctor import site_checks

MARKS = {State.BAD: "BAD ", State.WARN: "warn", State.OK: "ok  "}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@with_appcontext
def doctor(as_json: bool) -> None:
    """Look at everything that could be wrong; exit code 1 if anything is bad.

    On the site's own Discord server a hidden room is made and removed again, and a role where rooms use roles.
    """
    checks = worst_first(_look())
    if as_json:
        click.echo(json.dumps({"sound": is_sound(checks), "checks": as_plain(checks)}, indent=2, ensure_ascii=False))
    else:
        for check in checks:
            click.echo(_lines(check))
    if not is_sound(checks):
        raise SystemExit(1)


def _look() -> list[Check]:
    parts = current_app.extensions
    machine_now = clock.machine_now()
    try:
        with database.connection_context():
            return list(site_checks(parts["host"], parts["site"](), clock.now(), machine_now))
    except UNREADABLE:
        # Without a database the product has no clock of its own either.
        return list(site_checks(parts["host"], replace(parts["site"](), is_readable=False), machine_now, machine_now))


def _lines(check: Check) -> str:
    line = f"{MARKS[check.state]}  {check.name}: {check.sentence}"
    return f"{line}\n      {check.remedy}" if check.remedy else line
