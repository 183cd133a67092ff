"""`flask db`: migrate, check, back up and restore the database."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import current_app

import clock
from coaching import resealing, schema
from coaching.backups import actions as backups
from coaching.backups import transfer
from coaching.backups.actions import back_up
from coaching.db import database, is_sqlite
from coaching.db_waits import alone
from commands.group import Group
from commands.orphans import Answer, settle_orphans

group = Group("db", help="Migrate, check, back up and restore the database.")


@group.command()
def migrate() -> None:
    """Bring the database up to date; a SQLite file that holds something is copied first."""
    bring_up_to_date()


@group.command()
def check() -> None:
    """Fail unless the database is what the models say, overlap guards included."""
    differences = [f"{name} is not applied" for name in schema.pending()] or schema.differences()
    if differences:
        raise click.ClickException(
            "The database and the models differ:\n" + "\n".join(f"  {line}" for line in differences)
        )
    click.echo("The database is what the models say.")


@group.command()
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
def backup(path: Path) -> None:
    """Write a checked copy of the database to PATH, which must not exist yet."""
    path = path.absolute()
    try:
        if path.exists():
            raise click.ClickException(f"{path} exists already. Choose another name, or remove it first.")
        if not path.parent.is_dir():
            raise click.ClickException(f"There is no folder {path.parent}. Make it first.")
    except OSError as problem:  # a folder that may not be read, a name that no file can have
        raise click.ClickException(
            f"Greenroom's user can write nothing to {path} ({problem.strerror}). Choose a name in "
            f"{current_app.extensions['settings'].data_dir}, and copy it from there."
        ) from None
    back_up(path)
    click.echo(f"The database is copied to {path}. To use it again you need SECRET_KEY too.")


@group.command(connects=False)
@click.argument("path", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--orphans",
    type=click.Choice(["ask", "remove", "keep"]),
    default="ask",
    show_default=True,
    help="What to do with rooms and roles that stand in Discord and are not in the backup.",
)
def restore(path: Path, orphans: Answer) -> None:
    """Put the backup at PATH in the database's place; the present one is kept.

    Refuses while Greenroom runs. Ends every sign-in, and leaves to a hand the mails that waited at the time of the
    backup. Looks on Discord for rooms that were made since, and removes them if you say so.
    """
    folder = current_app.extensions["settings"].data_dir
    with nobody_running(folder):
        for line in backups.restore(path, folder / "backups", clock.machine_now()):
            click.echo(line)
        with database.connection_context():
            settle_orphans(orphans)


@group.command()
@click.argument("database_url")
def copy_to(database_url: str) -> None:
    """Copy everything from SQLite into the empty PostgreSQL database at DATABASE_URL, and compare the counts."""
    with nobody_running(current_app.extensions["settings"].data_dir):
        counts = transfer.copy_to(database_url)
    for table, count in counts.items():
        click.echo(f"{count:>8}  {table}")
    click.echo(
        f"{sum(counts.values()):>8}  rows in all, as many as in SQLite. Set DATABASE_URL to the new database now."
    )


@contextmanager
def nobody_running(data_dir: Path) -> Iterator[None]:
    """Nobody starts Greenroom on this folder inside the block; an error while it runs."""
    with (data_dir / "run.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise click.ClickException(f"Greenroom runs on {data_dir}. Stop it first.") from None
        yield


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
    data_dir: Path = current_app.extensions["settings"].data_dir
    folder = data_dir / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    target = folder / f"{clock.machine_now():%Y%m%d-%H%M%S}-before-{migration}.db"
    back_up(target)
    return target
