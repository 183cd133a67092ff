"""A coach's public page, and how it is filled in."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from coaching.accounts.models import DiscordLink, Person
from coaching.booking.models import SessionEvent
from coaching.catalog.models import Picture, Product, Store
from coaching.coaches.models import Coach, CoachSpecialty, FormerSlug
from coaching.coaches.profile import MOST_FORMER_SLUGS
from coaching.coaches.profile_queries import MOST_SUGGESTED
from tests import factories

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
HOSTILE_BIO = (
    "<script>alert(1)</script> <img src=x onerror=alert(1)> [click](javascript:alert(1)) ![x](https://evil.example/x.png)"
    "\n\n# Big\n\n**bold** [mine](https://mine.example)\n\n<a href='https://a.example' onclick=x>a</a>"
)


class Elements(HTMLParser):
    """The elements of a page with their attributes, as a browser reads them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.fixture
def product(alice: Person, set_clock: Callable[[datetime], None]) -> Product:
    set_clock(NOW)
    return factories.make_product(factories.make_store(alice, slug="alices"), offers=((30, 2900), (60, 4900)))


@pytest.fixture
def coach(alice: Person, product: Product) -> Coach:
    return factories.make_coach(alice, slug="alice")


def form_of(**differences: object) -> dict[str, object]:
    return {"slug": "alice", "picture": "none", "is_listed": "y"} | differences


def test_the_page_says_who_somebody_is_and_what_they_sell(
    client: FlaskClient, alice: Person, coach: Coach, product: Product, browser_of, bob
) -> None:
    saved = browser_of(alice).post(
        "/dashboard/page",
        data=form_of(
            headline="Mixing engineer",
            bio=HOSTILE_BIO,
            links="mine.example/me\nhttps://раураl.com",
            **{"specialties-0": "Vocal  mixing", "specialties-1": "vocal mixing", "specialties-2": "Mastering"},
            **{"languages-0": "en", "languages-1": "de", "languages-2": "en"},
        ),
    )
    assert saved.status_code == 303
    assert 'href="/coaches?specialty=Vocal+mixing" rel="nofollow"' in client.get("/coaches/alice").text
    for count in range(3):
        held = factories.make_coaching_session(
            product, bob, starts_at=NOW - timedelta(days=count + 1), state="completed"
        )
        SessionEvent.create(coaching_session=held, kind="requested", at=NOW - timedelta(days=9))
        SessionEvent.create(
            coaching_session=held, kind="accepted", at=NOW - timedelta(days=9) + timedelta(hours=3 - count)
        )
    factories.make_coaching_session(product, bob, starts_at=NOW - timedelta(days=5), state="no_show")

    page = client.get("/coaches/alice?zone=America/New_York").text

    for part in (
        "Mixing engineer",
        "<strong>bold</strong>",
        "English and German",
        "From €29",
        "usually within 2 hours",
    ):
        assert part in page
    assert "<dt>Calls held</dt><dd>3</dd>" in page
    assert "European mornings and afternoons" in page  # from 9 to 17
    assert "Nights and mornings" not in page
    assert "in your time" in page
    assert page.partition("<main")[2].count("Vocal mixing") == 1
    assert "vocal mixing" not in page
    assert f'href="/s/alices/{product.slug}?from=page"' in page
    # Whatever a coach writes, it does nothing.
    body = page.partition("<main")[2]
    elements = Elements(body)
    assert not {"script", "style", "iframe"} & {name for name, _ in elements.found}
    for name, attributes in elements.found:
        assert not [attribute for attribute in attributes if attribute.startswith("on")], (name, attributes)
        assert not (attributes.get("href") or "").lower().startswith(("javascript:", "data:"))
        assert attributes.get("src") != "x"
    assert "evil.example" not in str(elements.found)
    assert 'href="https://mine.example/me" rel="noopener nofollow ugc"' in body
    assert "xn--l-7sba6dbr.com" in body
    assert "раураl" not in body


@pytest.mark.parametrize("role", ["visitor", "coach", "admin"])
def test_a_page_with_nothing_to_book_ever_is_its_coachs_alone(
    role: str, alice: Person, set_clock: Callable[[datetime], None], browser_of: Callable[..., FlaskClient]
) -> None:
    set_clock(NOW)
    coach = factories.make_coach(alice, slug="alice")
    person = {"visitor": None, "coach": alice, "admin": factories.make_person("Admin", is_admin=True)}[role]
    browser = browser_of(person)
    assert browser.get("/coaches/alice").status_code == (404 if role == "visitor" else 200)

    product = factories.make_product(factories.make_store(alice))
    assert browser.get("/coaches/alice").status_code == 200
    # Withdrawn, or put aside: the page is there, and says that there is nothing.
    Product.update(state="draft").execute()
    page = browser.get("/coaches/alice")
    assert (page.status_code, "Nothing to book right now" in page.text) == (200, True)
    assert 'name="robots" content="noindex"' in page.text
    assert product.title not in page.text

    Coach.update(stopped_at=NOW).where(Coach.id == coach.id).execute()
    Store.update(stopped_at=NOW).execute()
    stopped = browser.get("/coaches/alice")
    assert stopped.status_code == (404 if role == "visitor" else 200)
    # An old link leads on to other coaches.
    assert ('primary" href="/coaches"' in stopped.text) == (role == "visitor")


