"""What was typed comes back: every way in, from every place that needs one, with scripts and without."""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from coaching.accounts.models import DiscordLink, Person, SignIn
from coaching.booking.models import Answer, CoachingSession, Seat
from coaching.catalog.models import Product, Question, Store
from coaching.errors import ServerLost
from coaching.notices.models import Notice
from coaching.rate_limits.models import RateCount
from tests import factories
from tests.factories import PASSWORD
from tests.fakes import FakeConsent, FakeHost
from tests.pages import PageForm, form_to, forms_of

# The same few statements a hundred times.
pytestmark = pytest.mark.one_database
WIDE = pytest.mark.wide

# A Monday morning; the factories' coach works every day from 9 to 17 in Berlin.
NOW = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)
STARTS_AT = "2027-03-09T08:00:00Z"
PAGE = "/s/nova/mixing-call"
BOOK = "/s/nova/mixing-call/sessions"
SITE = "http://localhost:8000"
NEWCOMER, KNOWN = "1100000000000000777", "1100000000000000778"
NEW_PASSWORD = "another good password"

Browser = Callable[..., FlaskClient]


@dataclass
class Visit:
    """A browser with or without scripts: what it shows, and what it sends."""

    client: FlaskClient
    discord: FakeConsent
    scripts: bool
    page_address: str = "/"
    text: str = ""

    def go(self, address: str) -> str:
        """The page at `address`, past redirects."""
        answer = self.client.get(address.partition("#")[0])
        while answer.status_code in (302, 303):
            address = answer.location
            answer = self.client.get(address.partition("#")[0])
        assert answer.status_code == 200, (address, answer.status_code)
        self.page_address, self.text = address.partition("#")[0], answer.text
        return self.text

    def send(self, action: str, fields: dict[str, str]) -> Any:
        """The answer to a form; where it leads to another page, that page is shown."""
        page = {"HX-Request": "true", "HX-Current-URL": SITE + self.page_address} if self.scripts else {}
        answer = self.client.post(action, data=fields, headers={"Referer": SITE + self.page_address} | page)
        address = answer.headers.get("HX-Redirect") or answer.headers.get("Location")
        if address and address.startswith("/"):
            self.go(address)
        elif not address:
            self.text = answer.text
            if not self.scripts:
                self.page_address = action.partition("?")[0]
        return answer

    def submit(self, form: PageForm, **typed: str) -> Any:
        return self.send(form.action, form.fields | typed)

    def link(self, path: str) -> str:
        """Where the link of the page's main part to this path leads."""
        return html.unescape(re.findall(rf'href="({path}[^"]*)"', self.text)[-1])

    def consent(self, answer: Any, refuses: bool = False) -> None:
        """The trip that has just begun ends."""
        address = answer.headers.get("HX-Redirect") or answer.headers["Location"]
        back = self.discord.come_back(self.client, address, refuses)
        if back.status_code == 303:
            self.go(back.location)
        else:
            self.text = back.text


@pytest.fixture(autouse=True)
def _clock(set_clock):
    set_clock(NOW)


@pytest.fixture
def discord(app: Flask) -> FakeConsent:
    consent = FakeConsent(NEWCOMER)
    consent.stand_in(app)
    return consent


@pytest.fixture
def product(alice: Person) -> Product:
    made = factories.make_product(factories.make_store(alice, slug="nova"), slug="mixing-call")
    Question.create(product=made, kind="text", label="Link to your track", is_required=True, position=0)
    return made


@pytest.fixture
def kim(db: None) -> Person:
    """A student with a password and a Discord account, in the store's guild."""
    return factories.make_person("Kim", linked_as=KNOWN)


@pytest.fixture(params=["scripts", "plain"])
def visit(request: pytest.FixtureRequest, client: FlaskClient, discord: FakeConsent) -> Visit:
    return Visit(client, discord, request.param == "scripts")


def typed_into(product: Product) -> dict[str, str]:
    return {
        "starts_at": STARTS_AT,
        "goals": "A clear low end,\nplease",
        f"answer_{product.questions.get().id}": "https://example.com/track",
    }


