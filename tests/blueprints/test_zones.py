"""Which zone a page speaks in: the page one books on, the confirmation and the dashboard name the same one."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from html import unescape

import pytest
from flask.testing import FlaskClient

from coaching.accounts.models import Person
from coaching.catalog.models import Product, Store
from coaching.hours.models import Schedule
from tests import factories

NOW = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)
PAGE = "/s/nova/mixing-call"
NEWCOMER = {"name": "Noor", "email": "noor@example.com", "password": factories.PASSWORD}
TOKYO, NEW_YORK, KOLKATA = "Tokyo (UTC+9)", "New York (UTC−5)", "Kolkata (UTC+5:30)"
UNLISTED = ["EST5EDT", "Etc/GMT+5", "Asia/Calcutta"]
Browser = Callable[..., FlaskClient]


@pytest.fixture(autouse=True)
def _clock(set_clock: Callable[[datetime], None]) -> None:
    set_clock(NOW)


@pytest.fixture
def product(alice: Person) -> Product:
    """A call by phone: it needs no Discord."""
    store = factories.make_store(alice, slug="nova", zone="Europe/Berlin")
    made: Product = factories.make_product(store, slug="mixing-call", session_type="phone")
    return made


@pytest.fixture
def newcomer(db: None) -> Person:
    """A person who never said a zone."""
    person: Person = factories.make_person("Robin", zone=None)
    return person


def summary(browser: FlaskClient) -> str:
    """What stands around the button that books."""
    summary = browser.get(PAGE).text.partition('id="booking"')[2]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", summary)).split())


def sign_in(browser: FlaskClient, person: Person, back: str = PAGE, zone: str = "") -> None:
    data = {"email": person.email, "password": factories.PASSWORD, "zone": zone}
    assert browser.post("/sign-in", query_string={"next": back}, data=data).status_code == 303


def sign_up(browser: FlaskClient, back: str = PAGE, zone: str = "") -> None:
    assert browser.post("/sign-up", query_string={"next": back}, data=NEWCOMER | {"zone": zone}).status_code == 303


def shown_zone(browser: FlaskClient, address: str = PAGE) -> str:
    """The zone that a product's page names."""
    named = re.search(r"Times in ([^.,<]+)", browser.get(address).text)
    assert named
    return named[1]


def book(browser: FlaskClient, product: Product, address: str = PAGE) -> str:
    """Book the first time as the page's form is drawn; the session's address."""
    page = browser.get(address).text
    fields = dict(
        re.findall(r'<input type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"[^>]*form="booking-form"', page)
    )
    fields |= {"form_key": "a-form-key-1", "offer": str(product.offers.get().id), "phone": "+49 30 1234567"}
    starts_at = re.search(r'name="starts_at"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="starts_at"', page)
    assert starts_at
    answer = browser.post(PAGE + "/sessions", data=fields | {"starts_at": starts_at[1] or starts_at[2]})
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def assert_one_zone(browser: FlaskClient, product: Product, label: str, address: str = PAGE) -> None:
    """The page booked on, the confirmation, the dashboard and the page afterwards speak in one zone."""
    assert shown_zone(browser, address) == label
    session = book(browser, product, address)
    assert f", {label}</p>" in browser.get(session).text
    assert f"Times in {label}." in browser.get("/dashboard").text
    assert shown_zone(browser) == label


def test_a_newcomer_who_signs_up_keeps_the_zone_of_the_page(client: FlaskClient, product: Product) -> None:
    sign_up(client, PAGE + "?zone=America/New_York#booking", zone="America/New_York")
    assert_one_zone(client, product, NEW_YORK)


def test_without_scripts_the_zone_of_the_page_one_comes_from_is_ones_own(client: FlaskClient, product: Product) -> None:
    sign_up(client, PAGE + "?day=2027-03-09&zone=America%2FNew_York#booking")
    assert_one_zone(client, product, NEW_YORK)


def test_what_a_visitor_chose_wins_over_address_and_browser(client: FlaskClient, product: Product) -> None:
    client.post("/zone", data={"zone": "Asia/Tokyo", "next": PAGE})
    assert shown_zone(client, PAGE + "?zone=America/New_York") == TOKYO
    sign_up(client, PAGE + "?zone=America/New_York", zone="Europe/Paris")
    assert_one_zone(client, product, TOKYO)


