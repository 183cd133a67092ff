"""Reads for whoever watches the site by its figures: counted when asked, so that every process tells the same."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

from peewee import Expression, Field, fn

from coaching.call_budget import pace as budget
from coaching.call_budget.queries import Standing, standing
from coaching.db import rows
from coaching.notices.models import STATES, Notice
from coaching.notices.queries import oldest_due
from coaching.now import Now
from coaching.operation.http_tallies import EVERY_BUCKET, HTTP, HTTP_MS, HTTP_SECONDS
from coaching.payments.trouble_queries import Kind as MoneyKind
from coaching.payments.trouble_queries import money_troubles
from coaching.rooms.models import Room
from coaching.rooms.planning.case import RoomKind, RoomState
from coaching.rooms.planning.lateness import BUCKETS, LATE, LATE_SUM, LATER, STEPS
from coaching.rooms.views.queries import count_troubled_places, count_troubled_rooms
from coaching.runtime.models import Run
from coaching.runtime.queries import BACKUP, WORKER, last_heartbeat
from coaching.tallies.queries import counted

# Prometheus writes its numbers with a point.
LATE_BOUNDS = {bucket if bucket == LATER else f"{bucket}.0": bucket for bucket in BUCKETS}


@dataclass(frozen=True)
class Lateness:
    """How late, or how long: how many by at most so many seconds, and all of it together."""

    at_most: dict[str, int]
    seconds: float


@dataclass(frozen=True)
class Metrics:
    """How much there is of what, and when something last happened by the machine's clock."""

    rooms: dict[str, int]  # of sessions, by state
    rooms_in_trouble: int
    places_in_trouble: int  # categories and shared roles
    steps: dict[tuple[str, ...], int]  # by step and outcome
    lateness: dict[str, Lateness]  # by state
    calls: dict[tuple[str, ...], int]  # by method, route and status
    requests: dict[tuple[str, ...], int]  # by route, method and status
    durations: dict[str, Lateness]  # by route
    budget: Standing
    notices: dict[str, int]  # by state
    messages: dict[tuple[str, ...], int]  # by kind, channel and outcome
    oldest_waits: timedelta  # the message that has waited longest of those that could go
    last_tick_at: datetime | None  # of the last minute that had a run, its own or one by hand or by cron
    last_tick_took: timedelta | None  # all runs of that minute together
    money: dict[str, int]  # what needs a hand, by kind
    worker_heard_at: datetime | None
    backup_made_at: datetime | None


def metrics(now: Now) -> Metrics:
    """The figures as they are now."""
    tick = Run.select().order_by(Run.minute.desc()).first()
    took_ms = tick.took_ms if tick else None
    messages = _messages()
    return Metrics(
        rooms=_counted(Room.state, RoomState, Room.kind == RoomKind.SESSION),
        rooms_in_trouble=count_troubled_rooms(),
        places_in_trouble=count_troubled_places(),
        steps=_tallied(STEPS, 2),
        lateness=_histograms(LATE, LATE_SUM, LATE_BOUNDS),
        calls=_tallied(budget.CALLS, 3),
        requests=_tallied(HTTP, 3),
        durations=_histograms(HTTP_SECONDS, HTTP_MS, {one: one for one in EVERY_BUCKET}),
        budget=standing(now.machine),
        notices=dict.fromkeys(STATES, 0) | _by_state(messages),
        messages=messages,
        oldest_waits=now.machine - (oldest_due(now.machine) or now.machine),
        last_tick_at=tick.started_at if tick else None,
        last_tick_took=None if took_ms is None else timedelta(milliseconds=took_ms),
        money=dict.fromkeys(map(str, MoneyKind), 0)
        | Counter(str(trouble.kind) for trouble in money_troubles(None, now.product)),
        worker_heard_at=last_heartbeat(WORKER),
        backup_made_at=last_heartbeat(BACKUP),
    )


def _messages() -> dict[tuple[str, ...], int]:
    """How many there are of each kind, on each channel, in each state; a message without a channel has none yet."""
    columns = (Notice.kind, Notice.channel, Notice.state)
    counts = rows(Notice.select(*columns, fn.COUNT(Notice.id)).group_by(*columns))
    return {(kind, channel or "none", state): count for kind, channel, state, count in counts}


def _by_state(messages: dict[tuple[str, ...], int]) -> Counter[str]:
    found: Counter[str] = Counter()
    for (_, _, state), count in messages.items():
        found[state] += count
    return found


def _tallied(name: str, words: int) -> dict[tuple[str, ...], int]:
    """The tallies of `name` by the words of their labels, of which the first may have spaces."""
    return {tuple(label.rsplit(" ", words - 1)): total for label, total in counted(name).items()}


def _histograms(counts_name: str, sums_name: str, bounds: Mapping[str, str]) -> dict[str, Lateness]:
    """What was tallied under these names, by its bounds as they are shown and the buckets tallied for them."""
    counts, sums = counted(counts_name), counted(sums_name)
    # Each bound with all that were no later: a histogram's buckets contain one another, the tallies do not.
    return {
        subject: Lateness(
            dict(
                zip(bounds, accumulate(counts.get(f"{subject} {bound}", 0) for bound in bounds.values()), strict=True)
            ),
            sums.get(subject, 0) / 1000,
        )
        for subject in sorted({label.rpartition(" ")[0] for label in counts})
    }


def _counted(column: Field, known: Iterable[str], which: Expression | bool = True) -> dict[str, int]:
    """How many rows, or such rows, have each value, the known ones of which there is none included."""
    model = column.model
    counts = rows(model.select(column, fn.COUNT(model.id)).where(which).group_by(column))
    return {str(value): 0 for value in known} | {str(value): count for value, count in counts}
