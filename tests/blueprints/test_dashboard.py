"""The dashboard: what comes next for coach and student, and what needs a hand."""

import logging
import re
from datetime import UTC, datetime, timedelta

import pytest

from coaching.accounts.models import DiscordLink
from coaching.booking.models import CoachingSession, Invitation, Seat
from coaching.checks import Check, State
from coaching.diagnostics.mutations import record_diagnosis
from coaching.payments.models import Refund
from coaching.rooms.models import Room
from tests import factories
from tests.clocks import at

NOW = datetime(2027, 3, 8, 9, 0, tzinfo=UTC)
HOSTILE = "<script>alert('x')</script>\"'>&"


@pytest.fixture(autouse=True)
def _clock(set_clock):
    set_clock(NOW)


@pytest.fixture
def product(alice):
    return factories.make_product(factories.make_store(alice, slug="nova"), slug="mixing-call")


def test_a_visitor_is_asked_to_sign_in(client):
    answer = client.get("/dashboard")
    assert answer.status_code in (302, 303)
    assert "/sign-in" in answer.location


def test_who_has_nothing_yet_is_told_what_next(browser_of, mallory):
    page = browser_of(mallory).get("/dashboard").text
    assert "No sessions yet" in page
    assert "Open a store" in page
    assert "Sessions you give" not in page


def test_students_see_their_own_sessions_only(browser_of, product, bob, mallory):
    mine = factories.make_coaching_session(product, bob, starts_at=NOW + timedelta(days=1))
    other = factories.make_coaching_session(product, mallory, starts_at=NOW + timedelta(days=2))
    page = browser_of(bob).get("/dashboard").text
    assert mine.code in page
    assert other.code not in page
    assert "with Alice" in page


def test_coaches_see_who_comes_in_their_own_zone(browser_of, product, alice, bob):
    factories.make_coaching_session(product, bob, starts_at=NOW + timedelta(days=1))
    page = browser_of(alice).get("/dashboard").text
    assert "10:00, 1 h, with Bob" in page
    assert "To be paid" in page
    assert "Nova Studio" in page


def test_one_person_can_be_both(browser_of, product, alice):
    for days in (1, 2):
        factories.make_coaching_session(factories.make_product(), alice, starts_at=NOW + timedelta(days=days))
    page = browser_of(alice).get("/dashboard").text
    assert "Sessions you give" in page
    assert "which you take" in page
    assert "Later sessions you take" in page


def test_today_stands_first_then_the_week_then_what_is_later(browser_of, product, alice, bob, mallory):
    for hours, student in ((3, bob), (6, mallory), (26, bob), (24 * 9, mallory)):
        factories.make_coaching_session(product, student, starts_at=NOW + timedelta(hours=hours))
    page = browser_of(alice).get("/dashboard").text
    order = ["<h1>Monday 8 March</h1>", ">Today</h2>", "13:00, 1 h, with Bob", "16:00, 1 h, with Mallory"]
    order += ["The next seven days</h2>", ">Later sessions you give</h2>", "12:00, 1 h, with Bob", ">Your store</h2>"]
    places = [page.index(heading) for heading in order]
    assert places == sorted(places)
    said = re.findall(r'aria-label="([^"]+ March,[^"]+)"', page)
    assert said[:2] == ["Today, Monday 8 March, 2 calls: 13:00, 16:00", "Tuesday 9 March, 1 call: 12:00"]
    assert said[2:] == [f"{day} March, no calls" for day in week_from("Wednesday 10")]
    for day in ("2027-03-08", "2027-03-09"):
        assert page.count(f'href="#day-{day}"') == page.count(f'id="day-{day}"') == 1
    assert "#day-2027-03-17" not in page
    # Without a call today the next one stands first.
    type(bob).update(zone="Pacific/Auckland").where(type(bob).id == mallory.id).execute()
    later = browser_of(mallory).get("/dashboard").text
    assert ">Next</h2>" in later
    assert "04:00, 1 h, with Alice" in later


