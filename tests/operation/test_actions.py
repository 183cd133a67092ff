"""The clockwork's runs are written down, each in the row of its minute."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from coaching.accounts.models import Person
from coaching.catalog.models import Store
from coaching.db import wait_at_most
from coaching.notices.models import Notice
from coaching.notices.mutations import enqueue
from coaching.operation.actions import deliver_mail, look_after, run_between, run_by_cron, run_by_hand, run_minute
from coaching.operation.checks import LEAST_FREE_BYTES
from coaching.operation.models import Run
from coaching.operation.mutations import add_to_run, claim_run, record_run
from coaching.refusals import Refusal
from coaching.rooms.models import Alert
from tests import factories
from tests.factories import GUILD_ID
from tests.fakes import FakeHost, FakeMailer
from tests.locking import holding

SITE = "https://green.example"
NOON = datetime(2027, 3, 9, 12, 0, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)
A_WHILE = timedelta(milliseconds=250)

pytestmark = pytest.mark.usefixtures("db")


def test_what_is_done_at_an_exact_time_counts_for_its_minute(host: FakeHost) -> None:
    run_minute(host, NOON, NOON)
    assert counted() == (0, 0, 0)

    factories.make_coaching_session(starts_at=NOON + timedelta(minutes=10))
    run_between(host, NOON + SECOND, NOON + SECOND)

    due, done, failed = counted()
    assert due == done > 0
    assert failed == 0


def test_failures_between_the_minutes_are_seen(host: FakeHost) -> None:
    factories.make_coaching_session(starts_at=NOON + timedelta(minutes=10))
    host.fail(Refusal.MISSING_PERMISSION, name="create_channel")

    run_between(host, NOON, NOON)

    assert counted()[2] == 1


def test_a_run_that_found_nothing_to_do_between_the_minutes_writes_nothing(host: FakeHost) -> None:
    run_between(host, NOON, NOON)

    assert not Run.select().exists()


@pytest.mark.parametrize(
    "run",
    [
        lambda host: run_by_hand(host, NOON, NOON),
        lambda host: run_by_cron(host, None, SITE, LEAST_FREE_BYTES, NOON, NOON),
        lambda host: run_minute(host, NOON, NOON),
    ],
)
def test_a_run_that_somebody_asked_for_is_listed_whatever_it_found(
    host: FakeHost, run: Callable[[FakeHost], object]
) -> None:
    run(host)

    assert counted() == (0, 0, 0)
    assert Run.get().took_ms is not None


def test_a_run_before_the_minutes_own_takes_nothing_away_from_it(host: FakeHost) -> None:
    run_by_hand(host, NOON, NOON)

    assert run_minute(host, NOON + SECOND, NOON + SECOND) is not None
    assert run_minute(host, NOON + SECOND, NOON + SECOND) is None
    assert Run.select().count() == 1


def test_runs_of_one_minute_are_added_up() -> None:
    run = claim_run(NOON)
    assert run is not None
    record_run(run, due=3, done=2, failed=1, took=A_WHILE)
    add_to_run(NOON + SECOND, due=2, done=2, failed=0, took=A_WHILE)
    add_to_run(NOON + 30 * SECOND, due=1, done=0, failed=1, took=A_WHILE)

    later, first = Run.select().order_by(Run.minute.desc())
    assert (first.due, first.done, first.failed, first.took_ms) == (5, 4, 1, 500)
    assert (later.due, later.done, later.failed, later.took_ms) == (1, 0, 1, 250)


def test_a_run_that_never_ends_is_seen_whatever_else_ran_in_its_minute() -> None:
    claim_run(NOON)
    add_to_run(NOON + SECOND, due=2, done=2, failed=0, took=A_WHILE)

    assert Run.get().took_ms is None


def test_a_run_that_never_ends_is_seen_after_another_of_its_minute_that_did() -> None:
    add_to_run(NOON, due=2, done=2, failed=0, took=A_WHILE)
    run = claim_run(NOON + SECOND)
    assert run is not None
    assert Run.get().took_ms is None

    record_run(run, due=3, done=3, failed=0, took=A_WHILE)
    assert (Run.get().due, Run.get().took_ms) == (5, 250)


def test_a_clock_that_was_put_back_stops_no_run() -> None:
    assert claim_run(NOON + timedelta(days=365)) is not None
    assert claim_run(NOON) is not None
    assert claim_run(NOON) is None


def test_a_mail_that_waits_goes_before_one_about_a_refusal_is_written(alice: Person) -> None:
    # By a version that knows more refusals than this one.
    Alert.create(discord_guild_id=GUILD_ID, kind="not known here", noticed_at=NOON)
    factories.make_store(alice)
    Alert.create(discord_guild_id=GUILD_ID, kind=Refusal.GUILD_FULL, noticed_at=NOON)
    enqueue("a link", "reset", "bob@example.com", "Your link", "Here it is.", NOON)
    mailer = FakeMailer()

    deliver_mail(mailer, SITE, NOON)
    assert [mail["To"] for mail in mailer.sent] == ["bob@example.com"]

    deliver_mail(mailer, SITE, NOON + timedelta(minutes=1))
    assert [mail["To"] for mail in mailer.sent[1:]] == [alice.email]
    assert Alert.get().kind == "not known here"


def test_a_chore_that_breaks_keeps_no_other_from_being_done(
    host: FakeHost, alice: Person, caplog: pytest.LogCaptureFixture
) -> None:
    store = factories.make_store(alice, guild_proved_at=NOON - timedelta(days=2))
    add_to_run(NOON - timedelta(days=15), due=0, done=0, failed=0, took=A_WHILE)
    host.fail(ValueError("Discord's answer is odd"), name="get_guild")

    look_after(host, SITE, LEAST_FREE_BYTES, NOON, NOON)

    assert not Run.select().exists()
    assert "chore broke" in caplog.text
    assert Store.get(Store.id == store.id).guild_proved_at


def test_admins_hear_once_a_day_of_a_disk_that_fills_up(host: FakeHost, alice: Person) -> None:
    admin = factories.make_person("Ada", is_admin=True)
    for free, days in ((LEAST_FREE_BYTES, 0), (LEAST_FREE_BYTES - 1, 0), (1, 0), (1, 1)):
        now = NOON + timedelta(days=days)
        look_after(host, SITE, free, now, now)

    letters = list(Notice.select())
    assert [letter.recipient for letter in letters] == [admin.email] * 2
    assert f"What to do:\n\n{SITE}/admin\n" in letters[0].body


def counted() -> tuple[int, int, int]:
    run = Run.get()
    return run.due, run.done, run.failed


def test_a_minute_that_cannot_be_written_down_has_its_run_all_the_same(host: FakeHost, database_url: str) -> None:
    wait_at_most(20)
    with holding(database_url):
        report = run_minute(host, NOON, NOON)

    assert report is not None
    assert Run.select().count() == 0
