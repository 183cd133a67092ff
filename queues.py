"""The queue between the web and the worker, and what keeps one of its tasks from running twice at once."""

import threading
from collections.abc import Callable
from functools import wraps
from urllib.parse import unquote

from huey import Huey, PostgresHuey, SqliteHuey
from huey.serializer import SignedSerializer

LONGEST_CONNECT = 3  # seconds, to the queue
LONGEST_LOCK = 1  # second, of the queue; whoever meets one comes back


def open_queue(url: str, key: bytes) -> Huey:
    """The queue behind `sqlite:///path` or `postgresql://…`. Its messages are pickles, so it takes signed ones only."""
    signed = SignedSerializer(secret=key)
    if url.startswith("sqlite:///"):
        filename = unquote(url.removeprefix("sqlite:///"))
        return SqliteHuey("greenroom", filename=filename, serializer=signed, timeout=LONGEST_LOCK)
    return PostgresHuey("greenroom", dsn=url, serializer=signed, connect_timeout=LONGEST_CONNECT)


def depth_of(huey: Huey) -> int | None:
    """How many tasks wait in the queue, or None when it cannot be read."""
    try:
        depth: int = huey.pending_count()
    except Exception:
        return None
    return depth


def answers(huey: Huey) -> bool:
    """True when the queue can be read and takes what is put into it."""
    try:
        huey.put("alive", True)
    except Exception:
        return False
    return depth_of(huey) is not None


def one_at_a_time(run: Callable[[], None]) -> Callable[[], None]:
    """The same, unless this process is at it: that run takes whatever becomes due meanwhile."""
    is_running = threading.Lock()

    @wraps(run)
    def run_alone() -> None:
        if not is_running.acquire(blocking=False):
            return
        try:
            run()
        finally:
            is_running.release()

    return run_alone
