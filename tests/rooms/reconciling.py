"""One run of the reconciler as a test wants it: at a named time, until nothing more is due."""

import time
from collections.abc import Callable
from datetime import timedelta

from coaching.host import Host
from coaching.now import Now, running_from
from coaching.rooms.reconciler.loop import PATIENCE, Reconciler
from coaching.rooms.reconciler.pool import Pool
from coaching.rooms.reconciler.state import Counts

# What a worker does in a minute, and no longer.
IN_A_MINUTE, A_MOMENT, FRESH_IN_A_MINUTE = timedelta(seconds=50), timedelta(seconds=5), timedelta(seconds=50)
BY_HAND = timedelta(minutes=10)


def reconcile(
    host: Host,
    now: Now,
    *,
    by_hand: bool = False,
    patience: timedelta = A_MOMENT,
    pool: Pool | None = None,
    sleep: Callable[[float], None] = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> Counts:
    """A minute's work at `now`, or what `flask rooms tick` does."""
    clock = running_from(now, monotonic)
    reconciler = Reconciler(host, clock, pool, sleep=sleep, monotonic=monotonic)
    if by_hand:
        return reconciler.settle(BY_HAND, patience=PATIENCE)
    return reconciler.settle(IN_A_MINUTE, patience=patience, fresh_for=FRESH_IN_A_MINUTE)
