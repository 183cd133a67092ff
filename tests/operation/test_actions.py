"""The worker's runs are written down, each in the row of its minute."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from coaching.accounts.models import Person
from coaching.alerts.mutations import owe_refusal
from coaching.catalog.models import Store
from coaching.checks import LEAST_FREE_BYTES
from coaching.db_waits import wait_at_most
from coaching.messages.actions import Outlets
from coaching.notices.models import Notice
from coaching.notices.mutations import enqueue
from coaching.operation.actions import (
    look_after,
    record_broken_loop,
    record_minute,
    run_by_cron,
    run_by_hand,
    send_messages,
)
from coaching.refusals import Refusal
from coaching.rooms.reconciler.state import Counts
from coaching.runtime.models import Run
from coaching.runtime.mutations import add_to_run
from coaching.runtime.queries import BROKEN_LOOP, last_heartbeat, worker_state
from tests import factories
from tests.clocks import at
from tests.factories import GUILD_ID
from tests.fakes import FakeFeeds, FakeHost, FakeMailer
from tests.locking import holding
from tests.sending import SENDER

NOON = datetime(2027, 3, 9, 12, 0, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)
A_WHILE = timedelta(milliseconds=250)

pytestmark = pytest.mark.usefixtures("db")


def test_what_a_worker_did_and_what_was_done_by_hand_count_for_their_minute(host: FakeHost) -> None:
    factories.make_coaching_session(starts_at=NOON + timedelta(minutes=10))
    host.fail(Refusal.MISSING_PERMISSION, name="create_channel")

    run_by_hand(host, at(NOON))
    record_minute(Counts(due=3, done=2, failed=1, took=A_WHILE), NOON + SECOND)
    record_minute(Counts(due=1, failed=1, took=A_WHILE), NOON + 30 * SECOND)

    later, first = Run.select().order_by(Run.minute.desc())
    assert first.due == first.done + first.failed > 3
    assert first.failed == 2
    assert (later.due, later.done, later.failed, later.took_ms) == (1, 0, 1, 250)
    assert last_heartbeat("worker") == NOON + 30 * SECOND


@pytest.mark.parametrize(
    "run",
    [
        lambda host: run_by_hand(host, at(NOON)),
        lambda host: run_by_cron(Outlets(None, host), SENDER, LEAST_FREE_BYTES, at(NOON), FakeFeeds()),
        lambda host: record_minute(Counts(), NOON),
    ],
)
def test_a_minute_is_listed_whatever_was_due_in_it(host: FakeHost, run: Callable[[FakeHost], object]) -> None:
    run(host)

    assert counted() == (0, 0, 0)
    assert Run.get().took_ms is not None


def test_a_loop_that_broke_is_trouble_at_once_and_for_minutes() -> None:
    record_minute(Counts(), NOON)
    assert worker_state(NOON).is_fine

    record_broken_loop(NOON)

    assert worker_state(NOON).broke_at == NOON
    assert not worker_state(NOON + timedelta(minutes=2)).is_fine
    assert worker_state(NOON + timedelta(minutes=3, seconds=1)).broke_at is None


def test_a_mail_about_a_refusal_goes_with_those_that_wait(alice: Person) -> None:
    factories.make_store(alice)
    owe_refusal(None, GUILD_ID, Refusal.GUILD_FULL, at(NOON))
    enqueue("a link", "reset", "bob@example.com", "Your link", "Here it is.", NOON)
    mailer = FakeMailer()

    send_messages(Outlets(mailer, FakeHost()), SENDER, at(NOON))
    assert sorted(mail["To"] for mail in mailer.sent) == sorted([alice.email, "bob@example.com"])


def test_a_chore_that_breaks_keeps_no_other_from_being_done(
    host: FakeHost, alice: Person, caplog: pytest.LogCaptureFixture
) -> None:
    store = factories.make_store(alice, guild_verified_at=NOON - timedelta(days=2))
    add_to_run(NOON - timedelta(days=15), due=0, done=0, failed=0, took=A_WHILE)
    host.fail(ValueError("Discord's answer is odd"), name="get_guild")

    look_after(host, LEAST_FREE_BYTES, at(NOON))

    assert not Run.select().exists()
    assert "chore broke" in caplog.text
    assert Store.get(Store.id == store.id).guild_verified_at


def test_admins_hear_once_a_day_of_a_disk_that_fills_up(host: FakeHost, alice: Person) -> None:
    admin = factories.make_person("Ada", is_admin=True)
    for free, days in ((LEAST_FREE_BYTES, 0), (LEAST_FREE_BYTES - 1, 0), (1, 0), (1, 1)):
        now = NOON + timedelta(days=days)
        look_after(host, free, at(now))

    notices = list(Notice.select())
    assert [notice.person_id for notice in notices] == [admin.id] * 2
    assert "What to do:\n\n/admin\n" in notices[0].body


def counted() -> tuple[int, int, int]:
    run = Run.get()
    return run.due, run.done, run.failed


def test_a_broken_loop_that_cannot_be_written_down_breaks_nothing_else(database_url: str) -> None:
    wait_at_most(20)
    with holding(database_url):
        record_broken_loop(NOON)

    assert last_heartbeat(BROKEN_LOOP) is None