def assert_kept(visit: Visit, product: Product) -> PageForm:
    """The page shown is the product's, with everything typed in it, and so it is when it is loaded again."""
    assert visit.page_address.partition("?")[0] == PAGE
    for text in (visit.text, visit.client.get(visit.page_address).text):
        form = form_to(text, BOOK)
        assert {name: form.fields.get(name) for name in typed_into(product)} == typed_into(product)
    return form


# The ways in, each from the sign-in page that is shown.


def sign_in(visit: Visit) -> None:
    visit.submit(form_to(visit.text, "/sign-in"), email=Person.get(Person.name == "Kim").email, password=PASSWORD)


def sign_in_at_last(visit: Visit) -> None:
    visit.submit(form_to(visit.text, "/sign-in"), email="nobody@example.com", password="wrong password")
    sign_in(visit)


def sign_up(visit: Visit) -> None:
    visit.go(visit.link("/sign-up"))
    fields = {"name": "Lee", "email": "lee@example.com", "password": PASSWORD, "zone": "Asia/Tokyo"}
    visit.submit(form_to(visit.text, "/sign-up"), **fields)


def new_by_discord(visit: Visit) -> None:
    visit.consent(visit.submit(form_to(visit.text, "/discord/sign-in"), zone="Asia/Tokyo"))
    assert Person.select().order_by(Person.id.desc()).get().zone == "Asia/Tokyo"


def known_by_discord(visit: Visit) -> None:
    visit.discord.account = KNOWN
    visit.consent(visit.submit(form_to(visit.text, "/discord/sign-in"), zone="Asia/Tokyo"))


def refused_and_again(visit: Visit) -> None:
    visit.consent(visit.submit(form_to(visit.text, "/discord/sign-in"), zone="Asia/Tokyo"), refuses=True)
    visit.consent(visit.submit(form_to(visit.text, "/discord/sign-in")))
    assert Person.select().order_by(Person.id.desc()).get().zone == "Asia/Tokyo"


def reset_password(visit: Visit) -> None:
    kim = Person.get(Person.name == "Kim")
    visit.go(visit.link("/forgotten-password"))
    visit.submit(form_to(visit.text, "/forgotten-password"), email=kim.email)
    (token,) = re.findall(r"/reset-password/([\w-]+)", Notice.select().order_by(Notice.id.desc()).get().body)
    visit.go(f"/reset-password/{token}")
    visit.submit(form_to(visit.text, f"/reset-password/{token}"), new_password=NEW_PASSWORD)
    visit.submit(form_to(visit.text, "/sign-in"), email=kim.email, password=NEW_PASSWORD)


WAYS = (sign_in, sign_in_at_last, sign_up, new_by_discord, known_by_discord, refused_and_again, reset_password)


@pytest.mark.parametrize("way", WAYS)
def test_a_visitors_booking_comes_back_by_every_way_in(
    visit: Visit, product: Product, kim: Person, way: Callable[[Visit], None]
) -> None:
    visit.go(PAGE)
    visit.submit(form_to(visit.text, BOOK), **typed_into(product))
    assert "What you typed is kept" in visit.text

    way(visit)

    form = assert_kept(visit, product)
    # Another day, by a link: the words stay, the time is that day's to choose.
    other_day = form_to(visit.client.get(f"{PAGE}?day=2027-03-10").text, BOOK)
    assert other_day.fields["goals"] == typed_into(product)["goals"]
    assert "starts_at" not in other_day.fields
    if way in (sign_in, known_by_discord, reset_password):
        visit.submit(form)
        assert visit.page_address.startswith("/sessions/")
        assert form_to(visit.go(PAGE), BOOK).fields["goals"] == ""


