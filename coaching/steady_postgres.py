"""PostgreSQL as a server uses it: whether a kept connection lives is asked only where it is in doubt. Foundation."""

from select import POLLIN, poll
from time import monotonic

from playhouse.pool import PooledPostgresqlDatabase
from psycopg import Connection

# Used so short a time ago, in seconds, a connection on which nothing was heard lives: a server that stops says so.
SURELY_ALIVE = 5.0


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
