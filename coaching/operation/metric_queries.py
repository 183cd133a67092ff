"""Reads for whoever watches the site by its figures: counted when asked, so that every process tells the same."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

from peewee import Expression, Field, fn

from coaching.call_budget import pace as budget
from coaching.call_budget.queries import Standing, standing
from coaching.db import rows
from coaching.notices.models import STATES, Notice
from coaching.notices.queries import oldest_due
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


def metrics(machine_now: datetime, product_now: datetime) -> Metrics:
    """The figures as they are now; what is stuck in payments goes by the product's clock."""
    tick = Run.select().order_by(Run.minute.desc()).first()
    took_ms = tick.took_ms if tick else None
    messages = _messages()
    return Metrics(
        rooms=_counted(Room.state, RoomState, Room.kind == RoomKind.SESSION),
        rooms_in_trouble=count_troubled_rooms(),
        places_in_trouble=count_troubled_places(),
        steps=_tallied(STEPS, 2),
        lateness=_lateness(),
        calls=_tallied(budget.CALLS, 3),
        requests=_tallied(HTTP, 3),
        durations=_durations(),
        budget=standing(machine_now),
        notices=dict.fromkeys(STATES, 0) | _by_state(messages),
        messages=messages,
        oldest_waits=machine_now - (oldest_due(machine_now) or machine_now),
        last_tick_at=tick.started_at if tick else None,
        last_tick_took=None if took_ms is None else timedelta(milliseconds=took_ms),
        money=dict.fromkeys(map(str, MoneyKind), 0)
        | Counter(str(one.kind) for one in money_troubles(None, product_now)),
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


def _lateness() -> dict[str, Lateness]:
    late, sums = counted(LATE), counted(LATE_SUM)
    states = sorted({label.rpartition(" ")[0] for label in late})
    return {state: Lateness(_at_most(state, late), sums.get(state, 0) / 1000) for state in states}


def _durations() -> dict[str, Lateness]:
    counts, sums = counted(HTTP_SECONDS), counted(HTTP_MS)
    routes = sorted({label.rpartition(" ")[0] for label in counts})
    return {
        route: Lateness(
            dict(zip(EVERY_BUCKET, accumulate(counts.get(f"{route} {one}", 0) for one in EVERY_BUCKET), strict=True)),
            sums.get(route, 0) / 1000,
        )
        for route in routes
    }


def _at_most(state: str, late: dict[str, int]) -> dict[str, int]:
    """Each bound with all that were no later: a histogram's buckets contain one another, the tallies do not."""
    counts = (late.get(f"{state} {bucket}", 0) for bucket in BUCKETS)
    # Prometheus writes its numbers with a point.
    bounds = (bucket if bucket == LATER else f"{bucket}.0" for bucket in BUCKETS)
    return dict(zip(bounds, accumulate(counts), strict=True))


def _counted(column: Field, known: Iterable[str], which: Expression | bool = True) -> dict[str, int]:
    """How many rows, or such rows, have each value, the known ones of which there is none included."""
    model = column.model
    counts = rows(model.select(column, fn.COUNT(model.id)).where(which).group_by(column))
    return {str(value): 0 for value in known} | {str(value): count for value, count in counts}
