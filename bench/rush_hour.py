"""Rush hour: the rooms of 1,000 sessions in 20 guilds are all due in the same minute, at a sandbox with 50 calls/s.

One worker on SQLite, then two on PostgreSQL. Goals: at most 1.15 times as long as the calls need that have to be made,
at most 5 changing calls in a session's life beside the guild's category, under 1 % of answers 429, and no guild whose
rooms wait while others are served.
"""

import os
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from coaching import marks, vault
from coaching.db import database, open_database
from tests import databases
from tests.rooms.deployment import END, START, Call, Deployment, guild_of_channels

SESSIONS, GUILDS = int(os.environ.get("SESSIONS", 1_000)), 20
MOST_PER_SECOND = 50
AHEAD = timedelta(seconds=12)
MINUTE = timedelta(minutes=1)
MAKE, PATCH, POST, DELETE = (
    "POST /guilds/*/channels",
    "PATCH /channels/*",
    "POST /channels/*/messages",
    "DELETE /channels/*",
)
LOOK = "GET /guilds/*/voice-states/*"


@dataclass(frozen=True)
class Rush:
    """One instant of the sessions' life, the calls that have to follow it, and what is looked up before them."""

    name: str
    instant: datetime
    changes: dict[str, int]
    looks: frozenset[str] = frozenset()


RUSHES = (
    Rush("made", START - 30 * MINUTE, {MAKE: SESSIONS}),
    Rush("opened and greeted", START - 15 * MINUTE, {PATCH: SESSIONS, POST: SESSIONS}),
    # Nobody is shut out while they talk, so that Discord is asked who is inside.
    Rush("closed", END + 15 * MINUTE, {PATCH: SESSIONS}, frozenset({LOOK})),
    Rush("removed", END + 60 * MINUTE, {DELETE: SESSIONS}),
)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        report("one worker on SQLite", Path(folder), databases.SqliteDatabases(Path(folder)).fresh(), workers=1)
    with tempfile.TemporaryDirectory() as folder:
        fresh = databases.PostgresDatabases(Path(folder) / "postgres", "rush")
        report("two workers on PostgreSQL", Path(folder), fresh.fresh(), workers=2)
        databases.close()
        fresh.close()


def report(title: str, folder: Path, url: str, workers: int) -> None:
    vault.keys.use([bytes(32)])
    marks.keys.use([bytes(32)])
    database.initialize(open_database(url))
    print(f"  {title} (load average {os.getloadavg()[0]:.1f})", flush=True)
    deployment = Deployment(folder, url)
    try:
        with database.connection_context():
            deployment.fill([START] * SESSIONS, GUILDS)
            deployment.set_clock(START - 60 * MINUTE, timedelta(0))
            seconds, floors = zip(*[run(deployment, rush, workers) for rush in RUSHES], strict=True)
            total(deployment.listen(), sum(seconds), sum(floors))
    finally:
        deployment.end()


def run(deployment: Deployment, rush: Rush, workers: int) -> tuple[float, float]:
    """How long this took, and how long its calls need at least."""
    # A run that is under way would live by the clock as it was.
    deployment.end_workers()
    due_at = deployment.set_clock(rush.instant, AHEAD)
    for _ in range(workers):
        deployment.start_worker()
    calls = deployment.wait_for(rush.changes, due_at, seconds=100)
    guilds = guild_of_channels()
    changes = [call for call in calls if call.is_change]
    last = max(call.at for call in changes)
    needed = [call for call in calls if call.at <= last and (call.is_change or call.route in rush.looks)]
    others = sum(call.at <= last for call in calls) - len(needed)
    took, floor = (last - due_at).total_seconds(), len(needed) / MOST_PER_SECOND
    finished = defaultdict(list)
    for call in changes:
        guild = call.target if call.route == MAKE else guilds.get(call.target)
        finished[guild].append((call.at - due_at).total_seconds())
    ends = sorted(max(times) for times in finished.values())
    firsts = sorted(min(times) for times in finished.values())
    print(
        f"    {rush.name:18} {len(needed):5} calls: {took:5.1f} s, floor {floor:5.1f} s, ratio {took / floor:.2f};"
        f" {others} other looks meanwhile; guilds begun after {firsts[0]:.1f} to {firsts[-1]:.1f} s,"
        f" done after {ends[0]:.1f} to {ends[-1]:.1f} s (load {os.getloadavg()[0]:.1f})",
        flush=True,
    )
    return took, floor


def total(calls: list[Call], took: float, floor: float) -> None:
    statuses = Counter(call.status for call in calls)
    changes = sum(call.is_change for call in calls)
    limited = statuses[429] / len(calls)
    print(
        f"    in all {took:.1f} s, floor {floor:.1f} s, ratio {took / floor:.2f}; {changes} changing calls,"
        f" {(changes - GUILDS) / SESSIONS:.2f} a session and {GUILDS} categories;"
        f" {len(calls)} answers, {limited:.2%} of them 429; statuses {dict(statuses)}"
    )


if __name__ == "__main__":
    main()
