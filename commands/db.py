"""`flask db`: migrate, check and back up the database."""

from pathlib import Path

import click
from flask import current_app

import clock
from coaching import resealing, schema
from coaching.db import alone, is_sqlite
from coaching.operation.backup import back_up
from commands.group import Group

group = Group("db", help="Migrate, check and back up the database.")


@group.command()
def migrate() -> None:
    """Bring the database up to date; a SQLite file that holds something is copied first."""
    bring_up_to_date()


@group.command()
def check() -> None:
    """Fail unless the database is what the models say, overlap guards included."""
    found = [f"{name} is not applied" for name in schema.pending()] or schema.differences()
    if found:
        raise click.ClickException("The database and the models differ:\n" + "\n".join(f"  {line}" for line in found))
    click.echo("The database is what the models say.")


@group.command()
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
def backup(path: Path) -> None:
    """Write a checked copy of the SQLite database to PATH."""
    back_up(path)
    click.echo(f"The database is copied to {path}. To use it again you need SECRET_KEY too.")


def bring_up_to_date() -> None:
    """Apply every migration, or end the command with the reason why not. Whoever comes meanwhile waits."""
    with alone():
        _migrate()


def _migrate() -> None:
    if newer := schema.unknown_migrations():
        raise click.ClickException(f"The database is newer than this Greenroom: it has {', '.join(newer)}.")
    waiting = schema.pending()
    if waiting and is_sqlite() and schema.applied():
        click.echo(f"Copied the database to {_copy_before(waiting[0])} first.")
    for name in schema.migrate():
        click.echo(f"Applied {name}.")
    if count := resealing.seal_open():
        click.echo(f"Encrypted what was not: {count} in all.")


def _copy_before(migration: str) -> Path:
    folder = current_app.extensions["settings"].data_dir / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    target = folder / f"{clock.machine_now():%Y%m%d-%H%M%S}-before-{migration}.db"
    back_up(target)
    return target
