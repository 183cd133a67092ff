"""Which database drivers a process loads. To be asked before peewee and huey are: they load whatever is installed."""

import os
import sys

STORES = ("DATABASE_URL", "DATABASE_URL_FILE", "HUEY_URL", "HUEY_URL_FILE")


def leave_out_unused() -> None:
    """Where all is kept in SQLite, PostgreSQL's driver is not loaded, 9 MB a process."""
    if all(os.environ.get(name, "sqlite:").startswith("sqlite:") for name in STORES):
        # None says that there is no such module: https://docs.python.org/3/reference/import.html#the-module-cache
        sys.modules.setdefault("psycopg", None)  # type: ignore[arg-type]
