"""The database's last guard: no two live sessions of a coach and no two live seats of a student overlap. Foundation.

Exclusion constraints on PostgreSQL, triggers of the same meaning on SQLite, so that even a raw INSERT or UPDATE is
refused with an IntegrityError. Spans that only touch do not overlap. Rebuilding a SQLite table drops its triggers
silently: `install` after every migration.
"""

from dataclasses import dataclass

from peewee import Database, SqliteDatabase

from coaching.booking.models import LIVE_STATES


@dataclass(frozen=True)
class Guard:
    """In `table`, rows with the same `owner` that are `live` never overlap from `start` to `end`."""

    table: str
    owner: str
    start: str
    end: str
    live: str
    check: str

    @property
    def name(self) -> str:
        return f"{self.table}_overlap"


GUARDS = (
    Guard(
        table="coaching_session",
        owner="coach_id",
        start="busy_from",
        end="busy_until",
        live="{row}state IN (" + ", ".join(f"'{state}'" for state in LIVE_STATES) + ")",
        check="{row}busy_from <= {row}starts_at AND {row}starts_at < {row}ends_at AND {row}ends_at <= {row}busy_until",
    ),
    Guard(
        table="seat",
        owner="student_id",
        start="starts_at",
        end="ends_at",
        live="{row}is_live",
        check="{row}starts_at < {row}ends_at",
    ),
)
NAMES = frozenset(guard.name for guard in GUARDS)


def install(database: Database) -> None:
    """The guards stand, whether or not they did before."""
    with database.atomic():
        for guard in GUARDS:
            if isinstance(database, SqliteDatabase):
                _install_triggers(database, guard)
            else:
                _install_constraints(database, guard)


def is_installed(database: Database) -> bool:
    """True when every guard is there as it is written here."""
    is_on_sqlite = isinstance(database, SqliteDatabase)
    return all(
        _triggers_match(database, guard) if is_on_sqlite else _constraints_match(database, guard) for guard in GUARDS
    )


# --- PostgreSQL


def _install_constraints(database: Database, guard: Guard) -> None:
    present = _constraints(database, guard)
    for name, definition in _wanted_constraints(guard).items():
        if present.get(name) == definition:
            continue
        if name in present:
            database.execute_sql(f"ALTER TABLE {guard.table} DROP CONSTRAINT {name}")
        database.execute_sql(f"ALTER TABLE {guard.table} ADD CONSTRAINT {name} {definition}")
        # PostgreSQL gives a definition back in words of its own: what it was made from is kept beside it.
        quoted = definition.replace("'", "''")
        database.execute_sql(f"COMMENT ON CONSTRAINT {name} ON {guard.table} IS '{quoted}'")


def _constraints_match(database: Database, guard: Guard) -> bool:
    return _wanted_constraints(guard).items() <= _constraints(database, guard).items()


def _wanted_constraints(guard: Guard) -> dict[str, str]:
    # A range of one number stands for "equal", so that the extension btree_gist is not needed.
    return {
        guard.name: f"EXCLUDE USING gist (int8range({guard.owner}, {guard.owner}, '[]') WITH &&,"
        f" tstzrange({guard.start}, {guard.end}) WITH &&) WHERE ({guard.live.format(row='')})",
        # An empty range overlaps nothing: without this a session of no length would slip through.
        f"{guard.table}_sound": f"CHECK ({guard.check.format(row='')})",
    }


def _constraints(database: Database, guard: Guard) -> dict[str, str | None]:
    """The definition of each constraint on the table as it was written here; None for another's, or an older one."""
    query = "SELECT conname, obj_description(oid, 'pg_constraint') FROM pg_constraint WHERE conrelid = %s::regclass"
    return dict(database.execute_sql(query, (guard.table,)).fetchall())


# --- SQLite


def _install_triggers(database: Database, guard: Guard) -> None:
    for name, statement in _wanted_triggers(guard).items():
        database.execute_sql(f"DROP TRIGGER IF EXISTS {name}")
        database.execute_sql(statement)


def _triggers_match(database: Database, guard: Guard) -> bool:
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?"
    present = dict(database.execute_sql(query, (guard.table,)).fetchall())
    return all(present.get(name) == statement for name, statement in _wanted_triggers(guard).items())


def _wanted_triggers(guard: Guard) -> dict[str, str]:
    return {
        f"{guard.name}_insert": _trigger(guard, "INSERT", but=""),
        f"{guard.name}_update": _trigger(guard, "UPDATE", but="AND other.id <> OLD.id"),
    }


def _trigger(guard: Guard, event: str, but: str) -> str:
    # Instants compare as text, which is right only while every one of them is written the same way.
    written = "0000-00-00T00:00:00.000000+00:00".replace("0", "[0-9]").replace("+[0-9][0-9]:[0-9][0-9]", "+00:00")
    return f"""CREATE TRIGGER {guard.name}_{event.lower()} BEFORE {event} ON {guard.table}
BEGIN
    SELECT RAISE(ABORT, '{guard.table}: an instant is not written as UTC with microseconds')
    WHERE NEW.{guard.start} NOT GLOB '{written}' OR NEW.{guard.end} NOT GLOB '{written}';
    SELECT RAISE(ABORT, '{guard.table}: it ends before it starts')
    WHERE NOT ({guard.check.format(row="NEW.")});
    SELECT RAISE(ABORT, '{guard.table}: overlap')
    WHERE {guard.live.format(row="NEW.")} AND EXISTS (
        SELECT 1 FROM {guard.table} AS other
        WHERE other.{guard.owner} = NEW.{guard.owner} {but}
        AND other.{guard.end} > NEW.{guard.start} AND other.{guard.start} < NEW.{guard.end}
        AND {guard.live.format(row="other.")}
    );
END"""