def test_an_unlisted_call_and_one_of_a_stopped_store_are_not_on_the_page(client, alice, coach, product) -> None:
    Product.update(is_unlisted=True).execute()
    assert "Nothing to book right now" in client.get("/coaches/alice").text


def test_an_earlier_address_leads_to_the_present_one(client, browser_of, alice, mallory, coach) -> None:
    browser = browser_of(alice)
    factories.make_coach(mallory, slug="mallory")
    assert browser.post("/dashboard/page", data=form_of(slug="Alice-M")).status_code == 303
    moved = client.get("/coaches/alice")
    assert (moved.status_code, moved.headers["Location"]) == (301, "/coaches/alice-m")
    # It may be taken back one day, so no browser is to keep it for good.
    assert "no-cache" in moved.headers["Cache-Control"]
    assert client.get("/coaches/ALICE-m").headers["Location"] == "/coaches/alice-m"

    # Another's present and earlier addresses are taken, and those that the site needs.
    for slug in ("alice", "alice-m", "apply", "two words"):
        answer = browser_of(mallory).post("/dashboard/page", data=form_of(slug=slug, headline="Kept words"))
        assert (answer.status_code, "Kept words" in answer.text) == (422, True), slug
    assert Coach.get(Coach.person == mallory).slug == "mallory"

    assert browser.post("/dashboard/page", data=form_of(slug="alice")).status_code == 303
    assert client.get("/coaches/alice-m").headers["Location"] == "/coaches/alice"
    assert FormerSlug.select().count() == 1

    for number in range(MOST_FORMER_SLUGS - 1):
        FormerSlug.create(coach=coach, slug=f"alice-{number}")
    assert "has had 10 other addresses" in browser.post("/dashboard/page", data=form_of(slug="one-more")).text
    assert client.get("/coaches/one-more").status_code == 404


def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(browser_of, alice, coach) -> None:
    answer = browser_of(alice).post(
        "/dashboard/page",
        data=form_of(
            headline="x" * 101,
            bio="My words",
            links="http://plain.example",
            picture="own",
            **{"specialties-0": "a,b,c,d,e,f,g", "languages-0": "xx"},
        ),
    )
    assert answer.status_code == 422
    for sentence in (
        "At most 100 characters",
        "Only addresses with https://",
        "Choose a file below",
        "At most 6",
        "a,b,c,d",
    ):
        assert sentence in answer.text
    assert "My words" in answer.text
    led_to = re.findall(r'<li><a href="#([a-z_-]+)"', answer.text)
    assert set(led_to) == {"headline", "picture", "specialties", "languages", "links"}
    assert not [place for place in led_to if f'id="{place}"' not in answer.text]
    assert Coach.get_by_id(coach.id).bio == ""
    connected = browser_of(alice).post("/dashboard/page", data=form_of(picture="discord"))
    assert connected.status_code == (303 if coach.takes_avatar else 422)


def test_two_windows_do_not_overwrite_each_other(browser_of, alice, coach) -> None:
    browser = browser_of(alice)
    seen = re.search(r'name="seen"[^>]*value="([^"]+)"', browser.get("/dashboard/page").text)[1]
    assert browser.post("/dashboard/page", data=form_of(headline="First", seen=seen)).status_code == 303
    second = browser.post("/dashboard/page", data=form_of(headline="Second", seen=seen))
    assert (second.status_code, "First" in second.text, "Second" in second.text) == (409, True, True)
    assert (
        browser.post("/dashboard/page", data=form_of(headline="First", seen=seen)).status_code == 303
    )  # a second press
    assert Coach.get_by_id(coach.id).headline == "First"


