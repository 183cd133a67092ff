"""The stand-in's memory: records in dictionaries, written through to one SQLite file before an answer goes out."""

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol, TypeVar

from sandbox.records import KINDS, Channel, Overwrite


class Record(Protocol):
    """Anything with a key that is its own among its kind."""

    @property
    def key(self) -> str: ...


R = TypeVar("R", bound=Record)

DISCORD_EPOCH_MS = 1420070400000


class State:
    """All records of one sandbox. Reading and writing happen inside `transaction()`, one thread at a time.

    The file is opened by the first transaction, not by the constructor: a server that loads the app and forks
    afterwards would hand its workers a stale copy and an SQLite connection that must not cross a fork.
    """

    def __init__(
        self,
        path: Path,
        clock: Callable[[], float],
        plant: Callable[["State"], None],
        kinds: tuple[type, ...] = KINDS,
    ) -> None:
        self.clock = clock
        self.version = 0
        self._lock = threading.RLock()
        self._kinds = {kind.__name__: kind for kind in kinds}
        self._records: dict[type, dict[str, Any]] = {kind: {} for kind in kinds}
        self._undo: list[tuple[type, str, Any]] = []
        self._depth = 0
        self._last_id = 0
        self._path = path
        self._plant = plant
        self._file: sqlite3.Connection | None = None

    @contextmanager
    def transaction(self) -> Iterator["State"]:
        """All changes inside are on disk at the end, or none of them happened. An inner one joins the outer."""
        with self._lock:
            self._open_once()
            self._depth += 1
            try:
                yield self
                if self._depth == 1:
                    self._commit()
            except BaseException:
                self._roll_back()
                raise
            finally:
                self._depth -= 1

    def find(self, kind: type[R], key: str) -> R | None:
        """The record with this key, or None."""
        return self._records[kind].get(key)

    def every(self, kind: type[R], **fields: Any) -> list[R]:
        """All records of a kind whose fields have these values, oldest first."""
        records = self._records[kind].values()
        return [record for record in records if all(getattr(record, name) == value for name, value in fields.items())]

    def put(self, record: R) -> R:
        """The record is remembered in place of whatever had its key."""
        self._remember(type(record), record.key)
        self._records[type(record)][record.key] = record
        return record

    def remove(self, *records: Any) -> None:
        """The records are forgotten."""
        for record in records:
            self._remember(type(record), record.key)
            self._records[type(record)].pop(record.key, None)

    def new_id(self) -> str:
        """A snowflake greater than every one before it."""
        wanted = (int(self.clock() * 1000) - DISCORD_EPOCH_MS) << 22
        self._last_id = max(wanted, self._last_id + 1)
        return str(self._last_id)

    def close(self) -> None:
        """The file is closed; the state must not be used again."""
        if self._file is not None:
            self._file.close()

    def _open_once(self) -> None:
        if self._file is None:
            self._file = _open(self._path)
            self._load(self._file)
            self._plant(self)

    def _remember(self, kind: type, key: str) -> None:
        self._undo.append((kind, key, self._records[kind].get(key)))

    def _commit(self) -> None:
        # In the order of the changes: the order of rows is the order in which records are found again.
        touched = dict.fromkeys((kind, key) for kind, key, _ in self._undo)
        if not touched or self._file is None:
            return
        with self._file as file:
            for kind, key in touched:
                _write(file, kind, key, self._records[kind].get(key))
        self._undo.clear()
        self.version += 1

    def _roll_back(self) -> None:
        for kind, key, before in reversed(self._undo):
            if before is None:
                self._records[kind].pop(key, None)
            else:
                self._records[kind][key] = before
        self._undo.clear()

    def _load(self, file: sqlite3.Connection) -> None:
        for name, key, body in file.execute("SELECT kind, key, body FROM record ORDER BY rowid"):
            if kind := self._kinds.get(name):
                self._records[kind][key] = _revive(kind, json.loads(body))


def _open(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    file = sqlite3.connect(path, check_same_thread=False, timeout=5)
    file.execute("PRAGMA journal_mode = WAL")
    # A killed process loses nothing so; only a power cut could cost the last answers.
    file.execute("PRAGMA synchronous = NORMAL")
    file.execute("CREATE TABLE IF NOT EXISTS record (kind TEXT, key TEXT, body TEXT, PRIMARY KEY (kind, key))")
    return file


def _write(file: sqlite3.Connection, kind: type, key: str, record: Any) -> None:
    if record is None:
        file.execute("DELETE FROM record WHERE kind = ? AND key = ?", (kind.__name__, key))
        return
    file.execute(
        "INSERT INTO record (kind, key, body) VALUES (?, ?, ?)"
        " ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body",
        (kind.__name__, key, json.dumps(asdict(record))),
    )


def _revive(kind: type, fields: dict[str, Any]) -> Any:
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()}
    if kind is Channel:
        for name in ("overwrites", "holding_overwrites"):
            if values.get(name) is not None:
                values[name] = tuple(Overwrite(**entry) for entry in values[name])
    return kind(**values)
