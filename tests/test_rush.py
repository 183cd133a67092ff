"""A rush through HTTP on a server with two workers: one slot, one session."""

import socket
from datetime import UTC, datetime, timedelta

import pytest

from coaching.booking.models import CoachingSession, Seat
from coaching.booking.slot_queries import free_month
from tests import crowd, factories


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def rush(app, database_url, tmp_path, port):
    """Sends the same booking of many students, or of one, at once."""
    settings = crowd.environment(tmp_path / "data", database_url, port)
    product = factories.make_product()
    month = free_month(product, product.offers.get(), "UTC", datetime.now(UTC) + timedelta(hours=1))
    address = f"http://localhost:{port}/s/{product.store.slug}/{product.slug}/sessions"
    fields = {"offer": str(product.offers.get().id), "starts_at": f"{month.next_free_at:%Y-%m-%dT%H:%M:00Z}"}

    def send(students, form_keys):
        requests = [
            crowd.post_request(app, student, address, fields | {"form_key": key})
            for student, key in zip(students, form_keys, strict=True)
        ]
        with crowd.serving(settings):
            return crowd.send_at_once(port, requests)

    return send


def test_of_twenty_students_one_gets_the_slot_and_the_others_are_told(rush):
    students = [factories.make_person(f"Student {n}", linked_as=str(7000 + n)) for n in range(20)]
    answers = rush(students, [f"form-key-{n}" for n in range(20)])
    assert sorted(answer.status for answer in answers) == [303] + [409] * 19
    assert CoachingSession.select().count() == Seat.select().count() == 1


def test_twenty_clicks_of_one_student_lead_to_one_session(rush, bob):
    answers = rush([bob] * 20, ["the-same-form"] * 20)
    assert {answer.status for answer in answers} == {303}
    assert {answer.location for answer in answers} == {f"/sessions/{CoachingSession.get().code}"}
