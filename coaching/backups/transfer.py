"""The whole content of a SQLite database copied into PostgreSQL, row for row, and counted on both sides. Foundation."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from peewee import Database, ForeignKeyField

from coaching import schema
from coaching.backups.postgres import refuse_company
from coaching.db import BaseModel, database, is_sqlite, open_database
from coaching.errors import Refused

AT_ONCE = 500
MARK = "copied from SQLite: "


def copy_to(url: str) -> dict[str, int]:
    """Copy every row into the PostgreSQL database behind `url`, in one transaction; how many each table has.

    Refused for a target that holds more than an earlier copy, unused since: it would be lost.
    """
    if not is_sqlite() or not url.startswith("postgres"):
        raise Refused("This copies a SQLite database into PostgreSQL: name a target like postgresql://user@host/name.")
    source, target = database.obj, open_database(url, connections=1)
    with _connected(target):
        refuse_company()
        schema.migrate()
        _refuse_foreign_content()
        with database.atomic():
            _empty()
            for model in schema.MODELS:
                _copy(model, source)
            counts = _counts()
            with _as_database(source):
                expected = _counts()
            if counts != expected:
                differing = sorted(name for name in expected if counts[name] != expected[name])
                raise Refused(f"Nothing was copied: {', '.join(differing)} came out with another number of rows.")
            _mark()
    return counts


@contextmanager
def _as_database(other: Database) -> Iterator[None]:
    present = database.obj
    database.initialize(other)
    try:
        yield
    finally:
        database.initialize(present)


@contextmanager
def _connected(target: Any) -> Iterator[None]:
    with _as_database(target):
        try:
            with database.connection_context():
                yield
        finally:
            target.close_all()  # a pool would keep the connection


def _copy(model: type[BaseModel], source: Database) -> None:
    # A row may name another one of its own table that comes later.
    own = [field for field in model._meta.sorted_fields if isinstance(field, ForeignKeyField) and _is_own(field)]
    with _as_database(source):
        content: list[Any] = list(model.select().order_by(model.id).dicts())
    for begin in range(0, len(content), AT_ONCE):
        part = content[begin : begin + AT_ONCE]
        model.insert_many([row | {field.name: None for field in own} for row in part]).execute()
    for field in own:
        for row in content:
            if row[field.name] is not None:
                model.update({field: row[field.name]}).where(model.id == row["id"]).execute()
    table = model._meta.table_name
    database.execute_sql(
        f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), COALESCE(max(id), 1), count(*) > 0) FROM \"{table}\""
    )


def _is_own(field: ForeignKeyField) -> bool:
    return field.rel_model is field.model


def _counts() -> dict[str, int]:
    return {model._meta.table_name: model.select().count() for model in schema.MODELS}


def _empty() -> None:
    tables = ", ".join(f'"{model._meta.table_name}"' for model in schema.MODELS)
    database.execute_sql(f"TRUNCATE {tables}")


def _refuse_foreign_content() -> None:
    if not any(_counts().values()):
        return
    known = database.execute_sql("SELECT obj_description('schema_migration'::regclass)").fetchone()[0]
    if known != MARK + _content():
        raise Refused(
            "The target holds data of its own, or its earlier copy has been used since. Name an empty database."
        )


def _mark() -> None:
    database.execute_sql(f"COMMENT ON TABLE schema_migration IS '{MARK}{_content()}'")


def _content() -> str:
    """A digest of everything in the tables."""
    digest = hashlib.sha256()
    for model in schema.MODELS:
        table = model._meta.table_name
        text = database.execute_sql(
            f"SELECT md5(COALESCE(string_agg(md5(one::text), '' ORDER BY one.id), '')) FROM \"{table}\" AS one"
        ).fetchone()[0]
        digest.update(f"{table} {text}\n".encode())
    return digest.hexdigest()
