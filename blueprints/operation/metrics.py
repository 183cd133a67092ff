"""The site's figures for Prometheus, for admins and for whoever carries the cron secret."""

from collections.abc import Iterable, Iterator, Mapping

from flask import Response, abort, current_app, request
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import choose_encoder

import clock
from blueprints.operation.bearer import is_bearer_of, refuse_bearer
from blueprints.operation.blueprint import blueprint
from blueprints.signed_in import current_person
from coaching.call_budget.limiter import CALLS
from coaching.call_budget.queries import Standing, standing
from coaching.now import Now
from coaching.operation import metric_queries as metrics
from coaching.rooms.recording.results import STEPS
from coaching.rooms.views.queries import count_troubled_shared_parts, troubled_rooms
from coaching.runtime.queries import BACKUP, WORKER, last_heartbeat

# By one word or several, one for each label.
Counts = Mapping[str, int] | Mapping[tuple[str, ...], int]


@blueprint.get("/metrics", endpoint="metrics")
def show_metrics() -> Response:
    """The figures, read from the database now."""
    if refusal := _refusal():
        return refusal
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    figures = Figures(current_app.extensions["queue_depth"](), clock.both())
    return Response(encode(figures), content_type=content_type, headers={"Cache-Control": "no-store"})


def _refusal() -> Response | None:
    """None for an admin and for whoever carries the secret; to anybody else who is signed in there is no such page."""
    person, secret = current_person(), current_app.extensions["settings"].cron_secret
    if person and person.is_admin:
        return None
    if person or not secret:
        abort(404)
    return None if is_bearer_of(secret) else refuse_bearer()


class Figures:
    """A collector of its own instead of counters in memory: several processes would each have counted a part."""

    def __init__(self, queue_depth: int | None, now: Now) -> None:
        self._queue_depth, self._now = queue_depth, now

    def collect(self) -> Iterable[Metric]:
        """What is told; a figure that is not known is left out."""
        for family, counts in self._counts():
            for labels, count in counts.items():
                family.add_metric([labels] if isinstance(labels, str) else labels, count)
            yield family
        for name, meaning, label, spreads in (
            (
                "greenroom_room_lateness_seconds",
                "How long after it was due a room came to a state",
                "state",
                metrics.room_lateness(),
            ),
            ("greenroom_http_request_duration_seconds", "How long requests took", "route", metrics.request_durations()),
        ):
            histogram = HistogramMetricFamily(name, meaning, labels=[label])
            for subject, (at_most, seconds) in spreads.items():
                histogram.add_metric([subject], at_most, seconds)
            yield histogram
        for name, meaning, value in self._gauges():
            if value is not None:
                yield GaugeMetricFamily(name, meaning, value)

    def _counts(self) -> Iterator[tuple[GaugeMetricFamily | CounterMetricFamily, Counts]]:
        gauge, counter, messages = GaugeMetricFamily, CounterMetricFamily, metrics.messages_by_outcome()
        yield gauge("greenroom_rooms", "Rooms of sessions", labels=["state"]), metrics.rooms_by_state()
        steps = counter("greenroom_room_steps", "Steps of rooms", labels=["step", "outcome"])
        yield steps, metrics.tallied(STEPS, 2)
        calls = counter("greenroom_discord_calls", "Calls to Discord", labels=["method", "route", "status"])
        yield calls, metrics.tallied(CALLS, 3)
        requests = counter("greenroom_http_requests", "Requests", labels=["route", "method", "status"])
        yield requests, metrics.tallied(metrics.HTTP, 3)
        build = gauge("greenroom_build_info", "Which Greenroom this is", labels=["version"])
        yield build, {current_app.config["VERSION"]: 1}
        yield gauge("greenroom_notices", "Outbox", labels=["state"]), metrics.messages_by_state(messages)
        kept = "Messages of the last 180 days, by what became of them"
        yield gauge("greenroom_messages", kept, labels=["kind", "channel", "outcome"]), messages
        needs = "Payments and refunds that need a hand"
        money = gauge("greenroom_money_in_trouble", needs, labels=["kind"])
        yield money, metrics.money_in_trouble(self._now.product)

    def _gauges(self) -> Iterator[tuple[str, str, float | None]]:
        now, run = self._now.machine, metrics.last_run()
        heard_at, backup_at = last_heartbeat(WORKER), last_heartbeat(BACKUP)
        yield "greenroom_rooms_in_trouble", "Rooms whose last step failed", len(troubled_rooms())
        yield (
            "greenroom_places_in_trouble",
            "Categories and shared roles whose last step failed: rooms that need them wait",
            count_troubled_shared_parts(),
        )
        yield "greenroom_queue_depth", "Tasks that wait in the queue", self._queue_depth
        yield (
            "greenroom_last_tick_timestamp_seconds",
            "When the last minute's runs started, those by hand or by cron included",
            run.started_at.timestamp() if run else None,
        )
        yield (
            "greenroom_last_tick_duration_seconds",
            "How long the last minute's runs took together, those by hand or by cron included",
            run.took_ms / 1000 if run and run.took_ms is not None else None,
        )
        yield (
            "greenroom_worker_heartbeat_age_seconds",
            "Since when the worker was not heard of",
            (now - heard_at).total_seconds() if heard_at else None,
        )
        yield (
            "greenroom_backup_timestamp_seconds",
            "When the last nightly backup was made",
            backup_at.timestamp() if backup_at else None,
        )
        yield (
            "greenroom_messages_oldest_waiting_seconds",
            "How long the oldest message has waited that could go",
            metrics.oldest_wait(self._now).total_seconds(),
        )
        yield from _call_gauges(standing(now))


def _call_gauges(budget: Standing) -> Iterator[tuple[str, str, float | None]]:
    yield "greenroom_call_queue_seconds", "How far the queue for Discord reaches", budget.queue.total_seconds()
    yield "greenroom_calls_held_seconds", "How long no call may go at all", budget.held_for.total_seconds()
    yield (
        "greenroom_refused_calls",
        "Answers within ten minutes that count towards a ban by Discord, which comes at 10,000",
        budget.refused,
    )