@pytest.mark.parametrize("button", ["/discord/sign-in", "/kept-forms"])
def test_the_cards_own_buttons_keep_the_booking(visit: Visit, product: Product, kim: Person, button: str) -> None:
    visit.go(PAGE)
    form = form_to(visit.text, BOOK)
    (action,) = re.findall(rf'formaction="({button}[^"]*)"', visit.text)
    answer = visit.send(html.unescape(action), form.fields | typed_into(product))
    assert answer.status_code == (204 if visit.scripts else 303)  # the button swaps nothing: htmx has to be sent on
    if button == "/discord/sign-in":
        visit.consent(answer)
    else:
        known_by_discord(visit)
    assert_kept(visit, product)


@pytest.mark.parametrize(
    ("sends_first", "is_stale", "refuses"),
    [(False, False, False), (False, True, True), (True, False, True), (True, True, False)],
)
def test_whoever_is_not_connected_finds_everything_after_connecting(
    visit: Visit, product: Product, browser_of: Browser, sends_first: bool, is_stale: bool, refuses: bool
) -> None:
    visit.client = browser_of(factories.make_person("Lee"))
    visit.go(PAGE)
    form = form_to(visit.text, BOOK)
    fields = form.fields | typed_into(product)
    if sends_first:
        assert visit.send(BOOK, fields).status_code == 422
    if is_stale:
        SignIn.update(verified_at=datetime.now(UTC) - timedelta(minutes=11)).execute()
    (action,) = {html.unescape(href) for href in re.findall(r'formaction="(/discord/link[^"]*)"', visit.text)}
    answer = visit.send(action, fields)
    if is_stale:
        visit.submit(form_to(visit.text, "/confirm"), password=PASSWORD)
        assert_kept(visit, product)
        answer = visit.send(action, form_to(visit.text, BOOK).fields)
    if refuses:
        visit.consent(answer, refuses=True)
        answer = visit.submit(form_to(visit.text, "/discord/link"))
    visit.consent(answer)
    form = assert_kept(visit, product)
    visit.submit(form)
    assert visit.page_address.startswith("/sessions/")


def test_a_taken_time_without_scripts_loses_nothing_on_the_way_to_another_day(
    browser_of: Browser, product: Product, kim: Person, discord: FakeConsent
) -> None:
    visit = Visit(browser_of(kim), discord, scripts=False)
    factories.make_coaching_session(product, starts_at=datetime(2027, 3, 9, 8, 0, tzinfo=UTC))
    visit.go(PAGE)
    assert visit.submit(form_to(visit.text, BOOK), **typed_into(product)).status_code == 409
    form = form_to(visit.go(f"{PAGE}?day=2027-03-10"), BOOK)
    assert form.fields["goals"] == typed_into(product)["goals"]
    visit.submit(form, starts_at="2027-03-10T08:00:00Z")
    assert visit.page_address.startswith("/sessions/")


def test_a_link_that_confirms_the_address_leads_on_to_what_was_typed(visit: Visit, product: Product) -> None:
    visit.go(PAGE)
    visit.submit(form_to(visit.text, BOOK), **typed_into(product))
    sign_up(visit)
    (token,) = re.findall(r"/verify-email/([\w-]+)", Notice.get().body)
    visit.go(f"/verify-email/{token}")
    visit.submit(form_to(visit.text, f"/verify-email/{token}"))
    assert_kept(visit, product)


def test_whoever_signs_in_with_no_word_where_to_goes_to_what_they_typed(
    visit: Visit, product: Product, kim: Person
) -> None:
    for way in (sign_in, known_by_discord):
        visit.go(PAGE)
        visit.submit(form_to(visit.text, BOOK), **typed_into(product))
        visit.go("/sign-in")
        way(visit)
        assert_kept(visit, product)
        visit.client.post("/sign-out")


# What belongs to somebody, whose sign-in ended while they typed.


@dataclass(frozen=True)
class Place:
    """A page, the form on it, and one of its fields with what is typed there."""

    page: str
    action: str
    name: str
    value: str


