"""A partner's link: addresses and forms alone carry its code to the booked call, and it means what the coach says."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession, Seat
from coaching.catalog.models import Product
from coaching.pricing.models import Partner
from tests import factories
from tests.fakes import FakeConsent
from tests.pages import PageForm, form_to

# Addresses and forms; what a booking keeps runs on both databases in tests/booking.
pytestmark = pytest.mark.one_database

Browser = Callable[..., FlaskClient]

# A Monday morning; the factories' coach works every day from 9 to 17 in Berlin.
NOW = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)
STORE, PAGE, BOOK = "/s/nova", "/s/nova/mixing-call", "/s/nova/mixing-call/sessions"
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _clock(set_clock: Callable[[datetime], None]) -> None:
    set_clock(NOW)


@pytest.fixture
def product(alice: Person) -> Product:
    store = factories.make_store(alice, slug="nova")
    for code, percent, is_active in (("lee", 20, True), ("kim", 5, True), ("gone", 50, False)):
        Partner.create(
            store=store, name=code, code=code, share_percent=percent, is_active=is_active, made_at=factories.MADE_AT
        )
    return factories.make_product(store, slug="mixing-call", grid_minutes=30)


def links(page: str, to: str = PAGE) -> list[str]:
    """Where the page's links to this path lead."""
    return [unescape(href) for href in re.findall(rf'href="({to}(?:\?[^"]*)?)(?:#[^"]*)?"', page)]


def filled(page: str, starts_at: str) -> PageForm:
    form = form_to(page, BOOK)
    form.fields["starts_at"] = starts_at
    return form


def booked() -> tuple[str | None, int | None]:
    """The code and the share that the last booking keeps."""
    seat = Seat.select().order_by(Seat.id.desc()).get()
    return (seat.partner.code if seat.partner else None), seat.share_percent


def test_a_link_to_the_store_counts_for_a_visitor_who_signs_in_on_the_way(
    client: FlaskClient, product: Product
) -> None:
    shop = client.get(f"{STORE}?via=Lee")
    assert "Set-Cookie" not in shop.headers  # who only looks is not marked
    page = client.get(links(shop.text)[0]).text
    assert links(page, STORE)[0] == f"{STORE}?via=Lee"
    addresses = links(page)
    assert len(addresses) > 3
    assert all("via=Lee" in address for address in addresses)
    # Another day, with scripts the picker alone; the form that stands beside it keeps what it has.
    day = next(address for address in addresses if "day=" in address)
    assert all("via=Lee" in link for link in links(client.get(day, headers=HTMX).text))
    form = filled(client.get(day).text, "2027-03-09T08:00:00Z")
    assert form.fields["via"] == "Lee"

    answer = client.post(BOOK, data=form.fields)
    assert "via%3DLee" in answer.location
    sign_in = form_to(client.get(answer.location).text, "/sign-in")
    kim = factories.make_person("Kim", linked_as="2009")
    back = client.post(
        sign_in.action, data=sign_in.fields | {"email": kim.email, "password": factories.PASSWORD}
    ).location
    assert "via=Lee" in back
    # What was typed waits for the page, whichever way it is come to; the code in the form was typed along.
    for address in (back.partition("#")[0], PAGE):
        assert form_to(client.get(address).text, BOOK).fields["via"] == "Lee"
    assert client.post(BOOK, data=form_to(client.get(PAGE).text, BOOK).fields).status_code == 303
    assert booked() == ("lee", 20)
    assert "via" not in form_to(client.get(PAGE).text, BOOK).fields


def test_a_newcomer_by_discord_from_the_card_is_still_sent_by_the_partner(
    app: Flask, client: FlaskClient, product: Product
) -> None:
    discord = FakeConsent("1100000000000000777")
    discord.stand_in(app)
    page = client.get(f"{PAGE}?via=lee").text
    (action,) = {unescape(href) for href in re.findall(r'formaction="(/discord/sign-in[^"]*)"', page)}
    trip = client.post(action, data=filled(page, "2027-03-09T08:00:00Z").fields)
    back = discord.come_back(client, trip.location).location
    form = form_to(client.get(back.partition("#")[0]).text, BOOK)
    assert form.fields["starts_at"] == "2027-03-09T08:00:00Z"
    assert client.post(BOOK, data=form.fields).status_code == 303
    assert booked() == ("lee", 20)


def test_of_two_tabs_each_keeps_its_own_partner(browser_of: Browser, product: Product, bob: Person) -> None:
    browser = browser_of(bob)
    first, second = (
        filled(browser.get(f"{PAGE}?via={partner_name}").text, "2027-03-09T08:00:00Z")
        for partner_name in ("lee", "kim")
    )
    factories.make_coaching_session(product, starts_at=datetime(2027, 3, 9, 8, 0, tzinfo=UTC))
    for form, code in ((first, "lee"), (second, "kim")):
        taken = browser.post(BOOK, data=form.fields)
        assert taken.status_code == 409
        assert form_to(taken.text, BOOK).fields["via"] == code
    # The form of the second tab is what waits for the page now, yet the first one's address says who sent them.
    again = filled(browser.get(f"{PAGE}?via=lee").text, "2027-03-09T10:00:00Z")
    assert browser.post(BOOK, data=again.fields).status_code == 303
    assert booked() == ("lee", 20)
    again = filled(browser.get(f"{PAGE}?via=kim").text, "2027-03-09T12:00:00Z")
    assert browser.post(BOOK, data=again.fields).status_code == 303
    assert booked() == ("kim", 5)


def test_what_a_code_is_worth_is_settled_when_the_call_is_booked(
    browser_of: Browser, product: Product, bob: Person
) -> None:
    browser, hours = browser_of(bob), iter(range(8, 16))

    def book(via: str) -> tuple[str | None, int | None]:
        page = browser.get(f"{PAGE}?via={via}")
        assert page.status_code == 200
        assert "partner" not in page.text.lower()
        form = filled(page.text, f"2027-03-09T{next(hours):02}:00:00Z")
        assert browser.post(BOOK, data=form.fields).status_code == 303
        return booked()

    assert book("nobody") == (None, None)
    assert book("gone") == (None, None)  # switched off
    assert book("%3Cb%3E") == (None, None)
    factories_store = factories.make_store(factories.make_person("Other"), slug="other")
    Partner.create(store=factories_store, name="Abroad", code="abroad", share_percent=9, made_at=factories.MADE_AT)
    assert book("abroad") == (None, None)  # another store's
    assert book("LEE") == ("lee", 20)
    Product.update(share_percent=0).execute()
    assert book("lee") == ("lee", 0)
    Partner.update(share_percent=90).execute()
    Product.update(share_percent=None).execute()
    assert [seat.share_percent for seat in Seat.select().order_by(Seat.id)][-2:] == [20, 0]
    assert CoachingSession.select().count() == 6


def test_whoever_has_nothing_to_book_goes_on_with_the_link(client: FlaskClient, product: Product) -> None:
    gone = client.get(f"{STORE}/no-such-call?via=lee")
    assert gone.status_code == 404
    assert links(gone.text) == [f"{PAGE}?via=lee"]
    form = filled(client.get(f"{PAGE}?via=lee").text, "2027-03-09T08:00:00Z")
    Product.update(state="draft").execute()
    withdrawn = client.post(BOOK, data=form.fields)
    assert f'href="{STORE}?via=lee"' in withdrawn.text.partition("<main")[2]
