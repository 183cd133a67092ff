"""Reads for whoever watches the site by its figures: counted when asked, so that every process tells the same."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import accumulate

from peewee import fn

from coaching.db import rows
from coaching.notices.models import STATES, Notice
from coaching.notices.queries import oldest_due
from coaching.now import Now
from coaching.payments.trouble_queries import Kind as MoneyKind
from coaching.payments.trouble_queries import money_troubles
from coaching.rooms.models import Room
from coaching.rooms.planning.case import RoomKind, RoomState
from coaching.rooms.recording.results import BUCKETS, LATE, LATE_SUM, LATER
from coaching.runtime.models import Run
from coaching.tallies.queries import counted

# Under which names the web's requests are tallied.
HTTP = "http"  # by route, method and status
HTTP_SECONDS = "http_seconds"  # by route and bucket
HTTP_MS = "http_ms"  # by route: all of their milliseconds
# Upper bounds in seconds, each bucket without the one before.
HTTP_BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
LONGER = "+Inf"

# How many took at most so many seconds, bound by bound, and all of their seconds together.
Spread = tuple[list[tuple[str, int]], float]


def rooms_by_state() -> dict[str, int]:
    """How many rooms of sessions are in each state."""
    of_session = Room.select(Room.state, fn.COUNT(Room.id)).where(Room.kind == RoomKind.SESSION)
    return {str(state): 0 for state in RoomState} | dict(rows(of_session.group_by(Room.state)))


def messages_by_outcome() -> dict[tuple[str, ...], int]:
    """How many there are of each kind, on each channel, in each state; a message without a channel has none yet."""
    columns = (Notice.kind, Notice.channel, Notice.state)
    counts = rows(Notice.select(*columns, fn.COUNT(Notice.id)).group_by(*columns))
    return {(kind, channel or "none", state): count for kind, channel, state, count in counts}


def messages_by_state(by_outcome: Mapping[tuple[str, ...], int]) -> dict[str, int]:
    """The same by their state alone."""
    counts = Counter(dict.fromkeys(STATES, 0))
    for (_, _, state), count in by_outcome.items():
        counts[state] += count
    return counts


def oldest_wait(now: Now) -> timedelta:
    """How long the message waits that has waited longest of those that could go."""
    return max(timedelta(0), now.machine - (oldest_due(now.machine) or now.machine))


def money_in_trouble(now: datetime) -> dict[str, int]:
    """How much about money needs a hand, by kind."""
    troubles = Counter(str(trouble.kind) for trouble in money_troubles(None, now))
    return {kind: troubles[kind] for kind in map(str, MoneyKind)}


def last_run() -> Run | None:
    """The last minute that had a run, its own or one by hand or by cron, with all runs of that minute together."""
    run: Run | None = Run.select().order_by(Run.minute.desc()).first()
    return run


def tallied(name: str, words: int) -> dict[tuple[str, ...], int]:
    """The tallies of `name` by the words of their labels, of which the first may have spaces."""
    return {tuple(label.rsplit(" ", words - 1)): total for label, total in counted(name).items()}


def room_lateness() -> dict[str, Spread]:
    """How late rooms came to a state, by state."""
    # Prometheus writes its numbers with a point.
    bounds = {bound if bound == LATER else f"{bound}.0": bound for bound in BUCKETS}
    return _spreads(LATE, LATE_SUM, bounds)


def request_durations() -> dict[str, Spread]:
    """How long requests took, by route."""
    return _spreads(HTTP_SECONDS, HTTP_MS, {bound: bound for bound in (*map(str, HTTP_BOUNDS), LONGER)})


def _spreads(counts_name: str, sums_name: str, bounds: Mapping[str, str]) -> dict[str, Spread]:
    """What was tallied under these names, by its bounds as they are shown and the buckets tallied for them."""
    counts, sums = counted(counts_name), counted(sums_name)
    spreads = {}
    for subject in sorted({label.rpartition(" ")[0] for label in counts}):
        # Each bound with all that were no later: a histogram's buckets contain one another, the tallies do not.
        at_most = accumulate(counts.get(f"{subject} {bucket}", 0) for bucket in bounds.values())
        spreads[subject] = list(zip(bounds, at_most, strict=True)), sums.get(subject, 0) / 1000
    return spreads
