"""How a store looks: its cover, its line, the order of its calls, and those that only a link leads to."""

from collections.abc import Callable
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from PIL import Image

from coaching.accounts.models import Person
from coaching.catalog import mutations, queries
from coaching.catalog.listing_mutations import move_product
from coaching.catalog.models import Picture, Product, SharePicture, Store
from coaching.catalog.picture_mutations import drop_if_unused
from tests import factories
from tests.pages import form_to

Browser = Callable[[Person | None], FlaskClient]
HTMX = {"HX-Request": "true"}
SETTINGS = "/store/nova/settings"
NOVA = {"name": "Nova Studio", "line": "", "currency": "EUR", "zone": "Europe/Berlin", "hue": "10"}


@pytest.fixture
def store(alice: Person) -> Store:
    return factories.make_store(alice, slug="nova")


@pytest.fixture
def coach(browser_of: Browser, alice: Person) -> FlaskClient:
    return browser_of(alice)


def upload(colour: str = "red", width: int = 360) -> tuple[BytesIO, str]:
    data = BytesIO()
    Image.new("RGB", (width, 180), colour).save(data, "PNG")
    return BytesIO(data.getvalue()), "cover.png"


def test_a_cover_and_a_line_stand_on_the_store_s_page_until_they_are_removed(
    coach: FlaskClient, client: FlaskClient, store: Store
) -> None:
    assert "empty-cover" in client.get("/s/nova").text
    line = "Finish your track <with me>"
    assert coach.post(SETTINGS, data=NOVA | {"line": line, "picture": upload()}).status_code == 303
    kept = queries.get_store("nova")
    page = client.get("/s/nova").text
    assert f"/pictures/{kept.cover.code}.webp" in page
    assert "Finish your track &lt;with me&gt;" in page
    # Anybody sees it, and so does whoever shows a link to the store.
    assert client.get(f"/pictures/{kept.cover.code}.webp").status_code == 200
    preview, full = (client.get(f"/pictures/{kept.cover.code}.{kind}") for kind in ("jpg", "webp"))
    assert preview.mimetype == "image/jpeg"
    # Shown by whoever shows the link; everything else is this site's alone.
    policies = [answer.headers["Cross-Origin-Resource-Policy"] for answer in (preview, full)]
    assert policies == ["cross-origin", "same-origin"]
    # Saved once more without a file it stays; another one takes its place, and nothing is left of the first.
    assert coach.post(SETTINGS, data=NOVA | {"line": "x" * 121}).status_code == 422
    for picture in ({}, {"picture": upload("blue")}):
        assert coach.post(SETTINGS, data=NOVA | picture).status_code == 303
        assert (Picture.select().count(), SharePicture.select().count()) == (1, 1)
    assert queries.get_store("nova").cover_id != kept.cover_id
    assert coach.post(SETTINGS, data=NOVA | {"removes_picture": "y"}).status_code == 303
    assert Picture.select().count() == 0
    assert "empty-cover" in client.get("/s/nova").text


def test_a_cover_too_narrow_for_a_phone_is_refused_beside_its_field(coach: FlaskClient, store: Store) -> None:
    answer = coach.post(SETTINGS, data=NOVA | {"picture": upload(width=359), "line": "Kept"})
    assert answer.status_code == 422
    assert "This picture is 359 pixels wide" in answer.text
    assert form_to(answer.text, SETTINGS).fields["line"] == "Kept"
    assert queries.get_store("nova").cover is None


def test_a_file_that_is_no_picture_is_refused_beside_its_field(coach: FlaskClient, store: Store) -> None:
    broken = {"picture": (BytesIO(b"no picture"), "cover.png"), "line": "Kept"}
    answer = coach.post(SETTINGS, data=NOVA | broken)
    assert answer.status_code == 422
    assert 'id="picture-note"' in answer.text
    assert form_to(answer.text, SETTINGS).fields["line"] == "Kept"
    assert queries.get_store("nova").cover is None


def test_an_older_window_does_not_take_a_newer_cover_away(coach: FlaskClient, store: Store) -> None:
    old = form_to(coach.get(SETTINGS).text, SETTINGS).fields
    assert coach.post(SETTINGS, data=NOVA | {"picture": upload()}).status_code == 303
    refused = coach.post(SETTINGS, data=NOVA | {"removes_picture": "y", "seen": old["seen"]})
    assert refused.status_code == 409
    assert "saved in another window" in refused.text
    assert queries.get_store("nova").cover
    # "Keep mine": the page that says so has shown what is kept.
    again = form_to(refused.text, SETTINGS).fields
    assert again["removes_picture"]
    assert coach.post(SETTINGS, data=again).status_code == 303
    assert queries.get_store("nova").cover is None


