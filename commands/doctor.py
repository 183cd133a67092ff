"""`flask doctor`: looks at everything a self-hoster can get wrong, and says what to do."""

import shutil
import sqlite3
from collections.abc import Iterator

import click
from flask import current_app
from flask.cli import with_appcontext

import clock
from coaching import schema
from coaching.db import database, is_sqlite
from coaching.operation.doctor import Finding, examine_discord
from coaching.operation.queries import health

LEAST_FREE_BYTES = 200 * 1024 * 1024


@click.command()
@with_appcontext
def doctor() -> None:
    """Look at everything that could be wrong, and fail if anything is."""
    with database.connection_context():
        findings = list(_findings())
    for finding in sorted(findings, key=lambda one: one.is_fine):
        click.echo(f"{'fine ' if finding.is_fine else 'WRONG'}  {finding.subject}: {finding.sentence}")
    if not all(finding.is_fine for finding in findings):
        raise SystemExit(1)


def _findings() -> Iterator[Finding]:
    yield _database()
    if not schema.pending():
        yield _worker()
        yield _rooms()
        yield from examine_discord(current_app.extensions["host"])
    yield _queue()
    yield _mail()
    yield _disk()


def _database() -> Finding:
    kind = f"SQLite {sqlite3.sqlite_version}" if is_sqlite() else "PostgreSQL"
    if schema.pending():
        return Finding("Database", False, "It is not up to date: run `flask db migrate`.")
    if different := schema.differences():
        return Finding("Database", False, f"It differs from what this version needs: {different[0]}.")
    return Finding("Database", True, f"{kind}, up to date, with its guards against double booking.")


def _worker() -> Finding:
    found = health(clock.machine_now())
    if found.worker_heard_at is None:
        return Finding("Worker", False, "It was never heard of: start Greenroom, and look again in a minute.")
    if found.worker_is_silent:
        return Finding(
            "Worker", False, f"It is silent since {found.worker_heard_at:%Y-%m-%d %H:%M} UTC: start it again."
        )
    return Finding("Worker", True, "It is at work.")


def _rooms() -> Finding:
    troubled = health(clock.machine_now()).troubled_rooms
    if troubled:
        return Finding("Rooms", False, f"{len(troubled)} in trouble. The first: {troubled[0].trouble}")
    return Finding("Rooms", True, "None is in trouble.")


def _queue() -> Finding:
    if not current_app.extensions["queue_answers"]():
        return Finding("Queue", False, "It does not answer: look at HUEY_URL.")
    return Finding("Queue", True, "It answers.")


def _mail() -> Finding:
    if current_app.extensions["settings"].mail_url is None:
        return Finding("Mail", True, "None leaves, since MAIL_URL is not set; admins see it under Operation.")
    return Finding("Mail", True, "A mail server is set. Whether it takes mail shows under Operation.")


def _disk() -> Finding:
    free = shutil.disk_usage(current_app.extensions["settings"].data_dir).free
    megabytes = free // (1024 * 1024)
    if free < LEAST_FREE_BYTES:
        return Finding("Disk", False, f"Only {megabytes} MB are free in DATA_DIR: make room before writes fail.")
    return Finding("Disk", True, f"{megabytes} MB are free in DATA_DIR.")