PLACES = {
    "draft": Place("/store/nova/products/coaching-call/create", "", "display_style", "minimal"),
    "checkout": Place("/products/call/checkout", "", "title", "Another title"),
    "availability": Place("/products/call/availability", "", "horizon_days", "77"),
    "options": Place("/products/call/options", "", "pay_text", "In cash"),
    "new store": Place("/stores/new", "", "name", "Second store"),
    "store": Place("/store/nova/settings", "", "name", "Another name"),
    "guild": Place("/store/nova/guild", "/store/nova/guild-verification", "guild_id", "1234567890123456789"),
    "access": Place("/store/nova/guild", "/store/nova/access-mode", "access_mode", "session_role"),
    "name": Place("/settings", "/settings/profile", "name", "Alice Two"),
    "address": Place("/settings", "/settings/email", "email", "two@example.com"),
    "outcome": Place("/sessions/past", "/sessions/past/outcome", "outcome", "student"),
}


@pytest.fixture
def coach(alice: Person, product: Product, bob: Person) -> Person:
    """Alice, whose Discord account is KNOWN; her product and a session that is over have addresses of their own."""
    Product.update(code="call").execute()
    factories.make_coaching_session(product, bob, starts_at=NOW - timedelta(hours=3), code="past", state="completed")
    DiscordLink.update(discord_user_id=KNOWN).where(DiscordLink.person == alice).execute()
    Person.update(name="Kim").where(Person.id == alice.id).execute()  # the name that the ways know
    return alice


@pytest.mark.parametrize(
    ("visit", "way"),
    [
        ("scripts", sign_in),
        *(pytest.param(*each, marks=WIDE) for each in (("plain", sign_in), ("plain", known_by_discord))),
        pytest.param("scripts", reset_password, marks=WIDE),
    ],
    indirect=["visit"],
)
def test_what_a_coach_typed_comes_back_by_every_way_in(
    visit: Visit, coach: Person, browser_of: Browser, way: Callable[[Visit], None]
) -> None:
    for place in PLACES.values():
        visit.client = browser_of(Person.get_by_id(coach.id))
        visit.go(place.page)
        form = form_to(visit.text, place.action or place.page)
        assert form.fields.get(place.name) != place.value
        SignIn.delete().execute()  # ended from elsewhere
        visit.submit(form, **{place.name: place.value})
        assert visit.page_address.startswith("/sign-in"), place

        way(visit)

        assert visit.page_address.partition("?")[0] == place.page
        assert form_to(visit.text, place.action or place.page).fields.get(place.name) == place.value, place
        Person.update(password_hash=factories.PASSWORD_HASH).execute()
        RateCount.delete().execute()  # one mailbox gets five links an hour


# Somebody else in the same browser.


@pytest.mark.parametrize(
    ("visit", "between"),
    [
        ("scripts", "signed in over"),
        *(pytest.param("plain", between, marks=WIDE) for between in ("signed in over", "signed out")),
        ("scripts", "ended elsewhere"),
        pytest.param("plain", "ended elsewhere, then sent", marks=WIDE),
    ],
    indirect=["visit"],
)
def test_nobody_else_in_the_browser_gets_a_coachs_words(
    visit: Visit, coach: Person, browser_of: Browser, between: str
) -> None:
    eve = factories.make_person("Eve")
    before = [list(table.select().dicts()) for table in (Store, Product, CoachingSession)]
    for place in PLACES.values():
        visit.client = browser_of(coach)
        visit.go(place.page)
        form, words = form_to(visit.text, place.action or place.page), {place.name: place.value}
        if between == "signed out":
            visit.client.post("/sign-out")
        elif between != "signed in over":
            SignIn.delete().execute()
        is_sent = between == "ended elsewhere, then sent"
        if is_sent:
            visit.submit(form, **words)
        visit.client.post("/sign-in", data={"email": eve.email, "password": PASSWORD})
        if not is_sent:
            answer = visit.submit(form, **words)
            assert answer.status_code == 409, place
            assert "You are signed in as <b>Eve</b> now" in answer.text
            assert answer.headers["HX-Retarget"] == "#content"
            assert f'id="{answer.headers["HX-Reselect"].removeprefix("#")}"' in answer.text  # not what the form selects
            if between == "signed out":  # the page's own way to the other account loses nothing
                way = f"/sign-out?next={quote(place.page)}"
                assert f'action="{way}"' in answer.text
                visit.client.post(way)

        assert [list(table.select().dicts()) for table in (Store, Product, CoachingSession)] == before
        assert Person.get_by_id(eve.id).name == "Eve"
        seen = [form.fields.get(place.name) for form in forms_of(visit.client.get(place.page).text)]
        assert place.value not in seen, place
        # Its owner finds it all the same.
        visit.client.post("/sign-in", data={"email": coach.email, "password": PASSWORD})
        kept = form_to(visit.client.get(place.page).text, place.action or place.page)
        assert kept.fields[place.name] == place.value, place