def week_from(first):
    names = ("Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    return [f"{name} {int(first.rpartition(' ')[2]) + count}" for count, name in enumerate(names)]


def test_a_student_is_told_what_is_to_be_paid_until_it_is(browser_of, product, bob):
    booked = factories.make_coaching_session(product, bob, starts_at=NOW + timedelta(days=3))
    browser = browser_of(bob)
    page = browser.get("/dashboard").text
    assert "Pay Alice €49" in page
    assert f'href="/sessions/{booked.code}#payment"' in page
    Seat.update(paid_at=NOW).execute()
    assert "Pay Alice" not in browser.get("/dashboard").text


def test_what_was_not_paid_is_told_to_its_student_after_the_call_too(browser_of, product, bob):
    over = factories.make_coaching_session(product, bob, starts_at=NOW - timedelta(days=1), state="completed")
    browser, told = browser_of(bob), f'href="/sessions/{over.code}#payment"'
    assert told in browser.get("/dashboard").text
    for differences in ({"state": "no_show", "absent": "coach"}, {"state": "cancelled", "ended_by": "coach"}):
        CoachingSession.update(differences).execute()
        assert told not in browser.get("/dashboard").text, differences
    CoachingSession.update(state="no_show", absent="student").execute()
    assert told in browser.get("/dashboard").text
    browser.post(f"/sessions/{over.code}/payment-notice")
    assert told not in browser.get("/dashboard").text


@pytest.mark.parametrize(
    ("differences", "said_paid_at", "label"),
    [
        ({"state": "completed"}, None, "To be paid"),
        ({"state": "completed"}, NOW, "Payment to confirm"),
        ({"state": "no_show", "absent": "student"}, None, "To be paid"),
        ({"state": "no_show", "absent": "coach"}, None, None),
        ({"state": "no_show", "absent": "coach"}, NOW, None),
        ({"state": "cancelled", "ended_by": "student"}, NOW, None),
    ],
)
def test_what_is_open_of_the_price_reads_the_same_on_every_page(
    browser_of, product, alice, bob, differences, said_paid_at, label
):
    over = factories.make_coaching_session(product, bob, starts_at=NOW - timedelta(days=1), **differences)
    Seat.update(said_paid_at=said_paid_at).execute()
    for person in (alice, bob):
        for path in ("/dashboard", f"/sessions/{over.code}"):
            page = browser_of(person).get(path).text
            assert [words for words in ("To be paid", "Payment to confirm") if f"{words}<" in page] == (
                [label] if label else []
            ), (person.name, path)
    is_asked_for = "Bob has not paid yet" in browser_of(alice).get("/dashboard").text
    assert is_asked_for is (label == "To be paid")
    student = browser_of(alice).get(f"/students/{bob.id}").text
    assert ("€49 to be" in student) is (label is not None)


def test_what_is_over_and_what_was_called_off_lies_under_past(browser_of, product, bob):
    over = factories.make_coaching_session(product, bob, starts_at=NOW - timedelta(days=1))
    factories.make_coaching_session(
        product, bob, starts_at=NOW + timedelta(days=1), state="cancelled", ended_by="coach"
    )
    page = browser_of(bob).get("/dashboard").text
    assert "Nothing booked" in page
    past = page.partition("Past sessions")[2]
    assert over.code in past
    assert "Cancelled by Alice" in past


def test_a_coach_whose_sessions_are_all_past_is_not_told_that_nobody_booked(browser_of, product, alice, bob):
    coach = browser_of(alice)
    assert "Nobody has booked yet" in coach.get("/dashboard").text
    factories.make_coaching_session(product, bob, starts_at=NOW - timedelta(days=1))
    page = coach.get("/dashboard").text
    assert "Nobody has booked yet" not in page
    assert "Nothing is to come" in page


# --- What needs a hand


def test_all_well_needs_no_hand(browser_of, product, alice):
    assert "notice warn" not in browser_of(alice).get("/dashboard").text


@pytest.mark.parametrize(
    ("mode", "subject"),
    [("members", "The room for “Mixing call” is"), ("shared_role", "The way into “Mixing call” is")],
)
def test_a_failing_room_is_shown_with_its_remedy(browser_of, product, alice, bob, mode, subject):
    coaching_session = factories.make_coaching_session(product, bob, starts_at=NOW + timedelta(minutes=20))
    Room.create(
        coaching_session=coaching_session,
        code="abc",
        mode=mode,
        discord_guild_id=factories.GUILD_ID,
        last_error="missing_permission",
        attempts=3,
        created_at=NOW,
    )
    page = browser_of(alice).get("/dashboard").text
    assert f"{subject} not as it should be" in page
    assert f"/sessions/{coaching_session.code}" in page


def test_a_coach_without_discord_is_told(browser_of, product, alice):
    DiscordLink.delete().where(DiscordLink.person == alice).execute()
    assert "Connect your Discord account" in browser_of(alice).get("/dashboard").text


def test_a_store_without_a_verified_server_is_named(browser_of, alice):
    factories.make_store(alice, slug="bare", name="Bare", guild=None, guild_verified_at=None)
    assert "Connect a Discord server to Bare" in browser_of(alice).get("/dashboard").text


def test_a_payment_is_asked_about_only_once_the_session_has_begun(browser_of, product, alice, bob, set_clock):
    factories.make_coaching_session(product, bob, starts_at=NOW + timedelta(hours=1))
    assert "has not paid yet" not in browser_of(alice).get("/dashboard").text
    set_clock(NOW + timedelta(hours=1, minutes=1))
    assert "Bob has not paid yet" in browser_of(alice).get("/dashboard").text
    Seat.update(paid_at=NOW).execute()
    assert "has not paid yet" not in browser_of(alice).get("/dashboard").text


def test_money_for_what_was_called_off_needs_a_hand_until_it_is_given_back(browser_of, product, alice, bob):
    called_off = factories.make_coaching_session(product, bob, starts_at=NOW + timedelta(hours=5))
    Seat.update(paid_at=NOW - timedelta(hours=1), payment="outside", price_cents=4900).execute()
    coach = browser_of(alice)
    assert "Give Bob" not in coach.get("/dashboard").text
    coach.post(f"/sessions/{called_off.code}/cancellation")
    assert "Give Bob €49 back" in coach.get("/dashboard").text
    assert "I have sent it" in coach.get(f"/sessions/{called_off.code}").text
    coach.post(f"/sessions/{called_off.code}/refunds/{Refund.get().id}", data={"how": "by_hand"})
    assert "Give Bob" not in coach.get("/dashboard").text
    # What the student called off too late the coach may keep.
    late = factories.make_coaching_session(product, bob, starts_at=NOW + timedelta(hours=7))
    Seat.update(paid_at=NOW, refund_tiers="1440:100").where(Seat.coaching_session == late).execute()
    browser_of(bob).post(f"/sessions/{late.code}/cancellation")
    assert "Give Bob" not in coach.get("/dashboard").text


def test_times_that_are_kept_for_students_stand_in_the_week(browser_of, product, alice, bob):
    factories.make_coaching_session(product, bob, starts_at=NOW + timedelta(hours=3))
    for hours in (5, 29):
        kept = factories.make_coaching_session(
            product, starts_at=NOW + timedelta(hours=hours), state="held", held_until=NOW + timedelta(hours=4)
        )
        Seat.delete().where(Seat.coaching_session == kept).execute()
        Invitation.create(coaching_session=kept, token_sha256=kept.code, price_cents=0, made_at=NOW)
    page = browser_of(alice).get("/dashboard").text
    said = re.findall(r'aria-label="([^"]+ March,[^"]+)"', page)
    assert said[:2] == [
        "Today, Monday 8 March, 1 call and 1 kept: 13:00, 15:00",
        "Tuesday 9 March, no calls and 1 kept: 15:00",
    ]
    assert page.count('href="#kept-times"') == page.count('id="kept-times"') == 1


def test_what_people_typed_is_never_markup(browser_of, alice):
    store = factories.make_store(alice, name=HOSTILE, guild=None, guild_verified_at=None)
    product = factories.make_product(store, title=HOSTILE)
    factories.make_coaching_session(product, factories.make_person(HOSTILE), starts_at=NOW + timedelta(days=1))
    factories.make_coaching_session(product, factories.make_person(HOSTILE), starts_at=NOW - timedelta(days=1))
    assert "<script>alert" not in browser_of(alice).get("/dashboard").text


def test_the_page_takes_as_many_queries_for_many_sessions_as_for_one(browser_of, product, alice, bob, caplog):
    def reads():
        caplog.clear()
        with caplog.at_level(logging.DEBUG, logger="peewee"):
            browser_of(alice).get("/dashboard")
        return sum("SELECT" in record.getMessage() for record in caplog.records)

    factories.make_coaching_session(product, bob, starts_at=NOW + timedelta(days=1))
    before = reads()
    for days in range(2, 8):
        factories.make_coaching_session(product, bob, starts_at=NOW + timedelta(days=days))
    assert reads() == before
    assert before <= 24


def test_a_server_too_full_for_what_comes_needs_a_hand_before_it_comes(browser_of, product, alice, mallory):
    full = Check("Rooms", State.BAD, "Up to 8 more rooms stand at once.", "Delete at least 3 channels.")
    record_diagnosis(product.store.guild, [full, Check("Roles", State.OK, "All is well.")], at(NOW))
    factories.make_store(mallory, guild_verified_at=None)
    page = browser_of(alice).get("/dashboard").text
    assert "The Discord server of Nova Studio may not be ready for the next sessions" in page
    assert "Up to 8 more rooms stand at once. Delete at least 3 channels." in page
    assert 'href="/store/nova/server-check"' in page
    assert "All is well" not in page
    assert "may not be ready" not in browser_of(mallory).get("/dashboard").text


def test_a_shared_role_that_fails_needs_a_hand(browser_of, product, alice):
    store = product.store
    shared_role = {"kind": "shared", "store": store, "code": "abc"}
    Room.create(**shared_role, discord_guild_id=factories.GUILD_ID, last_error="roles_full", created_at=NOW)
    coach = browser_of(alice)
    assert "limit of 250 roles" not in coach.get("/dashboard").text
    store.access_mode = "shared_role"
    store.save()
    page = coach.get("/dashboard").text
    assert "The role that lets people into the channels of Nova Studio is not as it should be" in page
    assert "Your server has reached Discord&#39;s limit of 250 roles." in page
    assert "/store/nova/server-check" in page
    Room.update(last_error=None).execute()
    assert "not as it should be" not in coach.get("/dashboard").text
