"""A database that somebody else holds: it can be read, and takes nothing that is written."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg


@contextmanager
def holding(database_url: str) -> Iterator[None]:
    """Nobody else can write meanwhile; reading goes on."""
    if database_url.startswith("sqlite"):
        with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)) as holder:
            holder.execute("BEGIN IMMEDIATE")
            yield
        return
    with psycopg.connect(database_url) as holder:
        tables = [row[0] for row in holder.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        holder.execute(f"LOCK TABLE {', '.join(tables)} IN SHARE MODE")
        yield
