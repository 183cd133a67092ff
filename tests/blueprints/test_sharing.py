"""What others are told of a page: read from its tags alone, as chats and search engines read them."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from coaching.accounts.models import Person
from coaching.catalog.models import Picture, Product, SharePicture, Store
from coaching.catalog.picture_mutations import keep_picture
from coaching.catalog.pictures import encode_picture
from coaching.catalog.portrait_mutations import keep_portrait
from coaching.coaches.models import CoachSpecialty
from coaching.directory.refresh_mutations import refresh_directory
from coaching.reviews.models import Review
from tests import factories
from tests.blueprints.test_access import ACCESS

Browser = Callable[[Person | None], FlaskClient]
SITE = "http://localhost:8000"
TERMS = "From €49 · 1 h to 1 h 30 min"
NOW = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)
HOSTILE = "</script><script>alert(1)</script> & \"quoted\" 'too' <!-- \u2028"

# What search engines' pages name as required, by type; one of a set is enough.
REQUIRED: dict[str, list[set[str]]] = {
    # https://developers.google.com/search/docs/appearance/structured-data/product-snippet
    "Product": [{"name"}, {"review", "aggregateRating", "offers"}],
    "Offer": [{"price", "priceSpecification"}],
    # https://developers.google.com/search/docs/appearance/structured-data/review-snippet
    "AggregateRating": [{"ratingValue"}, {"ratingCount", "reviewCount"}],
    # https://developers.google.com/search/docs/appearance/structured-data/profile-page
    "ProfilePage": [{"mainEntity"}],
    "Person": [{"name"}],
    # https://developers.google.com/search/docs/appearance/structured-data/carousel
    "ItemList": [{"itemListElement"}],
    "ListItem": [{"position"}, {"url", "item"}],
    # https://developers.google.com/search/docs/appearance/site-names
    "WebSite": [{"name"}, {"url"}],
    # https://developers.google.com/search/docs/appearance/structured-data/merchant-listing (a shop's own pages)
    "Brand": [{"name"}],
}

# What every page that is to be found has in its head, besides its title and canonical address.
TOLD = (
    *("description", "og:type", "og:site_name", "og:title", "og:description", "og:url", "og:image", "og:image:alt"),
    *("twitter:card", "twitter:title", "twitter:description", "twitter:image"),
)


@dataclass
class Head(HTMLParser):
    """A page's head: its title, its tags in order, its JSON-LD."""

    title: str = ""
    tags: list[tuple[str, str]] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)
    documents: list[Any] = field(default_factory=list)
    _text: list[str] | None = None

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "meta" and ("property" in given or "name" in given) and "media" not in given:
            self.tags.append((given.get("property") or given["name"], given["content"]))
        elif tag == "link":
            self.links[given["rel"]] = given["href"]
        elif tag == "title" or (tag, given.get("type")) == ("script", "application/ld+json"):
            self._text = []

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if self._text is not None and tag == "title":
            self.title = self.title or "".join(self._text)
        elif self._text is not None and tag == "script":
            self.documents.append(json.loads("".join(self._text)))
        self._text = None

    def first(self, *names: str) -> str:
        """The first tag in the page's order that has one of these names."""
        return next((content for name, content in self.tags if name in names), "")


def head_of(page: str) -> Head:
    head = Head()
    head.feed(page.partition("<body")[0])
    return head


def as_discord(head: Head) -> dict[str, str]:
    """The embed: Open Graph, else Twitter's, else the page's own; the stripe takes theme-color.

    No page of Discord says so; as observed, https://opengraphplus.com/consumers/discord/tags
    """
    return {
        "site": head.first("og:site_name"),
        "title": head.first("og:title") or head.first("twitter:title") or head.title,
        "words": head.first("og:description") or head.first("twitter:description") or head.first("description"),
        "picture": head.first("og:image") or head.first("twitter:image"),
        "is_large": head.first("twitter:card"),
        "stripe": head.first("theme-color"),
    }


