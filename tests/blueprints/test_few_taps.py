"""The way from a link to a booked call: few times, a bar, one line about Discord, and a sign-in page that remembers."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient

from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession
from coaching.catalog.models import Product, Question
from coaching.hours.models import WeeklySpan
from tests import factories
from tests.pages import form_to

Browser = Callable[..., FlaskClient]
SetClock = Callable[[datetime], None]

# A Monday morning; the factories' coach works every day from 9 to 17 in Berlin.
NOW = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)
NINE_IN_BERLIN = datetime(2027, 3, 9, 8, 0, tzinfo=UTC)
PAGE, BOOK = "/s/nova/mixing-call", "/s/nova/mixing-call/sessions"
SIGN_IN = f"/sign-in?next={PAGE}%23booking"
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _clock(set_clock: SetClock) -> None:
    set_clock(NOW)


@pytest.fixture
def product(alice: Person) -> Product:
    store = factories.make_store(alice, slug="nova")
    return factories.make_product(store, slug="mixing-call", grid_minutes=30)


def wanted(product: Product, starts_at: datetime = NINE_IN_BERLIN, **differences: str) -> dict[str, str]:
    sound = {"offer": str(product.offers.get().id), "starts_at": f"{starts_at:%Y-%m-%dT%H:%M:00Z}"}
    return sound | {"goals": "A clear low end", "form_key": "a-form-key-1"} | differences


def words(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def times(page: str) -> list[str]:
    return re.findall(r'name="starts_at" value="([^"]+)"', page)


# --- Few good times


def test_the_page_begins_with_three_days_and_a_handful_of_each(client: FlaskClient, product: Product) -> None:
    page = client.get(PAGE).text
    assert [f"2027-03-0{day}" for day in (1, 2, 3)] == sorted({time[:10] for time in times(page)})
    assert len(times(page)) == 18
    assert "Monday 1 March today All 15 times on Monday 1 March" in words(page)
    assert "Tuesday 2 March tomorrow" in words(page)
    assert "<table" not in page
    more = unescape(re.search(r'href="([^"]+)"><span>More days', page)[1])  # type: ignore[index]
    assert "<table" in client.get(more.partition("#")[0]).text


def test_times_stand_under_the_right_part_of_the_day(client: FlaskClient, product: Product) -> None:
    WeeklySpan.update(start_minute=0, length_minutes=1440).execute()
    page = client.get(PAGE + "?day=2027-03-09").text
    parts = re.findall(r"<legend>(\w+)</legend>\s*<div[^>]*>\s*<label[^>]*><input[^>]*><span>([\d:]+)", page)
    assert parts == [("Night", "00:00"), ("Morning", "06:00"), ("Afternoon", "12:00"), ("Evening", "17:00")]


def test_clocks_and_weeks_are_the_browsers_languages(client: FlaskClient, product: Product) -> None:
    american = {"Accept-Language": "en-US,en;q=0.9"}
    page = client.get(PAGE + "?day=2027-03-09&zone=Europe/Berlin", headers=american)
    assert "<span>9:00\N{NO-BREAK SPACE}am</span>" in page.text
    assert re.findall(r'<abbr title="(\w+)"', page.text)[0] == "Sunday"
    assert "Accept-Language" in page.headers["Vary"]
    page = client.get(PAGE + "?day=2027-03-09&zone=Europe/Berlin", headers={"Accept-Language": "de"})
    assert "<span>09:00</span>" in page.text
    assert re.findall(r'<abbr title="(\w+)"', page.text)[0] == "Monday"


def test_a_near_time_says_how_near_it_is(client: FlaskClient, product: Product, set_clock: SetClock) -> None:
    set_clock(datetime(2027, 3, 1, 7, 35, tzinfo=UTC))
    page = client.get(PAGE).text
    assert re.findall(r"<span>([\d:]+)</span><small>([^<]+)</small></label>", page) == [("09:00", "in 25 minutes")]


def test_the_month_begins_with_a_week_that_has_free_times(client: FlaskClient, product: Product) -> None:
    Product.update(notice_minutes=10 * 1440).execute()
    page = client.get(PAGE + "?month=2027-03").text
    assert re.findall(r'class="day[^"]*"[^>]*>(\d+)<', page)[:7] == ["8", "9", "10", "11", "12", "13", "14"]


# --- The bar


@pytest.mark.parametrize(
    ("terms", "button", "sentence"),
    [
        ({}, "Book", "The time is yours at once; the next page says how to pay."),
        ({"needs_approval": True}, "Request this time", "Alice answers first."),
        ({"pays_first": True}, "Hold this time and pay", "yours once Alice has confirmed the payment."),
    ],
)
def test_the_button_says_what_it_does(
    browser_of: Browser, product: Product, bob: Person, terms: dict[str, bool], button: str, sentence: str
) -> None:
    Product.update(**{"payment": "outside"} | terms).execute()
    page = browser_of(bob).get(f"{PAGE}?starts_at=2027-03-09T08:00:00Z").text
    bar = words(page.partition('class="booking-bar"')[2])
    assert bar.startswith("> Tue 9 March, 09:00 €49 · 1 h · Berlin time ")
    assert f" {button} You are in the server" in bar
    assert sentence in (words(page) if button == "Book" else bar.partition(button)[0])


def test_discord_is_the_account_and_comes_after_the_choice(browser_of: Browser, product: Product, bob: Person) -> None:
    people = {
        "Continue with Discord": None,
        "Connect Discord": factories.make_person("New"),
        "Join": factories.make_person("Away", linked_as="4001", is_member=False),
        "": bob,
    }
    for button, person in people.items():
        page = browser_of(person).get(PAGE).text
        before, _, bar = page.partition('class="booking-bar"')
        assert "Discord account" not in words(before.partition('id="booking"')[2])
        assert 'id="discord-card"' in bar
        assert (" needed" in bar) is bool(button)
        assert f"{button} " in words(bar)
    assert 'formaction="/discord/sign-in?next=' in browser_of(None).get(PAGE).text
    Product.update(session_type="phone").execute()
    assert "discord-card" not in browser_of(None).get(PAGE).text


def test_the_line_draws_itself_anew_as_a_line(browser_of: Browser, product: Product) -> None:
    person = factories.make_person("New")
    page = browser_of(person).get(PAGE).text
    again = unescape(re.search(r'hx-get="(/discord/card[^"]*)"', page)[1])  # type: ignore[index]
    assert browser_of(person).get(again, headers=HTMX).status_code == 204
    fragment = browser_of(person).get(again.replace("shown=", "shown=x"), headers=HTMX).text
    assert fragment.lstrip().startswith('<div class="discord-line small needed" id="discord-card"')


def test_details_are_asked_only_where_there_are_any(browser_of: Browser, product: Product, bob: Person) -> None:
    browser = browser_of(bob)
    page = browser.get(PAGE).text
    assert "A few words for" not in page
    assert "then book" not in page
    assert '<details class="goals" id="goals-fold">' in page
    assert browser.post(BOOK, data=form_to(page, BOOK).fields | wanted(product, goals="")).status_code == 303
    Question.create(product=product, kind="text", label="Which track?", is_required=True, position=0)
    page = browser.get(PAGE).text
    assert "A few words for Alice" in page
    assert "Answer what Alice asks , then book." in words(page)
    answer = browser.post(BOOK, data=wanted(product, NINE_IN_BERLIN + timedelta(days=1)))
    assert answer.status_code == 422
    assert '<details class="goals" id="goals-fold" open>' in answer.text


# --- Losing the time


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
@pytest.mark.parametrize("day", [{}, {"day": "2027-03-09"}], ids=["few", "month"])
def test_who_loses_a_time_gets_the_nearest_ones_with_everything_typed(
    browser_of: Browser, product: Product, bob: Person, headers: dict[str, str], day: dict[str, str]
) -> None:
    factories.make_coaching_session(product, starts_at=NINE_IN_BERLIN + timedelta(hours=3))
    lost = wanted(product, NINE_IN_BERLIN + timedelta(hours=3), **day)
    answer = browser_of(bob).post(BOOK, data=lost, headers=headers)
    assert answer.status_code == 409
    assert "That time has just been taken" in answer.text
    assert "Here are the nearest free times." in answer.text
    assert [time[11:16] for time in times(answer.text)] == ["09:30", "10:00", "12:00", "12:30"]
    assert "A clear low end" in answer.text
    assert CoachingSession.select().count() == 1


def test_who_loses_a_time_while_signing_in_gets_the_nearest_ones(
    client: FlaskClient, product: Product, bob: Person
) -> None:
    client.post(BOOK, data=wanted(product))
    factories.make_coaching_session(product, starts_at=NINE_IN_BERLIN)
    client.post(SIGN_IN, data={"email": bob.email, "password": factories.PASSWORD})
    page = client.get(PAGE).text
    assert "That time has just been taken" in page
    assert [time[11:16] for time in times(page)] == ["09:00", "09:30", "10:00", "10:30"]
    assert "A clear low end" in page


# --- The sign-in page


@pytest.mark.parametrize("door", ["/sign-in", "/sign-up"])
def test_the_sign_in_page_keeps_the_stores_face_and_says_what_waits(
    client: FlaskClient, product: Product, door: str
) -> None:
    address = SIGN_IN.replace("/sign-in", door)
    page = client.get(address)
    assert '<body class="hue-' in page.text
    assert '<a class="shop-name" href="/s/nova">Nova Studio</a>' in page.text
    assert "not booked yet" not in page.text
    client.post(BOOK, data=wanted(product, zone="Asia/Tokyo"))
    page = client.get(address)
    assert "Mixing call with Alice Tue 9 Mar, 17:00 , 1 h, Tokyo time" in words(page.text)
    assert "It is not booked yet" in page.text
    assert "<title>Sign" in page.text
    Product.update(state="draft").execute()
    assert "Mixing call" not in client.get(address).text
    assert "shop-head" not in client.get(door + "?next=/dashboard").text


def test_the_sign_in_page_says_to_what_a_link_invites_and_only_who_followed_it(
    browser_of: Browser, client: FlaskClient, product: Product, alice: Person
) -> None:
    coach = browser_of(alice)
    sent = {"product": product.code, "offer": str(product.offers.get().id), "starts_at": "2027-03-09T09:00:00Z"}
    kept = coach.post("/invitations", data=sent | {"form_key": "abcdefghij"}).location
    link = re.search(r"/i/[^\"<]+", coach.get(kept).text)[0]  # type: ignore[index]
    door = f"/sign-in?next={kept}"
    assert "Mixing call" not in client.get(door).text
    assert client.get(link).location == kept
    assert "Mixing call with Alice Tue 9 Mar, 10:00 , 1 h, Berlin time" in words(client.get(door).text)
    coach.post(f"{kept}/withdrawal")
    assert "Mixing call" not in client.get(door).text
