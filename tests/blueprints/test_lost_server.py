"""A store whose server is not verified any more: what needs a room is not booked, and everybody concerned reads why."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient

from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession
from coaching.catalog.guild_mutations import record_guild_verification, record_verification_lost
from coaching.catalog.models import Product, Store
from coaching.errors import ServerLost
from coaching.notices.models import Notice
from coaching.operation.mutations import warn_of_lost_servers
from coaching.rooms.models import Room
from tests import factories
from tests.clocks import at

Browser = Callable[..., FlaskClient]
NOW = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)
START = datetime(2027, 3, 9, 8, 0, tzinfo=UTC)
PAGE = "/s/nova/mixing-call"
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _clock(set_clock: Callable[[datetime], None]) -> None:
    set_clock(NOW)


@pytest.fixture
def store(alice: Person) -> Store:
    return factories.make_store(alice, slug="nova", name="Nova")


@pytest.fixture
def product(store: Store) -> Product:
    return factories.make_product(store, slug="mixing-call")


def filled(product: Product) -> dict[str, str]:
    return {
        "form_key": "a-form-key-1",
        "offer": str(product.offers.get().id),
        "starts_at": "2027-03-09T08:00:00Z",
        "goals": "A clear low end",
    }


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_what_needs_a_room_is_not_booked_until_the_server_is_verified_again(
    browser_of: Browser, bob: Person, store: Store, product: Product, headers: dict[str, str]
) -> None:
    browser = browser_of(bob)
    record_verification_lost(store, NOW)
    page = browser.get(PAGE).text
    assert ServerLost.sentence in unescape(page)
    assert "starts_at" not in page
    assert "Cannot be booked right now" in browser.get("/s/nova").text

    # Whoever had the page open reads it where they pressed, and nothing of theirs is lost; also not by another day.
    assert browser.get(f"{PAGE}?day=2027-03-09", headers=HTMX).status_code == 200
    refused = browser.post(f"{PAGE}/sessions", data=filled(product), headers=headers)
    assert refused.status_code == 409
    assert unescape(refused.text).count(f"<b>{ServerLost.sentence}</b>") == 1
    assert "A clear low end" in refused.text
    assert not CoachingSession.select().exists()

    record_guild_verification(store, factories.GUILD_ID, "Nova Studio", NOW)
    page = browser.get(PAGE).text
    assert ServerLost.sentence not in unescape(page)
    assert "A clear low end" in page
    assert browser.post(f"{PAGE}/sessions", data=filled(product), headers=headers).status_code == 303


def test_what_was_booked_before_is_the_same_booking_when_it_is_sent_again(
    browser_of: Browser, bob: Person, store: Store, product: Product
) -> None:
    browser = browser_of(bob)
    first = browser.post(f"{PAGE}/sessions", data=filled(product))
    record_verification_lost(store, NOW)
    assert browser.post(f"{PAGE}/sessions", data=filled(product)).location == first.location


def test_calls_by_phone_need_no_server(browser_of: Browser, bob: Person, store: Store, product: Product) -> None:
    Product.update(session_type="phone").execute()
    record_verification_lost(store, NOW)
    browser = browser_of(bob)
    assert ServerLost.sentence not in unescape(browser.get(PAGE).text)
    sent = filled(product) | {"phone": "+49 30 123456"}
    assert browser.post(f"{PAGE}/sessions", data=sent).status_code == 303
    assert "No room yet" not in browser.get("/dashboard").text


def test_both_of_a_coming_session_read_that_it_gets_no_room(
    browser_of: Browser, alice: Person, bob: Person, store: Store, product: Product, set_clock: Callable[..., None]
) -> None:
    coming = factories.make_coaching_session(product, bob, starts_at=START)
    address = f"/sessions/{coming.code}"
    coach, student = browser_of(alice), browser_of(bob)
    assert "There is no room for this call" not in student.get(address).text
    record_verification_lost(store, NOW)
    for now in (NOW, START - timedelta(minutes=10), START + timedelta(minutes=10)):
        set_clock(now)
        for browser in (coach, student):
            for page in (browser.get(address).text, browser.get(f"{address}/room", headers=HTMX).text):
                assert "There is no room for this call as things are." in page
                assert not any(
                    words in page for words in ("a little late", "still missing", "Room opens in", "being opened")
                )
            assert "No room yet" in browser.get("/dashboard").text
        assert "/store/nova/guild" in coach.get(address).text
        assert "/store/nova/guild" not in student.get(address).text

    set_clock(NOW)
    record_guild_verification(store, factories.GUILD_ID, "Nova Studio", NOW)
    assert "There is no room for this call" not in student.get(address).text
    assert "No room yet" not in student.get("/dashboard").text


def test_whoever_is_about_to_pay_or_to_say_yes_reads_that_there_would_be_no_room(
    browser_of: Browser, alice: Person, bob: Person, store: Store, product: Product
) -> None:
    lacking, wait = "No room can be made for this call as things are.", "you may want to wait for that before you pay"
    until = NOW + timedelta(hours=2)
    held = factories.make_coaching_session(product, bob, starts_at=START, state="held", held_until=until)
    asked = factories.make_coaching_session(
        product, bob, starts_at=START + timedelta(hours=2), state="requested", held_until=until
    )
    coach, student = browser_of(alice), browser_of(bob)

    def read() -> list[tuple[bool, bool, bool]]:
        pages = [
            browser.get(f"/sessions/{coaching_session.code}").text
            for browser in (student, coach)
            for coaching_session in (held, asked)
        ]
        return [(lacking in page, wait in page, "/store/nova/guild" in page) for page in pages]

    assert read() == [(False, False, False)] * 4
    record_verification_lost(store, NOW)
    assert read() == [(True, True, False), (True, False, False), (True, False, True), (True, False, True)]


def test_a_room_that_was_made_before_stays(browser_of: Browser, bob: Person, store: Store, product: Product) -> None:
    coming = factories.make_coaching_session(product, bob, starts_at=NOW + timedelta(minutes=20))
    Room.create(
        coaching_session=coming, code="abcdefgh", state="hidden", discord_guild_id=factories.GUILD_ID,
        discord_channel_id="22", created_at=NOW,
    )  # fmt: skip
    record_verification_lost(store, NOW)
    browser = browser_of(bob)
    assert "There is no room for this call" not in browser.get(f"/sessions/{coming.code}").text
    assert "No room yet" not in browser.get("/dashboard").text
    warn_of_lost_servers(at(NOW))
    assert not Notice.select().exists()


def test_the_coach_has_a_mail_a_day_while_sessions_without_a_room_are_to_come(
    bob: Person, alice: Person, store: Store, product: Product
) -> None:
    Person.update(email="alice@example.org", email_verified_at=NOW).where(Person.id == alice.id).execute()
    record_verification_lost(store, NOW)
    warn_of_lost_servers(at(NOW))
    assert not Notice.select().exists()

    for days in (8, 9):
        factories.make_coaching_session(product, bob, starts_at=NOW + timedelta(days=days))
    for hours in (0, 1, 2, 30):
        warn_of_lost_servers(at(NOW, NOW + timedelta(hours=hours)))
    first, _ = Notice.select().order_by(Notice.id)
    assert first.person_id == store.owner_id
    for words in ("“Mixing call” on Tuesday 9 March 2027", "and 1 after it", "\n/store/nova/guild\n"):
        assert words in first.body
    warn_of_lost_servers(at(NOW + timedelta(days=30)))
    assert Notice.select().count() == 2


def test_admins_read_which_store_cannot_open_rooms_and_the_machine_is_fine(
    browser_of: Browser, bob: Person, store: Store, product: Product
) -> None:
    admin = factories.make_person("Ada", is_admin=True)
    factories.make_coaching_session(product, bob, starts_at=START)
    before = browser_of().get("/readyz").status_code
    record_verification_lost(store, NOW)
    page = unescape(browser_of(admin).get("/admin").text)
    assert "Nova (Nova Studio)" in page
    assert "calls that need one cannot be booked. 1 coming session gets none." in page
    assert browser_of().get("/readyz").status_code == before