def as_slack(head: Head) -> dict[str, str]:
    """The unfurl: no oEmbed, so Twitter's or Open Graph's, whichever comes first; else the page's own.

    https://api.slack.com/robots and https://opengraphplus.com/consumers/slack/tags
    """
    return {
        "site": head.first("og:site_name"),
        "title": head.first("twitter:title", "og:title") or head.title,
        "words": head.first("twitter:description", "og:description") or head.first("description"),
        "picture": head.first("twitter:image", "og:image"),
        "is_large": head.first("twitter:card"),
    }


def upload(width: int = 1600, height: int = 900) -> bytes:
    data = BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(data, "PNG")
    return data.getvalue()


@pytest.fixture(autouse=True)
def _clock(set_clock: Callable[[datetime], None]) -> None:
    set_clock(NOW)


@pytest.fixture
def store(alice: Person) -> Store:
    return factories.make_store(alice, slug="nova", name="Nova Studio", hue=19)


@pytest.fixture
def product(store: Store) -> Product:
    return factories.make_product(
        store,
        slug="mixing-call",
        title="Mixing call",
        description_html="<p>We listen <strong>together</strong>,</p>\n<ul>\n<li>then you mix,</li>\n"
        "<li><em>by ear</em></li>\n<li>on <b>your</b> desk</li>\n</ul>\n<p>Any genre.</p>",
        offers=((60, 4900), (90, 6900)),
    )


def give_cover(product: Product) -> Picture:
    product.picture = keep_picture(product.store.owner, encode_picture(upload()), NOW)
    product.save()
    return product.picture


def test_a_link_in_a_chat_looks_like_a_shop_window(client: FlaskClient, product: Product) -> None:
    picture = give_cover(product)
    page = client.get("/s/nova/mixing-call?via=lee&code=SPRING&zone=Asia/Tokyo").text
    # Slack reads no more than this of a page.
    head = head_of(page[: 32 * 1024])
    preview = {
        "site": "Greenroom",
        "title": "Mixing call · Nova Studio",
        "words": f"{TERMS} · Video call in a private Discord room. We listen together, then you mix, "
        "by ear · on your desk · Any genre.",
        "picture": f"{SITE}/pictures/{picture.code}.jpg",
        "is_large": "summary_large_image",
    }
    assert as_slack(head) == preview
    assert as_discord(head) == preview | {"stripe": head.first("theme-color")}
    red, green, blue = (int(head.first("theme-color")[at : at + 2], 16) for at in (1, 3, 5))
    assert green < red < blue  # the store's is violet
    # What a link brought along is not part of the address.
    assert head.links["canonical"] == head.first("og:url") == f"{SITE}/s/nova/mixing-call"
    assert head.first("robots") == ""
    answer = client.get(urlsplit(preview["picture"]).path)
    assert answer.mimetype == head.first("og:image:type")
    size = tuple(int(head.first(f"og:image:{side}")) for side in ("width", "height"))
    assert Image.open(BytesIO(answer.data)).size == size == (1200, 630)
    assert len(answer.data) <= 300 * 1024
    assert "immutable" in answer.headers["Cache-Control"]
    assert head.first("og:image:alt") == head.first("twitter:image:alt") == "Mixing call"


def test_whatever_has_no_picture_gets_one(client: FlaskClient, product: Product, store: Store) -> None:
    """In turn: the product's own, the store's cover, a drawn one with the words the font can write."""

    def picture_at(path: str) -> str:
        address = urlsplit(as_discord(head_of(client.get(path).text))["picture"])
        return f"{address.path}?{address.query}"

    addresses = {path: picture_at(path) for path in ("/", "/s/nova", "/s/nova/mixing-call")}
    assert all("card.jpg?v=" in address for address in addresses.values())
    for address in addresses.values():
        drawn = client.get(address)
        assert Image.open(BytesIO(drawn.data)).size == (1200, 630)
        assert "immutable" in drawn.headers["Cache-Control"]
    store.name = "Növa"
    store.save()
    # Other words, another address: nobody keeps the old drawing for the new name.
    assert picture_at("/s/nova") != addresses["/s/nova"]
    assert "immutable" not in client.get(addresses["/s/nova"]).headers["Cache-Control"]
    store.cover = keep_picture(store.owner, encode_picture(upload(900, 900)), NOW)
    store.save()
    assert picture_at("/s/nova") == picture_at("/s/nova/mixing-call") == f"/pictures/{store.cover.code}.jpg?"
    # One that was kept before there were previews is shown as it is, until the worker comes to it.
    SharePicture.delete().execute()
    assert client.get(f"/pictures/{store.cover.code}.jpg").location == f"/pictures/{store.cover.code}.webp"


