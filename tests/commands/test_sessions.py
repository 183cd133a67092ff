"""`flask sessions`: promises that clocks no longer keep."""

from datetime import UTC, datetime

from coaching.booking.models import CoachingSession
from coaching.notices.models import Notice
from tests import factories

NOW = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)
TEN = datetime(2027, 3, 9, 10, 0, tzinfo=UTC)


def test_sessions_at_another_time_of_day_are_listed_told_once_and_then_gone_from_the_list(app, alice, bob, set_clock):
    set_clock(NOW)
    run = app.test_cli_runner().invoke
    product = factories.make_product(coach=alice)
    session = factories.make_coaching_session(product, bob, starts_at=TEN, wall_time="2027-03-09T12:00+02:00")
    listed = run(args=["sessions", "zones"]).output
    assert f"{session.code}  Mixing call with Bob, 2027-03-09 10:00 UTC" in listed
    assert "Alice: promised 2027-03-09T12:00+02:00, now 2027-03-09T11:00+01:00 in Europe/Berlin" in listed
    assert "Nobody has been told" in listed
    assert Notice.select().count() == 0
    assert "1 of 1 told to both sides." in run(args=["sessions", "zones", "--tell"]).output
    assert Notice.select().count() == 2
    assert "Every session to come is at the time of day" in run(args=["sessions", "zones", "--tell"]).output
    assert Notice.select().count() == 2


def test_a_lost_zone_is_renamed_by_hand(app, alice, bob, set_clock):
    set_clock(NOW)
    run = app.test_cli_runner().invoke
    product = factories.make_product(coach=alice)
    factories.make_coaching_session(product, bob, starts_at=TEN, wall_time="2027-03-09T11:00+01:00", zone="Old/Berlin")
    assert "flask sessions rename-zone Old/Berlin NEW" in run(args=["sessions", "zones", "--tell"]).output
    assert Notice.select().count() == 0
    refused = run(args=["sessions", "rename-zone", "Old/Berlin", "Nowhere"])
    assert (refused.exit_code, "No zone is called Nowhere" in refused.output) == (1, True)
    unknown = run(args=["sessions", "rename-zone", "Old/Berlim", "Europe/Berlin"])
    assert (unknown.exit_code, "Nothing here is in a zone called Old/Berlim" in unknown.output) == (1, True)
    renamed = run(args=["sessions", "rename-zone", "Old/Berlin", "Europe/Berlin"]).output
    assert "Old/Berlin is Europe/Berlin now, in 1 place." in renamed
    assert "Every session to come is at the time of day" in run(args=["sessions", "zones"]).output
    assert CoachingSession.get().zone == "Europe/Berlin"