def test_what_a_visitor_chose_goes_with_whoever_signs_in_next(
    client: FlaskClient, product: Product, bob: Person
) -> None:
    client.post("/zone", data={"zone": "Asia/Tokyo", "next": PAGE})
    sign_in(client, bob)
    assert_one_zone(client, product, TOKYO)
    client.post("/sign-out")
    assert shown_zone(client) == "Berlin (UTC+1)"


def test_the_browsers_zone_changes_nobodys_own(client: FlaskClient, product: Product, bob: Person) -> None:
    sign_in(client, bob, PAGE + "?zone=America/New_York", zone="Asia/Tokyo")
    assert_one_zone(client, product, "Berlin (UTC+1)", PAGE + "?zone=America/New_York")


def test_who_has_no_zone_and_signs_in_keeps_that_of_the_page(
    client: FlaskClient, product: Product, newcomer: Person
) -> None:
    sign_in(client, newcomer, PAGE + "?zone=Asia/Tokyo")
    assert_one_zone(client, product, TOKYO)


def test_a_zone_in_the_address_somebody_came_by_does_not_win_over_the_one_the_page_was_drawn_anew_in(
    client: FlaskClient, product: Product
) -> None:
    """Scripts draw the times of a shared link in the browser's own zone; the way back is still the link's."""
    sign_up(client, PAGE + "?zone=America/New_York", zone="Asia/Tokyo")
    assert_one_zone(client, product, TOKYO)


def test_who_signs_in_in_place_of_another_does_not_get_that_ones_zone(
    browser_of: Browser, bob: Person, newcomer: Person
) -> None:
    browser = browser_of(bob)
    sign_in(browser, newcomer)
    assert Person.get_by_id(newcomer.id).zone is None


@pytest.mark.parametrize(
    ("address", "label"),
    [(PAGE, "Berlin (UTC+1)"), (PAGE + "?zone=Asia/Calcutta", KOLKATA), (PAGE + "?zone=Mars/Base", "Berlin (UTC+1)")],
)
def test_who_has_no_zone_and_books_keeps_that_of_the_page(
    browser_of: Browser, product: Product, newcomer: Person, address: str, label: str
) -> None:
    # The coach's clock is a third one.
    Schedule.update(zone="Australia/Sydney").execute()
    assert_one_zone(browser_of(newcomer), product, label, address)


def test_a_link_of_somebody_elsewhere_does_not_change_a_persons_zone(
    browser_of: Browser, product: Product, bob: Person
) -> None:
    assert_one_zone(browser_of(bob), product, "Berlin (UTC+1)", PAGE + "?zone=America/New_York")
    assert "zone=America" not in browser_of(bob).get(PAGE + "?zone=America/New_York").text


def test_a_creator_without_a_zone_keeps_that_of_the_store(browser_of: Browser, newcomer: Person) -> None:
    form = {
        "name": "Late",
        "slug": "late",
        "currency": "EUR",
        "zone": "Asia/Tokyo",
        "hue": "3",
        "form_key": "abcdefgh23",
    }
    assert browser_of(newcomer).post("/stores/new", data=form).status_code == 303
    assert Person.get_by_id(newcomer.id).zone == "Asia/Tokyo"


def test_a_time_chosen_on_another_clock_says_so_at_the_button(
    browser_of: Browser, product: Product, bob: Person
) -> None:
    bob.zone = "America/New_York"
    bob.save()
    visitor = browser_of(None)
    wanted = {"offer": str(product.offers.get().id), "phone": "+49 30 1234567", "form_key": "a-form-key-1"}
    wanted |= {"starts_at": "2027-03-09T14:00:00Z", "zone": "Asia/Kolkata"}
    visitor.post(PAGE + "/sessions", data=wanted)
    sign_in(visitor, bob)
    sentences = summary(visitor)
    assert "You chose Tue 9 Mar, 19:30, Kolkata time. Your account shows New York time: the same moment." in sentences
    assert "Tue 9 March, 09:00 €49 · 1 h · New York time" in sentences

    visitor.post(PAGE + "/sessions", data=wanted | {"zone": "America/New_York", "phone": "none"})
    assert "You chose" not in summary(visitor)


# --- A zone that nobody knows