def objects_in(data: Any) -> Iterator[dict[str, Any]]:
    if isinstance(data, dict):
        if "@type" in data:
            yield data
        for value in data.values():
            yield from objects_in(value)
    elif isinstance(data, list):
        for value in data:
            yield from objects_in(value)


def check_required(document: Any) -> set[str]:
    """The types in it; each has what it needs."""
    assert document["@context"] == "https://schema.org"
    for thing in objects_in(document):
        for one_of in REQUIRED[thing["@type"]]:
            assert any(thing.get(name) not in (None, "", []) for name in one_of), (thing["@type"], one_of)
    return {thing["@type"] for thing in objects_in(document)}


def test_search_engines_find_what_they_require(client: FlaskClient, product: Product) -> None:
    (document,) = head_of(client.get("/s/nova/mixing-call").text).documents
    assert {"Product", "Offer"} <= check_required(document)
    assert [(offer["price"], offer["priceCurrency"]) for offer in document["offers"]] == [
        ("49.00", "EUR"),
        ("69.00", "EUR"),
    ]
    assert {offer["availability"] for offer in document["offers"]} == {"https://schema.org/InStock"}
    assert "aggregateRating" not in document
    assert document["image"].startswith(f"{SITE}/s/nova/mixing-call/card.jpg")
    Product.update(payment="free").execute()
    Store.update(stopped_at=NOW).execute()
    offers = head_of(client.get("/s/nova/mixing-call").text).documents[0]["offers"]
    assert {(offer["price"], offer["availability"]) for offer in offers} == {("0.00", "https://schema.org/OutOfStock")}
    (listed,) = head_of(client.get("/s/nova").text).documents
    assert check_required(listed) == {"ItemList", "ListItem"}
    assert listed["itemListElement"][0]["url"] == f"{SITE}/s/nova/mixing-call"
    assert check_required(head_of(client.get("/").text).documents[0]) == {"WebSite"}


def review(product: Product, stars: int) -> None:
    held = factories.make_coaching_session(product, starts_at=NOW - timedelta(days=stars), state="completed")
    factories.make_review(held, stars=stars)


def test_an_average_is_told_from_three_visible_reviews_on(client: FlaskClient, product: Product) -> None:
    def ratings() -> list[dict[str, Any]]:
        pages = (client.get(f"/s/nova/mixing-call{part}").text for part in ("", "/reviews"))
        documents = [document for page in pages for document in head_of(page).documents]
        assert all(check_required(document) for document in documents)
        return [document["aggregateRating"] for document in documents if "aggregateRating" in document]

    for stars in (5, 4):
        review(product, stars)
    assert ratings() == []
    review(product, 2)
    page = client.get("/s/nova/mixing-call").text
    assert [(rating["ratingValue"], rating["reviewCount"], rating["bestRating"]) for rating in ratings()] == [
        ("3.7", 3, 5)
    ] * 2
    assert "3.7" in page.partition("<body")[2]  # only what is seen there
    Review.update(hidden_at=NOW).where(Review.stars == 2).execute()
    assert ratings() == []


