"""The site's own name, imprint and privacy notice: on every page, wherever the site speaks of itself."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from coaching.accounts.models import Person
from settings import Settings
from tests import factories

# Words, not statements.
pytestmark = pytest.mark.one_database

Browser = Callable[[Person | None], FlaskClient]
IMPRINT, PRIVACY = "https://nova.example/imprint?a=1&b=2", "https://nova.example/privacy"
NAME = "Nova <Calls> & Söhne"
SHOWN = "Nova &lt;Calls&gt; &amp; Söhne"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, site_name=NAME, imprint_url=IMPRINT, privacy_url=PRIVACY)


@pytest.fixture
def store(alice: Person) -> str:
    product = factories.make_product(factories.make_store(alice, slug="nova"), slug="mixing-call", code="draft")
    return str(product.store.slug)


PAGES = ["/", "/sign-in", "/sign-up", "/forgotten-password", "/nowhere", "/s/nova", "/s/nova/mixing-call"]


@pytest.mark.parametrize(
    "page", [*PAGES, "/dashboard", "/settings", "/store/nova", "/products/draft/checkout", "/admin"]
)
def test_every_foot_has_the_sites_pages_and_no_page_another_name(
    browser_of: Browser, store: str, alice: Person, page: str
) -> None:
    Person.update(is_admin=True).execute()
    text = browser_of(None if page in PAGES else alice).get(page).text
    for title, address in (("Imprint", IMPRINT.replace("&", "&amp;")), ("Privacy", PRIVACY)):
        assert f'<a href="{address}" target="_blank" rel="noopener">{title}<span' in text
    assert SHOWN in text
    assert "Greenroom" not in visible(text)


def test_a_site_without_such_pages_shows_none(app: Flask, client: FlaskClient) -> None:
    app.extensions["settings"] = replace(app.extensions["settings"], imprint_url=None, privacy_url=None)
    text = client.get("/").text
    assert "Imprint" not in text
    assert "Privacy" not in text


def test_the_sites_name_is_no_password(client: FlaskClient) -> None:
    typed = {"name": "Bob", "email": "bob@example.com", "password": NAME.upper()}
    answer = client.post("/sign-up", data=typed)
    assert answer.status_code == 422
    assert "everybody knows" in answer.text


def visible(page: str) -> str:
    return re.sub(r"<[^>]*>", " ", page)