def test_a_cover_that_a_call_shows_as_well_stays_when_one_of_them_lets_go(coach: FlaskClient, store: Store) -> None:
    coach.post(SETTINGS, data=NOVA | {"picture": upload()})
    cover = queries.get_store("nova").cover
    product = factories.make_product(store, picture=cover)
    coach.post(SETTINGS, data=NOVA | {"removes_picture": "y"})
    assert Picture.select().count() == 1
    product.picture, store.cover = None, cover
    product.save()
    store.save()
    drop_if_unused(cover.id)
    assert Picture.select().count() == 1


def titles(client: FlaskClient) -> list[str]:
    page = client.get("/s/nova").text
    return sorted((title for title in "ABCD" if f">{title}</a>" in page), key=lambda title: page.index(f">{title}</a>"))


def test_calls_stand_in_the_coach_s_order_and_new_ones_behind_them(
    coach: FlaskClient, client: FlaskClient, browser_of: Browser, mallory: Person, store: Store
) -> None:
    a, b, c = (factories.make_product(store, title=title) for title in "ABC")
    assert titles(client) == ["A", "B", "C"]
    order = "/store/nova/order"
    assert coach.post(order, data={"up": c.code}).location == "/store/nova#on-sale"
    assert titles(client) == ["A", "C", "B"]
    moved = coach.post(order, data={"down": a.code}, headers=HTMX).text
    assert "A is number 2 of 3 now." in moved
    assert titles(client) == ["C", "A", "B"]
    # At either end, by a stranger, or with a code of nothing, all stays.
    for data in ({"up": c.code}, {"down": b.code}, {"up": "nothing"}, {}):
        assert coach.post(order, data=data).status_code == 303
    assert browser_of(mallory).post(order, data={"up": b.code}).status_code == 404
    assert titles(client) == ["C", "A", "B"]
    new = factories.make_product(store, title="D", state="draft", published_at=None)
    mutations.publish_product(new, factories.MADE_AT)
    assert titles(client) == ["C", "A", "B", "D"]
    # Taken off sale and put back, a call stands where it stood.
    mutations.withdraw_product(a, factories.MADE_AT)
    mutations.publish_product(a, factories.MADE_AT)
    assert titles(client) == ["C", "A", "B", "D"]
    move_product(store, c.code, 99)
    assert titles(client) == ["A", "B", "D", "C"]


def test_an_unlisted_call_is_found_by_its_link_alone_and_booked_as_before(
    coach: FlaskClient, client: FlaskClient, browser_of: Browser, mallory: Person, store: Store
) -> None:
    product = factories.make_product(store, title="A", slug="a")
    listing = f"/products/{product.code}/listing"
    assert browser_of(mallory).post(listing, data={"listed": "no"}).status_code == 404
    assert coach.post(listing, data={"listed": "no"}).status_code == 303
    assert titles(client) == []
    assert "Only with its link" in coach.get("/store/nova").text
    page = client.get("/s/nova/a")
    assert page.status_code == 200
    assert form_to(page.text, "/s/nova/a/sessions")
    assert "A</a>" not in client.get("/s/nova/nothing").text
    assert Product.get_by_id(product.id).state == "published"
    assert "stands in no list" in coach.post(listing, data={"listed": "no"}, headers=HTMX).text
    coach.post(listing, data={"listed": "yes"})
    assert titles(client) == ["A"]


def test_each_colour_is_chosen_by_its_name(coach: FlaskClient, store: Store) -> None:
    page = coach.get(SETTINGS).text
    assert page.count('type="radio"') == 24
    assert '<label class="swatch hue-10" for="hue-10"' in page
    assert "<span>Green</span>" in page
    assert 'class="look-preview hue-10"' in page


def test_a_file_in_place_of_words_stands_for_nothing(coach: FlaskClient, store: Store) -> None:
    answer = coach.post(SETTINGS, data=NOVA | {"name": upload(), "line": upload(), "seen": "x"})
    assert answer.status_code == 422
    assert 'id="name-note"' in answer.text
