"""PostgreSQL's backups, by its own tools: pg_dump and pg_restore. Foundation."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from coaching.backups.unfinished import written
from coaching.db import database
from coaching.errors import Refused

ENDING = "dump"
LASTS_AT_MOST = 3600
MAGIC = b"PGDMP"


def back_up(target: Path) -> None:
    """Write the whole database as it is now to `target`, readable by pg_restore, for its owner's eyes only."""
    try:
        with written(target) as unfinished:
            _run("pg_dump", "--format=custom", "--no-owner", f"--file={unfinished}")
            check(unfinished)
    except OSError as problem:
        raise Refused(
            f"The backup could not be written to {target}: {getattr(problem, 'strerror', None) or problem}."
        ) from problem


def check(source: Path) -> None:
    """Return if pg_restore can read the file to its end; otherwise Refused."""
    _run("pg_restore", "--file=/dev/null", str(source), speaks=False)


@contextmanager
def restored(source: Path, now: datetime) -> Iterator[None]:
    """What the backup holds instead of what the database held; if the block fails, all is as it was."""
    # Moved aside instead of dropped table by table: the present tables may be newer than those of the backup.
    aside = f"before_restore_{now:%Y%m%d%H%M%S}"
    database.execute_sql(f"ALTER SCHEMA public RENAME TO {aside}")
    try:
        database.execute_sql("CREATE SCHEMA public")
        _run("pg_restore", "--no-owner", "--single-transaction", "--exit-on-error", str(source))
        yield
    except BaseException:
        database.execute_sql("DROP SCHEMA IF EXISTS public CASCADE")
        database.execute_sql(f"ALTER SCHEMA {aside} RENAME TO public")
        raise
    database.execute_sql(f"DROP SCHEMA {aside} CASCADE")


def refuse_company() -> None:
    """Refused while anybody else is connected to the database."""
    # The server's own workers, which clean up after rows that have gone, use it in their way at any time.
    others = database.execute_sql(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND backend_type = 'client backend'"
    ).fetchone()[0]
    if others:
        raise Refused("Something still uses the database. Stop Greenroom first: web, worker and commands.")


def _run(tool: str, *arguments: str, speaks: bool = True) -> None:
    """Let one of PostgreSQL's own programs do it; `speaks` to the database, or only reads a file."""
    program = shutil.which(tool)
    if not program:
        raise Refused(f"{tool} is not installed: on Debian and Ubuntu, apt-get install postgresql-client.")
    address, password = _address()
    # The password goes by the environment: other users of the machine can read the words of a command.
    environment = os.environ | ({"PGPASSWORD": password} if password else {})
    command = [program, *(["--dbname", address] if speaks else []), *arguments]
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=LASTS_AT_MOST, check=False
        )
    except subprocess.TimeoutExpired:
        raise Refused(f"{tool} was not done after an hour.") from None
    if done.returncode:
        reason = " ".join(done.stderr.split())[:300] or f"exit code {done.returncode}"
        raise Refused(f"{tool} failed: {reason}")


def _address() -> tuple[str, str]:
    """The database's address without its password, and that."""
    parts = urlsplit(str(database.obj.database))
    password = parts.password or ""
    netloc = parts.netloc.replace(f":{password}@", "@", 1) if password else parts.netloc
    return urlunsplit(parts._replace(netloc=netloc)), password