def test_a_coach_s_page_tells_who_they_are_and_shows_their_picture(
    client: FlaskClient, product: Product, alice: Person
) -> None:
    """The portrait whole, as a preview shows it; it also stands in for a call without any picture."""
    portrait = keep_portrait(alice, encode_picture(upload(500, 500)), NOW)
    bio = "<p>I mix <strong>records</strong></p>\n<ul>\n<li>a &lt; b</li>\n</ul>\n"
    coach = factories.make_coach(alice, slug="alice", headline="Mixing engineer", portrait=portrait, bio_html=bio)
    CoachSpecialty.create(coach=coach, key="3 < 4", words="3 <4> Mixing", position=0)
    for days in (5, 4, 3):
        review(product, days)
    Review.update(stars=4).execute()
    for path in ("/coaches/alice", "/s/nova/mixing-call"):
        head = head_of(client.get(path).text)
        assert as_discord(head)["picture"] == f"{SITE}/pictures/{portrait.code}.jpg"
        assert Image.open(BytesIO(client.get(f"/pictures/{portrait.code}.jpg").data)).size == (1200, 630)
    head = head_of(client.get("/coaches/alice").text)
    preview = as_discord(head)
    assert preview["title"] == f"{alice.name}: Mixing engineer"
    assert preview["words"] == "From €49 · 4.0 of 5 from 3 reviews · 3 <4> Mixing · I mix records · a < b"
    assert preview["stripe"] == as_discord(head_of(client.get("/s/nova").text))["stripe"]
    assert (
        f"{TERMS} · Video call in a private Discord room · 4.0 of 5 from 3 reviews. We"
        in (as_slack(head_of(client.get("/s/nova/mixing-call").text))["words"])
    )
    (document,) = head.documents
    assert check_required(document) == {"ProfilePage", "Person"}


def test_every_page_that_is_to_be_found_tells_all_of_itself(
    client: FlaskClient, product: Product, alice: Person
) -> None:
    factories.make_coach(alice, slug="alice")
    refresh_directory(NOW)
    for stars in (5, 4, 2):
        review(product, stars)
    pages = [*sitemap_paths(client), "/s/nova/mixing-call/reviews", "/coaches/alice/reviews"]
    titles_and_descriptions = set()
    for path in pages:
        head = head_of(client.get(path).text)
        assert [name for name in TOLD if not head.first(name)] == [], path
        assert head.links["canonical"] == head.first("og:url") == SITE + path
        assert head.documents, path
        for document in head.documents:
            assert check_required(document), path
        titles_and_descriptions.add((head.title, head.first("description")))
    # Of two pages that say the same of themselves only one is found.
    assert len(titles_and_descriptions) == len(pages) == 7


def test_words_of_others_stay_words(client: FlaskClient, product: Product, store: Store) -> None:
    product.title, product.description_html = HOSTILE, ""
    product.save()
    store.name, store.line = HOSTILE, HOSTILE * 3
    store.save()
    for path in ("/s/nova", "/s/nova/mixing-call"):
        page = client.get(path)
        assert "unsafe-inline" not in page.headers["Content-Security-Policy"]
        assert not re.search(r"<script(?![^>]*(?: src=|ld\+json))", page.text)
        head = head_of(page.text)
        (document,) = head.documents
        assert HOSTILE in json.dumps(document, ensure_ascii=False).replace('\\"', '"')
        assert HOSTILE.strip() in head.first("og:title")
        assert len(head.first("description")) <= 320


