"""The site's figures for Prometheus, for admins and for whoever carries the cron secret."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from flask import Response, abort, current_app, request
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import choose_encoder

import clock
from blueprints.operation.bearer import is_bearer_of, refuse_bearer
from blueprints.operation.blueprint import blueprint
from blueprints.signed_in import current_person
from coaching.operation.metric_queries import Lateness, Metrics, metrics


@blueprint.get("/metrics", endpoint="metrics")
def show_metrics() -> Response:
    """The figures, read from the database now."""
    if refusal := _refusal():
        return refusal
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    now = clock.both()
    figures = Figures(metrics(now), current_app.extensions["queue_depth"](), now.machine)
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

    def __init__(self, known: Metrics, queue_depth: int | None, now: datetime) -> None:
        self._known, self._queue_depth, self._now = known, queue_depth, now

    def collect(self) -> Iterable[Metric]:
        """What is told; a figure that is not known is left out."""
        known = self._known
        yield _by(GaugeMetricFamily("greenroom_rooms", "Rooms of sessions", labels=["state"]), known.rooms)
        yield GaugeMetricFamily("greenroom_rooms_in_trouble", "Rooms whose last step failed", known.rooms_in_trouble)
        yield GaugeMetricFamily(
            "greenroom_places_in_trouble",
            "Categories and shared roles whose last step failed: rooms that need them wait",
            known.places_in_trouble,
        )
        steps = CounterMetricFamily("greenroom_room_steps", "Steps of rooms", labels=["step", "outcome"])
        yield _by(steps, known.steps)
        yield _histogram(
            "greenroom_room_lateness_seconds",
            "How long after it was due a room came to a state",
            "state",
            known.lateness,
        )
        labels = ["method", "route", "status"]
        yield _by(CounterMetricFamily("greenroom_discord_calls", "Calls to Discord", labels=labels), known.calls)
        labels = ["route", "method", "status"]
        yield _by(CounterMetricFamily("greenroom_http_requests", "Requests", labels=labels), known.requests)
        yield _histogram("greenroom_http_request_duration_seconds", "How long requests took", "route", known.durations)
        build = GaugeMetricFamily("greenroom_build_info", "Which Greenroom this is", labels=["version"])
        yield _by(build, {current_app.config["VERSION"]: 1})
        yield _by(GaugeMetricFamily("greenroom_notices", "Outbox", labels=["state"]), known.notices)
        labels = ["kind", "channel", "outcome"]
        kept = "Messages of the last 180 days, by what became of them"
        yield _by(GaugeMetricFamily("greenroom_messages", kept, labels=labels), known.messages)
        needs = "Payments and refunds that need a hand"
        yield _by(GaugeMetricFamily("greenroom_money_in_trouble", needs, labels=["kind"]), known.money)
        yield from self._gauges()

    def _gauges(self) -> Iterator[Metric]:
        known = self._known
        age = (self._now - known.worker_heard_at).total_seconds() if known.worker_heard_at else None
        figures = {
            "greenroom_queue_depth": ("Tasks that wait in the queue", self._queue_depth),
            "greenroom_last_tick_timestamp_seconds": (
                "When the last minute's runs started, those by hand or by cron included",
                known.last_tick_at.timestamp() if known.last_tick_at else None,
            ),
            "greenroom_last_tick_duration_seconds": (
                "How long the last minute's runs took together, those by hand or by cron included",
                known.last_tick_took.total_seconds() if known.last_tick_took is not None else None,
            ),
            "greenroom_worker_heartbeat_age_seconds": ("Since when the worker was not heard of", age),
            "greenroom_backup_timestamp_seconds": (
                "When the last nightly backup was made",
                known.backup_made_at.timestamp() if known.backup_made_at else None,
            ),
            "greenroom_messages_oldest_waiting_seconds": (
                "How long the oldest message has waited that could go",
                max(0.0, known.oldest_waits.total_seconds()),
            ),
            "greenroom_call_queue_seconds": (
                "How far the queue for Discord reaches",
                known.budget.queue.total_seconds(),
            ),
            "greenroom_calls_held_seconds": ("How long no call may go at all", known.budget.held_for.total_seconds()),
            "greenroom_refused_calls": (
                "Answers within ten minutes that count towards a ban by Discord, which comes at 10,000",
                known.budget.refused,
            ),
        }
        for name, (meaning, value) in figures.items():
            if value is not None:
                yield GaugeMetricFamily(name, meaning, value)


def _histogram(name: str, meaning: str, label: str, known: Mapping[str, Lateness]) -> Metric:
    histogram = HistogramMetricFamily(name, meaning, labels=[label])
    for value, spread in known.items():
        histogram.add_metric([value], list(spread.at_most.items()), spread.seconds)
    return histogram


def _by(
    family: GaugeMetricFamily | CounterMetricFamily, counts: Mapping[str, int] | Mapping[tuple[str, ...], int]
) -> Metric:
    for labels, count in counts.items():
        family.add_metric([labels] if isinstance(labels, str) else labels, count)
    return family
