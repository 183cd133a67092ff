"""/metrics: who may read it, and what it tells."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from coaching.accounts.models import Person
from coaching.call_budget.mutations import record_answer
from coaching.call_permits import CallAnswer, CallPermit
from coaching.notices.models import Notice
from coaching.operation.actions import run_by_hand
from coaching.refusals import Refusal
from coaching.rooms.models import Room
from coaching.runtime.mutations import record_heartbeat
from coaching.tallies.mutations import count
from tests import factories
from tests.clocks import at
from tests.fakes import FakeHost

Browser = Callable[[Person | None], FlaskClient]
WITH_SECRET = {"Authorization": "Bearer cron secret for tests only"}


def test_an_admin_reads_it_and_so_does_the_bearer_of_the_secret(client: FlaskClient, browser_of: Browser) -> None:
    admin = browser_of(factories.make_person("Admin", is_admin=True))

    assert admin.get("/metrics").status_code == 200
    assert client.get("/metrics", headers=WITH_SECRET).status_code == 200


@pytest.mark.parametrize("given", ["", "Bearer wrong", "Basic cron secret for tests only", "Bearer ünlesbar"])
def test_a_wrong_secret_is_refused(client: FlaskClient, given: str) -> None:
    answer = client.get("/metrics", headers={"Authorization": given})

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_to_others_and_without_a_secret_there_is_no_such_page(
    app: Flask, client: FlaskClient, browser_of: Browser, alice: Person
) -> None:
    assert browser_of(alice).get("/metrics").status_code == 404

    object.__setattr__(app.extensions["settings"], "cron_secret", None)

    assert client.get("/metrics", headers=WITH_SECRET).status_code == 404


def test_before_anything_happened_what_is_not_known_is_left_out(client: FlaskClient) -> None:
    samples = figures(client)

    assert samples["greenroom_rooms", "open"] == 0
    assert samples["greenroom_refused_calls", None] == samples["greenroom_call_queue_seconds", None] == 0
    assert not [name for name, _ in samples if "steps" in name or "late" in name or "discord" in name]
    assert samples["greenroom_notices", "waiting"] == 0
    assert samples["greenroom_queue_depth", None] == 0
    assert not [name for name, _ in samples if "tick" in name or "heartbeat" in name]


def test_it_tells_of_rooms_mails_ticks_and_the_worker(app: Flask, client: FlaskClient, host: FakeHost) -> None:
    now = datetime.now(UTC)
    app.extensions["queue_depth"] = lambda: 3
    for minutes in (5, 100):
        factories.make_coaching_session(starts_at=now + timedelta(minutes=minutes))
    factories.make_coaching_session(starts_at=now + timedelta(minutes=5))
    host.fail(Refusal.MISSING_PERMISSION, name="create_channel")
    run_by_hand(host, at(now))
    record_heartbeat("worker", now - timedelta(seconds=50))
    notified_at = {"made_at": now, "due_at": now}
    Notice.create(key="1", kind="reset", recipient="a@example.com", subject="", body="", state="failed", **notified_at)

    samples = figures(client)

    assert (samples["greenroom_rooms", "open"], samples["greenroom_rooms", "absent"]) == (1, 1)
    assert samples["greenroom_rooms_in_trouble", None] == 1
    assert samples["greenroom_notices", "failed"] == 1
    assert samples["greenroom_queue_depth", None] == 3
    assert samples["greenroom_last_tick_timestamp_seconds", None] == pytest.approx(now.timestamp(), abs=1)
    assert samples["greenroom_last_tick_duration_seconds", None] >= 0
    assert 50 <= samples["greenroom_worker_heartbeat_age_seconds", None] < 80


def test_messages_are_told_by_kind_channel_and_outcome_with_the_age_of_the_oldest(client: FlaskClient) -> None:
    now = datetime.now(UTC)
    assert figures(client)["greenroom_messages_oldest_waiting_seconds", None] == 0
    for number, (kind, channel, state, age) in enumerate(
        [
            ("reminder", "mail", "sent", 9000),
            ("reminder", "discord", "sent", 9000),
            ("reminder", "discord", "sent", 9000),
            ("booked", "", "held", 8000),
            ("booked", "mail", "waiting", 500),
            ("booked", "mail", "waiting", 100),
        ]
    ):
        made = {"made_at": now - timedelta(seconds=age), "subject": "", "body": ""}
        Notice.create(key=str(number), kind=kind, channel=channel, state=state, **made)
    # Until the end of somebody's quiet hours.
    Notice.create(key="quiet", kind="booked", made_at=now - timedelta(days=1), due_at=now + timedelta(hours=1))

    samples = figures(client)

    assert samples["greenroom_messages", "mail reminder sent"] == 1
    assert samples["greenroom_messages", "discord reminder sent"] == 2
    assert samples["greenroom_messages", "none booked held"] == 1
    assert (samples["greenroom_notices", "sent"], samples["greenroom_notices", "held"]) == (3, 1)
    assert 500 <= samples["greenroom_messages_oldest_waiting_seconds", None] < 530


def test_categories_and_shared_roles_are_no_rooms(client: FlaskClient) -> None:
    made = {"discord_guild_id": factories.GUILD_ID, "created_at": datetime.now(UTC), "state": "hidden"}
    for number, (kind, last_error) in enumerate((("category", None), ("shared", Refusal.ROLES_FULL))):
        Room.create(code=str(number), kind=kind, last_error=last_error, **made)

    samples = figures(client)

    assert (samples["greenroom_rooms", "hidden"], samples["greenroom_rooms_in_trouble", None]) == (0, 0)
    assert samples["greenroom_places_in_trouble", None] == 1


def test_a_queue_that_does_not_answer_has_no_depth(app: Flask, client: FlaskClient) -> None:
    app.extensions["queue_depth"] = lambda: None

    assert ("greenroom_queue_depth", None) not in figures(client)


def test_steps_are_told_by_kind_and_outcome(client: FlaskClient) -> None:
    count("steps", "make done", by=3)
    count("steps", "set access failed")

    samples = figures(client)

    assert samples["greenroom_room_steps_total", "done make"] == 3
    assert samples["greenroom_room_steps_total", "failed set access"] == 1


def test_calls_are_told_by_method_route_and_status(client: FlaskClient) -> None:
    now = datetime.now(UTC)
    turn = take_turn(now)
    record_answer("PATCH", "/channels/1200", turn, CallAnswer(403), now)
    record_answer("PATCH", "/channels/1201", turn, CallAnswer(None), now)

    samples = figures(client)

    assert samples["greenroom_discord_calls_total", "PATCH /channels/{id} 403"] == 1
    assert samples["greenroom_discord_calls_total", "PATCH /channels/{id} none"] == 1
    assert samples["greenroom_refused_calls", None] == 1


def test_a_block_by_discord_shows(client: FlaskClient) -> None:
    now = datetime.now(UTC)
    blocked = CallAnswer(429, refused_for=timedelta(seconds=600), is_global=True)
    record_answer("PATCH", "/channels/1200", take_turn(now), blocked, now)

    assert 500 < figures(client)["greenroom_calls_held_seconds", None] <= 600


def test_lateness_is_a_histogram_whose_buckets_contain_one_another(client: FlaskClient) -> None:
    for late, number in (("open 1", 5), ("open 5", 2), ("open +Inf", 1), ("removed 2", 4)):
        count("late", late, by=number)
    count("late_sum", "open", by=2_012_500)

    samples, name = figures(client), "greenroom_room_lateness_seconds"

    buckets = {
        seconds: samples[f"{name}_bucket", f"{seconds} open"] for seconds in ("1.0", "2.0", "5.0", "1800.0", "+Inf")
    }
    assert buckets == {"1.0": 5, "2.0": 5, "5.0": 7, "1800.0": 7, "+Inf": 8}
    assert (samples[f"{name}_count", "open"], samples[f"{name}_sum", "open"]) == (8, 2012.5)
    assert (samples[f"{name}_bucket", "1.0 removed"], samples[f"{name}_count", "removed"]) == (0, 4)
    assert samples[f"{name}_sum", "removed"] == 0


@pytest.mark.parametrize(("late", "at_most"), [(12, "30.0"), (400, "1800.0"), (2000, "+Inf")])
def test_a_room_that_comes_late_is_told_by_how_much(
    client: FlaskClient, host: FakeHost, late: int, at_most: str
) -> None:
    opens_at = datetime.now(UTC) + timedelta(days=1)
    # A quarter of an hour before it starts, as the default timing has it.
    factories.make_coaching_session(starts_at=opens_at + timedelta(minutes=15))
    run_by_hand(host, at(opens_at + timedelta(seconds=late), datetime.now(UTC)))

    samples, name = figures(client), "greenroom_room_lateness_seconds"

    bounds = ("1.0", "2.0", "5.0", "10.0", "30.0", "60.0", "300.0", "1800.0", "+Inf")
    counts = {bound: samples[f"{name}_bucket", f"{bound} open"] for bound in bounds}
    assert counts == {bound: int(bounds.index(bound) >= bounds.index(at_most)) for bound in bounds}
    assert samples[f"{name}_sum", "open"] >= late
    assert samples["greenroom_room_steps_total", "done make"] >= 1


def take_turn(now: datetime) -> CallPermit:
    return CallPermit(now, is_reserved=True)


def figures(client: FlaskClient) -> dict[tuple[str, str | None], float]:
    """What is told, by name and labels in the order of their names."""
    text = client.get("/metrics", headers=WITH_SECRET).text
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {
        (sample.name, " ".join(value for _, value in sorted(sample.labels.items())) or None): sample.value
        for sample in samples
    }