def test_a_zone_asked_for_in_vain_is_not_asked_for_again(client: FlaskClient, product: Product) -> None:
    page = client.get(PAGE + "?zone=Etc/Unknown")
    assert "Times in Berlin (UTC+1), the zone of" in page.text
    assert "data-zone-form" not in page.text
    assert "Change zone" in page.text
    assert 'value="Asia/Tokyo"' in client.get(PAGE + "?zone=Etc/Unknown&zones=all").text


def test_a_link_of_somebody_elsewhere_may_be_drawn_anew_for_a_visitor(client: FlaskClient, product: Product) -> None:
    assert 'data-zone-form="America/New_York"' in client.get(PAGE + "?zone=America/New_York").text
    client.post("/zone", data={"zone": "Asia/Tokyo", "next": PAGE})
    assert "data-zone-form" not in client.get(PAGE + "?zone=America/New_York").text


# --- Forms


def selected(page: str) -> dict[str, str]:
    """The chosen option of each list of zones, by the field's name: value and label."""
    lists = re.findall(r"<select[^>]*data-zones[^>]*>.*?</select>", page, re.DOTALL)
    texts = {}
    for drawn in lists:
        name = re.search(r'name="([^"]+)"', drawn)
        option = re.search(r'<option[^>]* selected[^>]*value="([^"]*)"[^>]*>([^<]*)', drawn)
        assert name
        assert option
        texts[name[1]] = f"{option[1]} {unescape(option[2])}"
    return texts


@pytest.mark.parametrize("zone", UNLISTED)
def test_saving_ones_settings_keeps_a_zone_that_no_list_shows(browser_of: Browser, zone: str) -> None:
    person = factories.make_person("Robin", zone=zone)
    browser = browser_of(person)
    zone_text = selected(browser.get("/settings").text)["zone"]
    assert zone_text.split()[0] == zone
    browser.post("/settings/profile", data={"name": "Robin", "zone": zone_text.split()[0]})
    assert Person.get_by_id(person.id).zone == zone


@pytest.mark.parametrize("zone", UNLISTED)
def test_saving_a_store_or_its_hours_keeps_a_zone_that_no_list_shows(
    browser_of: Browser, alice: Person, product: Product, zone: str
) -> None:
    Store.update(zone=zone).execute()
    Schedule.update(zone=zone).execute()
    for address in ("/store/nova/settings", f"/products/{product.code}/availability"):
        assert selected(browser_of(alice).get(address).text)["zone"].split()[0] == zone, address
    form = {"name": "Nova", "currency": "EUR", "zone": zone, "hue": "3"}
    assert browser_of(alice).post("/store/nova/settings", data=form).status_code == 303
    assert Store.get().zone == zone


def test_the_chooser_shows_an_unlisted_zone_as_the_present_one(client: FlaskClient, product: Product) -> None:
    page = client.get(PAGE + "?zones=all&zone=Asia/Calcutta").text
    assert selected(page)["zone"] == "Asia/Calcutta Kolkata (UTC+5:30)"
    assert '<optgroup label="Europe">' in page
    assert re.search(r'<option[^>]*value="UTC">UTC<', page)


def test_who_has_no_zone_is_given_none_by_saving_a_name(browser_of: Browser, newcomer: Person) -> None:
    browser = browser_of(newcomer)
    assert selected(browser.get("/settings").text)["zone"] == " Choose a time zone"
    browser.post("/settings/profile", data={"name": "Robin Reed", "zone": ""})
    kept = Person.get_by_id(newcomer.id)
    assert (kept.name, kept.zone) == ("Robin Reed", None)


def test_an_empty_list_takes_nobodys_zone_away(browser_of: Browser, bob: Person) -> None:
    browser_of(bob).post("/settings/profile", data={"name": "Bob", "zone": ""})
    assert Person.get_by_id(bob.id).zone == "Europe/Berlin"


def test_two_names_of_one_zone_are_not_told_apart_on_a_session(browser_of: Browser, alice: Person) -> None:
    product = factories.make_product(factories.make_store(alice))
    student = factories.make_person("Robin", zone="Asia/Calcutta")
    session = factories.make_coaching_session(product, student, starts_at=NOW, zone="Asia/Kolkata")
    page = browser_of(student).get(f"/sessions/{session.code}").text
    assert KOLKATA in page
    assert "For Alice" not in page