def test_a_booking_filled_in_by_one_is_not_booked_by_another(
    visit: Visit, product: Product, bob: Person, kim: Person, browser_of: Browser
) -> None:
    visit.client = browser_of(bob)
    visit.go(PAGE)
    form = form_to(visit.text, BOOK)
    visit.client.post("/sign-in", data={"email": kim.email, "password": PASSWORD})
    answer = visit.submit(form, **typed_into(product))
    assert answer.status_code == 409
    assert Seat.select().count() == Answer.select().count() == 0
    assert "low end" not in visit.client.get(PAGE).text
    assert "low end" not in answer.text
    visit.client.post("/sign-in", data={"email": bob.email, "password": PASSWORD})
    visit.page_address, visit.text = PAGE, visit.client.get(PAGE).text
    assert_kept(visit, product)


def test_a_button_drawn_for_somebody_else_does_nothing(
    product: Product, bob: Person, kim: Person, browser_of: Browser, discord: FakeConsent
) -> None:
    """Bob has a Discord account to lose, too."""
    visit = Visit(browser_of(kim), discord, scripts=False)
    unlinking = form_to(visit.go("/settings/discord"), "/discord/unlink")
    zone = form_to(visit.go(f"{PAGE}?zones=all"), "/zone")
    visit.client.post("/sign-in", data={"email": bob.email, "password": PASSWORD})
    for form, typed in ((unlinking, {}), (zone, {"zone": "Asia/Tokyo"})):
        assert visit.submit(form, **typed).status_code == 409
    assert DiscordLink.select().where(DiscordLink.person.in_([bob, kim])).count() == 2
    assert Person.get_by_id(bob.id).zone == bob.zone


def test_a_form_left_open_over_a_sign_out_is_not_the_next_persons(
    visit: Visit, product: Product, bob: Person, kim: Person, browser_of: Browser
) -> None:
    visit.client = browser_of(bob)
    visit.go(PAGE)
    form = form_to(visit.text, BOOK)
    visit.client.post("/sign-out")
    visit.submit(form, **typed_into(product))
    assert visit.page_address.startswith("/sign-in")
    sign_in(visit)
    assert visit.page_address == PAGE
    assert "low end" not in visit.text
    assert Seat.select().count() == 0


def test_an_empty_form_takes_nobodys_place(
    visit: Visit, product: Product, kim: Person, bob: Person, browser_of: Browser
) -> None:
    """Kim's sign-in ended, her words wait; then somebody signs in from the empty page."""
    visit.client = browser_of(kim)
    visit.go(PAGE)
    form = form_to(visit.text, BOOK)
    SignIn.delete().execute()
    visit.submit(form, **typed_into(product))
    visit.go(PAGE)
    (action,) = re.findall(r'formaction="(/kept-forms[^"]*)"', visit.text)
    visit.send(html.unescape(action), form_to(visit.text, BOOK).fields)
    sign_in(visit)
    assert_kept(visit, product)


def test_what_a_visitor_typed_is_theirs_after_signing_in_elsewhere_in_the_browser(
    visit: Visit, product: Product, kim: Person
) -> None:
    """Two tabs: filled in before the sign-in, sent after it."""
    visit.go(PAGE)
    form = form_to(visit.text, BOOK)
    visit.client.post("/sign-in", data={"email": kim.email, "password": PASSWORD})
    visit.submit(form, **typed_into(product))
    assert visit.page_address.startswith("/sessions/")
    assert Seat.get().student == kim