def test_only_what_is_public_is_to_be_found(
    client: FlaskClient, browser_of: Browser, alice: Person, bob: Person, product: Product
) -> None:
    """A draft, a person's own page, a way in and an error say `noindex`, in the page and beside it."""
    booked = factories.make_coaching_session(product, bob, starts_at=NOW + timedelta(days=3))
    draft = factories.make_product(product.store, slug="draft", state="draft")
    hidden = factories.make_product(product.store, slug="hidden", is_unlisted=True)
    stopped = factories.make_store(factories.make_person(), slug="stopped", stopped_at=NOW)
    factories.make_product(stopped, slug="call")
    owner, student = browser_of(alice), browser_of(bob)
    for page in (
        client.get("/sign-in"),
        client.get("/sign-up"),
        client.get("/s/nova/nothing"),
        client.get("/partners/unknown"),
        client.get(f"/s/nova/{hidden.slug}"),
        client.get("/s/stopped"),
        client.get("/s/stopped/call"),
        client.get("/coaches?sort=price"),
        owner.get(f"/s/nova/{draft.slug}"),
        owner.get("/dashboard"),
        owner.get("/store/nova"),
        student.get(f"/sessions/{booked.code}"),
        student.get(f"/sessions/{booked.code}/cancellation"),
        student.get("/settings"),
    ):
        assert page.headers["X-Robots-Tag"] == "noindex", page.request.path
        assert head_of(page.text).first("robots") == "noindex", page.request.path
    for page in (client.get("/"), client.get("/s/nova"), client.get("/s/nova/mixing-call"), owner.get("/s/nova")):
        assert "X-Robots-Tag" not in page.headers, page.request.path
        assert head_of(page.text).first("robots") == "", page.request.path
    # Whoever has the link may paste it: it shows what it is.
    assert as_discord(head_of(client.get("/s/nova/hidden").text))["picture"]


def sitemap_paths(client: FlaskClient) -> list[str]:
    """The paths of all pages in the sitemap, part by part."""
    parts = locations(client.get("/sitemap.xml"))
    listed = [address for part in parts for address in locations(client.get(urlsplit(part).path))]
    assert all(address.startswith(f"{SITE}/") for address in parts + listed)
    return [urlsplit(address).path for address in listed]


def locations(answer: Any) -> list[str]:
    return [element.text for element in ElementTree.fromstring(answer.data).iter() if element.tag.endswith("}loc")]


def test_the_sitemap_lists_what_anybody_may_book(
    client: FlaskClient, product: Product, store: Store, mallory: Person
) -> None:
    factories.make_coach(store.owner, slug="nova-hart")
    factories.make_coach(mallory, slug="nothing-yet")
    factories.make_product(store, slug="draft", state="draft")
    factories.make_product(store, slug="hidden", is_unlisted=True)
    stopped = factories.make_store(mallory, slug="stopped", stopped_at=NOW)
    factories.make_product(stopped, slug="call")
    factories.make_store(mallory, slug="empty")
    shy = factories.make_person("Shy")
    factories.make_coach(shy, slug="shy", is_listed=False)
    factories.make_product(factories.make_store(shy, slug="shy", stopped_at=None), slug="call", is_unlisted=False)
    expected = ["/", "/coaches", "/s/nova", "/s/shy", "/s/nova/mixing-call", "/s/shy/call", "/coaches/nova-hart"]
    assert sitemap_paths(client) == expected
    dated = client.get("/sitemap-products-1.xml").text
    assert f"<lastmod>{product.updated_at:%Y-%m-%dT%H:%M:%SZ}</lastmod>" in dated
    assert [client.get(f"/sitemap-products-{part}.xml").status_code for part in (0, 2)] == [404, 404]
    # Whoever wants to be on no list is on none, and found by their link.
    for path in ("/coaches/shy", "/coaches/shy/reviews"):
        assert (client.get(path).status_code, client.get(path).headers["X-Robots-Tag"]) == (200, "noindex")


def test_robots_leave_alone_what_needs_a_sign_in_and_nothing_that_anybody_sees(app: Flask, client: FlaskClient) -> None:
    text = client.get("/robots.txt").text
    assert f"Sitemap: {SITE}/sitemap.xml" in text
    closed = tuple(re.findall(r"Disallow: (/[^*\n]*)$", text, re.MULTILINE))
    for rule in app.url_map.iter_rules():
        access = ACCESS.get(rule.endpoint)
        # Discord sends people back to the callback; nobody comes upon it.
        is_open = access and access[0] == "in" and rule.endpoint != "accounts.discord_callback"
        if is_open and "GET" in (rule.methods or ()):
            assert not rule.rule.startswith(closed), rule.rule
    assert all(any(rule.rule.startswith(prefix) for rule in app.url_map.iter_rules()) for prefix in closed)
