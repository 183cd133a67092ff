"""PostgreSQL as a server uses it: whether a kept connection lives is asked only where that is uncertain. Foundation.

Only who runs on PostgreSQL imports it.
"""

from datetime import datetime
from select import POLLIN, poll
from time import monotonic
from typing import Any

import psycopg
from playhouse.pool import PooledPostgresqlDatabase
from psycopg import Connection
from psycopg.abc import Buffer
from psycopg.adapt import Loader

# Used so short a time ago, in seconds, a connection on which nothing was heard lives: a server that stops says so.
SURELY_ALIVE = 5.0
PREPARED_AFTER = 1  # times asked: nearly all texts come again, and the server reads each of them once
LONGEST_SILENCE_MS = 10_000  # of a server that has vanished in the middle of a statement


class SteadyPostgresqlDatabase(PooledPostgresqlDatabase):  # type: ignore[misc]
    """PostgreSQL, whose pool otherwise asks the server at each request, and lets all other threads wait meanwhile."""

    def _is_closed(self, conn: Connection) -> bool:
        used_at: float | None = getattr(conn, "used_at", None)
        if not conn.closed and used_at and monotonic() - used_at < SURELY_ALIVE and is_silent(conn):
            return False
        return bool(super()._is_closed(conn))

    def _can_reuse(self, conn: Connection) -> bool:
        conn.used_at = monotonic()  # type: ignore[attr-defined]
        return bool(super()._can_reuse(conn))


def is_silent(conn: Connection) -> bool:
    """True where the server has said nothing since its last answer, not even that it goes."""
    listener = poll()
    listener.register(conn.fileno(), POLLIN)
    return not listener.poll(0)


class InstantLoader(Loader):
    """What PostgreSQL sends as an instant; as text where Python has none for it, like `infinity`.

    psycopg itself raises then, and with that one row nothing of the whole answer could be read.
    """

    def load(self, data: Buffer) -> Any:
        stored = bytes(data).decode()
        try:
            return datetime.fromisoformat(stored)
        except ValueError:
            return stored


psycopg.adapters.register_loader("timestamptz", InstantLoader)


def open_postgres(url: str, connections: int, longest_wait: int) -> SteadyPostgresqlDatabase:
    """The database behind `postgresql://…`, not yet connected.

    So many seconds, at most, are waited for a lock, and for a connection.
    """
    # psycopg reads the whole address itself, options such as ?host=/socket included.
    parameters = psycopg.conninfo.conninfo_to_dict(url)
    return SteadyPostgresqlDatabase(
        url,
        max_connections=connections,
        stale_timeout=300,
        timeout=10,
        prepare_threshold=PREPARED_AFTER,
        connect_timeout=int(parameters.get("connect_timeout") or max(longest_wait, 2)),
        tcp_user_timeout=int(parameters.get("tcp_user_timeout") or LONGEST_SILENCE_MS),
        # Whatever the address itself says comes later, and goes first.
        options=f"-c lock_timeout={longest_wait}s -c datestyle=ISO {parameters.get('options') or ''}".strip(),
    )