@pytest.mark.parametrize("way_out", ["signed out", "ended elsewhere", "signed in over"])
def test_what_a_visitor_typed_is_nobodys_once_they_were_somebody(
    visit: Visit, product: Product, bob: Person, kim: Person, way_out: str
) -> None:
    visit.go(PAGE)
    form = form_to(visit.text, BOOK)
    visit.client.post("/sign-in", data={"email": bob.email, "password": PASSWORD})
    if way_out == "signed out":
        visit.client.post("/sign-out")
    elif way_out == "ended elsewhere":
        SignIn.delete().execute()
    if way_out != "signed in over":
        answer = visit.submit(form, **typed_into(product))
        assert answer.status_code == 409
        assert "Nothing was sent" in answer.text
    visit.client.post("/sign-in", data={"email": kim.email, "password": PASSWORD})
    assert visit.submit(form, **typed_into(product)).status_code == 409
    assert Seat.select().count() == 0
    assert "low end" not in visit.client.get(PAGE).text


def test_a_second_sign_out_gives_nobody_an_earlier_visitors_form(
    client: FlaskClient, product: Product, bob: Person, kim: Person, discord: FakeConsent
) -> None:
    visit = Visit(client, discord, scripts=False)
    visit.go(PAGE)
    form = form_to(visit.text, BOOK)
    client.post("/sign-in", data={"email": bob.email, "password": PASSWORD})
    client.post("/sign-out")
    client.post("/sign-out")
    client.post("/sign-in", data={"email": kim.email, "password": PASSWORD})
    assert visit.submit(form, **typed_into(product)).status_code == 409


def test_a_forged_stamp_is_nobodys(client: FlaskClient, product: Product, kim: Person) -> None:
    for stamp in ("", "x", "x" * 5000, "WzEsbnVsbF0.forged", "\0"):
        answer = client.post(BOOK, data=typed_into(product) | {"drawn_for": stamp})
        assert answer.status_code == 409
    client.post("/sign-in", data={"email": kim.email, "password": PASSWORD})
    assert "low end" not in client.get(PAGE).text


def test_a_form_without_a_stamp_is_whoevers_is_signed_in(browser_of: Browser, product: Product, kim: Person) -> None:
    offer = {"offer": str(product.offers.get().id)}
    answer = browser_of(kim).post(BOOK, data=typed_into(product) | offer)
    assert answer.status_code == 303
    assert Seat.get().student == kim


def test_the_cookie_of_an_ended_sign_in_tells_whose_words_came_without_a_stamp(
    client: FlaskClient, product: Product, kim: Person
) -> None:
    client.post("/sign-in", data={"email": kim.email, "password": PASSWORD})
    SignIn.delete().execute()
    offer = {"offer": str(product.offers.get().id)}
    assert client.post(BOOK, data=typed_into(product) | offer).location.startswith("/sign-in")
    eve = factories.make_person("Eve")
    client.post("/sign-in", data={"email": eve.email, "password": PASSWORD})
    assert "low end" not in client.get(PAGE).text
    client.post("/sign-in", data={"email": kim.email, "password": PASSWORD})
    assert "low end" in client.get(PAGE).text


# Which server is joined.


def joined(host: FakeHost) -> list[tuple[str, str]]:
    return [(guild_id, user_id) for name, guild_id, user_id in (c for c in host.calls if c[0] == "add_member")]


@pytest.fixture
def own_server(product: Product) -> Store:
    """The store has a server of its own."""
    store = product.store
    store.guild = factories.make_guild("1100000000000000002", name="Nova’s own")
    store.save()
    return store