def test_a_picture_is_cut_to_a_square_kept_for_itself_and_seen_by_everybody(client, browser_of, alice, coach) -> None:
    browser, data = browser_of(alice), BytesIO()
    Image.new("RGB", (520, 700), "green").save(data, "JPEG", exif=Image.Exif())
    for _ in range(2):
        file = (BytesIO(data.getvalue()), "me.jpg")
        assert browser.post("/dashboard/page", data=form_of(upload=file)).status_code == 303
    picture = Picture.get()
    assert (picture.width, picture.height, Picture.select().count()) == (512, 512, 1)
    answer = client.get(f"/portraits/{picture.code}.webp")
    assert (answer.status_code, answer.mimetype) == (200, "image/webp")
    assert "immutable" in answer.headers["Cache-Control"]
    assert f"/portraits/{picture.code}.webp" in client.get("/coaches/alice").text

    # Saved without a file it stays; a broken one changes nothing; taken away it is gone, at its address, too.
    browser.post("/dashboard/page", data=form_of(picture="own"))
    broken = browser.post("/dashboard/page", data=form_of(picture="own", upload=(BytesIO(b"<svg/>"), "me.svg")))
    assert (broken.status_code, "not a picture we can read" in broken.text) == (422, True)
    assert Picture.select().count() == 1
    browser.post("/dashboard/page", data=form_of(picture="none"))
    assert (Picture.select().count(), client.get(f"/portraits/{picture.code}.webp").status_code) == (0, 404)
    assert client.get(f"/pictures/{picture.code}.webp").status_code == 404


def test_discord_s_picture_is_chosen_where_there_is_one(app: Flask, browser_of, alice, coach) -> None:
    Coach.update(takes_avatar=False).execute()
    browser = browser_of(alice)
    assert browser.post("/dashboard/page", data=form_of(picture="discord")).status_code == 422
    DiscordLink.update(avatar="a1").where(DiscordLink.person == alice).execute()
    assert browser.post("/dashboard/page", data=form_of(picture="discord")).status_code == 303
    assert Coach.get_by_id(coach.id).takes_avatar
    for then, words in (
        ({}, "Fetched from Discord within a minute"),
        ({"avatar_attempts": 2}, "It is asked for again"),
        ({"avatar": "a1"}, "It could not be fetched. Save your page"),
    ):
        Coach.update(then or {"avatar_attempts": 0}).execute()
        assert words in browser.get("/dashboard/page").text
    DiscordLink.update(avatar=None).execute()
    assert "None is known yet" in browser.get("/dashboard/page").text


def test_names_that_turn_the_line_around_are_kept_to_themselves(client, alice, coach) -> None:
    alice.name = "Alice שלום"
    alice.save()
    Coach.update(headline="שלום mixing").execute()
    body = client.get("/coaches/alice").text.partition("<main")[2]
    assert "<bdi>Alice שלום</bdi>" in body
    assert "<bdi>שלום mixing</bdi>" in body


def test_the_page_asks_the_database_little_however_much_there_is(client, coach, product, statements_in) -> None:
    for number in range(6):
        factories.make_product(product.store, title=f"Call {number}")
    asked = [sql for sql, _ in statements_in(lambda: client.get("/coaches/alice")) if sql.startswith("SELECT")]
    assert len(asked) <= 13, asked


def test_the_face_stands_beside_calls_and_stays_with_those_who_have_booked(
    client, browser_of, alice, bob, coach, product
) -> None:
    Product.update(refund_tiers="1440:100", payment="outside").execute()
    picture = Picture.create(code="face", owner=alice, sha256="portrait", width=9, height=9, webp=b"RIFF", made_at=NOW)
    Coach.update(headline="Mixing engineer", portrait=picture).execute()
    booked = factories.make_coaching_session(product, bob, starts_at=NOW + timedelta(days=3))
    pages = {
        f"/s/alices/{product.slug}": client,
        "/s/alices": client,
        "/coaches/alice": client,
        f"/sessions/{booked.code}": browser_of(bob),
    }
    for address, browser in pages.items():
        page = browser.get(address).text
        assert "<bdi>Alice</bdi>" in page, address
        assert "<bdi>Mixing engineer</bdi>" in page, address
        assert 'src="/portraits/face.webp"' in page, address
        assert 'href="/coaches/alice"' in page or address == "/coaches/alice", address
        assert "all of it goes back until 24 h before the start" in page or browser is not client, address

    Coach.update(stopped_at=NOW).execute()
    page = browser_of(bob).get(f"/sessions/{booked.code}").text
    assert ('src="/portraits/face.webp"' in page, "/coaches/alice" in page) == (True, False)
    # The coach's own page of the session names the student.
    assert "Bob" in browser_of(alice).get(f"/sessions/{booked.code}").text


def test_of_many_specialties_the_form_suggests_the_common_ones(browser_of, alice, mallory, coach) -> None:
    other = factories.make_coach(mallory)
    many = [{"coach": other, "key": f"key {number}", "words": f"Word {number}"} for number in range(300)]
    CoachSpecialty.insert_many(many).execute()
    for mixing_coach in (coach, other):
        CoachSpecialty.create(coach=mixing_coach, key="mixing", words="Mixing")
    page = browser_of(alice).get("/dashboard/page").text
    assert page.count('<option value="Word') == MOST_SUGGESTED - 1
    assert page.index('<option value="Mixing">') < page.index('<option value="Word')
