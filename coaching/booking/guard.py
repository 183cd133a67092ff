"""The database's last guard against double booking: even a raw INSERT or UPDATE cannot make two live spans overlap.

PostgreSQL has exclusion constraints; SQLite gets triggers of the same meaning. Both surface as IntegrityError.
Spans are half open: a session may begin the instant another one ends.
"""

from dataclasses import dataclass

from peewee import Database, SqliteDatabase


@dataclass(frozen=True)
class Guard:
    """No two live rows of one `owner` in `table` overlap in `starts`..`ends`."""

    name: str
    table: str
    owner: str
    starts: str
    ends: str
    live: str  # SQL with {row} for the row's name


GUARDS = (
    Guard(
        "coaching_session_overlap",
        "coaching_session",
        "coach_id",
        "busy_from",
        "busy_until",
        "{row}state IN ('held', 'requested', 'scheduled', 'in_progress')",
    ),
    Guard("seat_overlap", "seat", "student_id", "starts_at", "ends_at", "{row}is_live"),
)


def install(database: Database) -> None:
    """Both guards stand; safe to repeat, and to be repeated after every migration."""
    for guard in GUARDS:
        statements = _triggers(guard) if isinstance(database, SqliteDatabase) else _exclusion(guard)
        with database.atomic():
            for statement in statements:
                database.execute_sql(statement)


def is_installed(database: Database) -> bool:
    """True when every guard stands in the database."""
    if isinstance(database, SqliteDatabase):
        wanted = {name for guard in GUARDS for name in (f"{guard.name}_insert", f"{guard.name}_update")}
        found = database.execute_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    else:
        wanted = {guard.name for guard in GUARDS}
        found = database.execute_sql("SELECT conname FROM pg_constraint WHERE contype = 'x'")
    return wanted <= {name for (name,) in found}


def _exclusion(guard: Guard) -> list[str]:
    # A range of one id stands in for equality, which would need the btree_gist extension.
    return [
        f"ALTER TABLE {guard.table} DROP CONSTRAINT IF EXISTS {guard.name}",
        f"ALTER TABLE {guard.table} ADD CONSTRAINT {guard.name} EXCLUDE USING gist ("
        f"int8range({guard.owner}, {guard.owner}, '[]') WITH &&, "
        f"tstzrange({guard.starts}, {guard.ends}) WITH &&) WHERE ({guard.live.format(row='')})",
    ]


def _triggers(guard: Guard) -> list[str]:
    return [line for event in ("insert", "update") for line in _trigger(guard, event)]


def _trigger(guard: Guard, event: str) -> list[str]:
    name = f"{guard.name}_{event}"
    return [
        f"DROP TRIGGER IF EXISTS {name}",
        f"CREATE TRIGGER {name} BEFORE {event.upper()} ON {guard.table} "
        f"WHEN {guard.live.format(row='NEW.')} AND EXISTS (SELECT 1 FROM {guard.table} AS other "
        f"WHERE other.id IS NOT NEW.id AND other.{guard.owner} = NEW.{guard.owner} "
        f"AND {guard.live.format(row='other.')} "
        f"AND other.{guard.starts} < NEW.{guard.ends} AND NEW.{guard.starts} < other.{guard.ends}) "
        f"BEGIN SELECT RAISE(ABORT, '{guard.name}'); END",
    ]