@pytest.mark.parametrize("visit", ["plain"], indirect=True)
@pytest.mark.parametrize(
    ("start", "account"),
    [
        ("book", NEWCOMER),
        ("book", KNOWN),
        ("card", KNOWN),
        ("navigation", NEWCOMER),
        ("window", KNOWN),
        ("bare", KNOWN),
    ],
)
def test_from_a_stores_page_the_stores_server_is_named_and_joined(
    visit: Visit, own_server: Store, product: Product, kim: Person, host: FakeHost, start: str, account: str
) -> None:
    factories.make_guild(name="The site’s")
    visit.go("/s/nova" if start == "window" else PAGE)
    if start in ("book", "bare"):
        visit.submit(form_to(visit.text, BOOK), **typed_into(product))
        if start == "bare":
            visit.go("/sign-in")
    elif start == "card":
        (action,) = re.findall(r'formaction="(/kept-forms[^"]*)"', visit.text)
        visit.send(html.unescape(action), form_to(visit.text, BOOK).fields)
    else:
        visit.go(html.unescape(re.findall(r'href="(/sign-in[^"]*)"', visit.text)[0]))
    for page in (visit.text, visit.client.get(visit.link("/sign-up")).text):
        assert "server <b>Nova’s own</b>, where the calls happen" in page
        assert "The site’s" not in page
    visit.discord.account = account
    visit.consent(visit.submit(form_to(visit.text, "/discord/sign-in")))
    assert joined(host) == [("1100000000000000002", account)]
    assert visit.page_address.startswith("/s/nova" if start == "window" else PAGE)


def test_a_links_own_word_for_the_store_does_not_outdo_where_one_is_going(
    client: FlaskClient, own_server: Store, mallory: Person
) -> None:
    factories.make_store(mallory, slug="other", guild=factories.make_guild("1100000000000000003", name="Other"))
    page = client.get(f"/sign-in?next={PAGE}&store=other").text
    assert "Nova’s own" in page
    assert "<b>Other</b>" not in page
    assert "<b>Other</b>" in client.get("/sign-in?next=/settings&store=other").text


def test_without_a_store_nobody_is_told_where_calls_happen(
    client: FlaskClient, discord: FakeConsent, host: FakeHost
) -> None:
    factories.make_guild(name="The site’s")
    visit = Visit(client, discord, scripts=False)
    page = visit.go("/sign-in")
    assert "If you are new here, this also adds you to the server <b>The site’s</b>." in page
    assert "where the calls happen" not in page
    visit.consent(visit.submit(form_to(page, "/discord/sign-in")))
    assert joined(host) == [(factories.GUILD_ID, NEWCOMER)]


def test_a_call_by_phone_offers_and_joins_nothing(
    visit: Visit, own_server: Store, product: Product, host: FakeHost
) -> None:
    product.session_type = "phone"
    product.save()
    visit.go(PAGE)
    assert "discord-card" not in visit.text
    visit.submit(form_to(visit.text, BOOK), **typed_into(product), phone="+49 30 1234567")
    assert "adds you to the server" not in visit.text
    visit.consent(visit.submit(form_to(visit.text, "/discord/sign-in")))
    assert joined(host) == []
    assert form_to(visit.text, BOOK).fields["phone"] == "+49 30 1234567"
    visit.submit(form_to(visit.text, BOOK))
    assert visit.page_address.startswith("/sessions/")


@pytest.mark.parametrize("when", ["before", "on the way"])
def test_nobody_is_added_to_a_server_that_the_store_has_not_verified(
    visit: Visit, own_server: Store, product: Product, host: FakeHost, when: str
) -> None:
    visit.go(PAGE)
    if when == "before":
        Store.update(guild_verified_at=None).execute()
    visit.submit(form_to(visit.text, BOOK), **typed_into(product))
    assert ("adds you to the server" in visit.text) == (when != "before")
    if when == "before":
        assert ServerLost.sentence in html.unescape(visit.text)
        fields = form_to(visit.text, BOOK).fields
        (action,) = re.findall(r'formaction="(/discord/sign-in[^"]*)"', visit.text)
        answer = visit.send(html.unescape(action), fields)
    else:
        answer = visit.submit(form_to(visit.text, "/discord/sign-in"))
    Store.update(guild_verified_at=None).execute()
    visit.consent(answer)
    assert joined(host) == []
    assert_kept(visit, product)
