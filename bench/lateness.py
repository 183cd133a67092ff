"""How late rooms open: 200 sessions in ten minutes, one each three seconds, with a real worker that is up all the time.

A stretch of two minutes of them; `python -m bench.lateness 10` takes all ten. Then the recovery: no worker for 30
minutes, in which 200 rooms are due, and the time from its start until the last one stands. Goals: late by less than
1.5 s (p50) and 5 s (p99); every due room within 10 s of the restart and the floor of its calls at 50 a second.
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles

from coaching import marks, vault
from coaching.db import database, open_database
from coaching.rooms.models import Room
from tests import databases
from tests.rooms.deployment import START, Deployment

EVERY, MINUTE = timedelta(seconds=3), timedelta(minutes=1)
GUILDS, SESSIONS = 20, 200
OPENS = START - 15 * MINUTE
MAKE, PATCH = "POST /guilds/*/channels", "PATCH /channels/*"


def main() -> None:
    minutes = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    with deployment() as site:
        opening(site, minutes * MINUTE // EVERY)
    with deployment() as site:
        recovery(site)


@contextmanager
def deployment() -> Iterator[Deployment]:
    with tempfile.TemporaryDirectory() as folder:
        url = databases.SqliteDatabases(Path(folder)).fresh()
        vault.keys.use([bytes(32)])
        marks.keys.use([bytes(32)])
        database.initialize(open_database(url))
        started = Deployment(Path(folder), url)
        try:
            with database.connection_context():
                yield started
        finally:
            started.end()


def opening(deployment: Deployment, sessions: int) -> None:
    """Each room stands hidden when its time to open comes."""
    deployment.fill([START + number * EVERY for number in range(sessions)], GUILDS)
    deployment.start_worker()
    due_at = deployment.set_clock(OPENS - 5 * MINUTE, timedelta(0))
    # The clock's offset is kept in whole seconds: the first are made up to one before that.
    deployment.wait_for({MAKE: sessions + GUILDS}, due_at - timedelta(seconds=2), seconds=60)
    # A channel that was just made has to settle.
    time.sleep(10)
    due_at = deployment.set_clock(OPENS, timedelta(seconds=6))
    calls = deployment.wait_for({PATCH: sessions}, due_at, seconds=30 + (sessions * EVERY).total_seconds())
    rooms = Room.select().where(Room.kind == "session")
    starts = {room.discord_channel_id: room.coaching_session.starts_at for room in rooms}
    opened = {call.target: call.at for call in reversed(calls) if call.route == PATCH}
    late = sorted((at - due_at - (starts[room] - START)).total_seconds() for room, at in opened.items())
    p99 = quantiles(late, n=100, method="inclusive")[-1]
    print(
        f"  {sessions} rooms opened, one each {EVERY.seconds} s, {len(calls)} calls: late by p50 {median(late):.2f} s,"
        f" p99 {p99:.2f} s, at most {late[-1]:.2f} s (load average {os.getloadavg()[0]:.1f})",
        flush=True,
    )


def recovery(deployment: Deployment) -> None:
    """Half of the rooms stand hidden when the worker ends, the others were never made."""
    deployment.fill([START + number * 30 * MINUTE / SESSIONS for number in range(SESSIONS)], GUILDS)
    deployment.start_worker()
    due_at = deployment.set_clock(OPENS - MINUTE, timedelta(0))
    deployment.wait_for({MAKE: GUILDS + SESSIONS // 2 - 20}, due_at, seconds=60)
    time.sleep(10)
    deployment.end_workers()
    before = deployment.listen()
    made = sum(call.route == MAKE and call.has_worked for call in before) - GUILDS
    deployment.set_clock(OPENS + 30 * MINUTE, timedelta(0), is_told=False)
    restarted_at = datetime.now(UTC)
    deployment.start_worker()
    wanted = {PATCH: made, MAKE: SESSIONS - made}
    calls = deployment.wait_for(wanted, restarted_at, seconds=60)
    changes = [call for call in calls if call.route in wanted and call.has_worked]
    took = (max(call.at for call in changes) - restarted_at).total_seconds()
    print(
        f"  after 30 minutes without a worker {made} rooms to open and {SESSIONS - made} to make: all stand after"
        f" {took:.1f} s, their calls need {len(changes) / 50:.1f} s (load average {os.getloadavg()[0]:.1f})"
    )


if __name__ == "__main__":
    main()
