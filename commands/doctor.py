"""`flask doctor`: looks at everything a self-hoster can get wrong, and says what to do."""

import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

import clock
from coaching.catalog.queries import get_store
from coaching.checks import Check, State, as_plain, is_healthy, worst_first
from coaching.db import UNREADABLE, database
from coaching.diagnostics.actions import check_store, site_checks
from coaching.diagnostics.mutations import record_diagnosis
from coaching.errors import NotFound
from coaching.remedies import spelled, with_times

MARKS = {State.BAD: "BAD ", State.WARN: "warn", State.OK: "ok  "}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option("--store", "slug", metavar="SLUG", help="Only what concerns this store, as its coach can look at it.")
@with_appcontext
def doctor(as_json: bool, slug: str | None) -> None:
    """Look at everything that could be wrong; exit code 1 if anything is bad.

    On the site's own Discord server, or on the store's, a hidden room is made and removed again, and a role where
    rooms use roles. The coach of the store is sent a direct message, to see that it arrives. What was found stands on
    the page, too, and the overview says so.
    """
    ways = current_app.config["WAYS"]
    checks = [
        replace(check, sentence=with_times(check.sentence), remedy=spelled(check.remedy, ways))
        for check in worst_first(_look(slug))
    ]
    if as_json:
        click.echo(json.dumps({"sound": is_healthy(checks), "checks": as_plain(checks)}, indent=2, ensure_ascii=False))
    else:
        for check in checks:
            click.echo(_lines(check))
        if any(check.state != State.OK for check in checks):
            click.echo(f"Step by step: {Path(current_app.root_path) / 'docs' / 'troubleshooting.md'}")
    if not is_healthy(checks):
        raise SystemExit(1)


def _look(slug: str | None) -> list[Check]:
    parts = current_app.extensions
    try:
        with database.connection_context():
            if slug is not None:
                return _look_at_store(slug)
            now = clock.both()
            checks = list(site_checks(parts["host"], parts["site"](), now))
            # Whatever keeps this from being written down is among the checks, which have to be read all the more.
            with suppress(*UNREADABLE):
                record_diagnosis(None, worst_first(checks), now)
            return checks
    except UNREADABLE:
        site = parts["site"]()
        if site.is_migrated:
            # It answered this time. Whatever it said before, nothing that needs it is asked once more.
            site = replace(site, is_readable=False)
        # Without a database the product has no clock of its own either.
        return list(site_checks(parts["host"], site, clock.both(clock.machine_now())))


def _look_at_store(slug: str) -> list[Check]:
    try:
        store = get_store(slug)
    except NotFound:
        raise click.UsageError(f"There is no store at /s/{slug}.") from None
    checks = check_store(current_app.extensions["host"], store, clock.both())
    if checks is None:
        raise click.ClickException("Somebody is looking at this server right now. Look again in a moment.")
    return checks


def _lines(check: Check) -> str:
    line = f"{MARKS[check.state]}  {check.name}: {check.sentence}"
    return f"{line}\n      {check.remedy}" if check.remedy else line
