"""Times in what a check says: by the clock of whoever reads it, in UTC on the command line."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from flask import Flask
from flask.testing import FlaskClient

from coaching.accounts.models import Person
from coaching.alerts.mutations import warn_admins
from coaching.checks import backup_check, bad
from coaching.diagnostics.mutations import record_diagnosis
from coaching.notices.models import Notice
from coaching.remedies import instant, with_times
from coaching.runtime.mutations import record_heartbeat
from tests import factories
from tests.clocks import at

Browser = Callable[[Person | None], FlaskClient]
NOON = datetime(2024, 3, 12, 12, 0, tzinfo=UTC)  # long ago by any clock
BY_ADMINS_CLOCK = '<time datetime="2024-03-12T12:00:00Z" title="Tue 12 Mar, 12:00 UTC">Tue 12 Mar, 17:30</time>'


def test_an_admin_reads_them_by_their_own_clock(browser_of: Browser) -> None:
    admin = browser_of(factories.make_person("Ada", is_admin=True, zone="Asia/Kolkata"))
    record_heartbeat("worker", NOON)
    record_diagnosis(None, [bad("Server", f"<i>It</i> broke on {instant(NOON)}.", "Mend it.")], at(NOON))
    for path, before in (
        ("/admin", "has not run since"),  # the check of this moment
        ("/admin", "It found one thing to mend on"),
        ("/admin/rooms", "has not run since"),  # what stands on every page
        ("/admin/doctor", "&lt;i&gt;It&lt;/i&gt; broke on"),  # what was written down
    ):
        assert f"{before} {BY_ADMINS_CLOCK}." in admin.get(path).text, (path, before)


def test_a_coach_reads_them_in_their_zone(browser_of: Browser, alice: Person) -> None:
    store = factories.make_store(alice, slug="nova")
    record_diagnosis(store, [bad("Worker", f"It has not run since {instant(NOON)}.", "Mend it.")], at(NOON))
    page = browser_of(alice).get("/store/nova/server-check").text
    assert "It has not run since Tue 12 Mar, 13:00, Berlin (UTC+1)." in page


def test_the_command_line_reads_them_in_utc(app: Flask) -> None:
    record_heartbeat("worker", NOON)
    for options in ([], ["--json"]):
        output = app.test_cli_runner().invoke(args=["doctor", *options]).output
        assert "has not run since 2024-03-12 12:00 UTC." in output
        assert "12:00:00Z" not in output


def test_an_admin_who_is_written_to_reads_them_by_their_clock(db: None) -> None:
    factories.make_person("Ada", is_admin=True, zone="Asia/Kolkata")
    warn_admins([backup_check(None, NOON, NOON + timedelta(hours=1))], NOON)
    assert "failed on Tuesday 12 March 2024, 17:30 (Asia/Kolkata)." in Notice.get().body


def test_what_only_looks_like_a_time_stays() -> None:
    for name in ("`2027-02-31T12:00:00Z`", "`9999-12-31T23:59:59Z`", "`flask doctor`"):
        assert with_times(name, lambda at: "never") == name
