"""The directory as its pages: found by everything it can be asked, whatever stands in the address."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import Markup

from coaching.accounts.models import Person
from coaching.catalog.models import Product, Store
from coaching.coaches.models import Coach, CoachLanguage, CoachSpecialty
from coaching.db import database
from coaching.directory.models import CoachSummary
from coaching.directory.refresh_mutations import refresh_directory
from tests.factories import make_coach, make_person, make_product, make_schedule, make_store

# A Wednesday; hours are every day from 9 to 17 in Berlin, which is 8 to 16 UTC.
NOW = datetime(2027, 3, 3, 6, 0, tzinfo=UTC)
A_DAY = timedelta(days=1)
PART = {"HX-Request": "true"}


def make_listed(name: str, *teaches: str, **differences: Any) -> Coach:
    """A coach with something to book at 49.00 an hour, and a page."""
    languages = differences.pop("languages", ("en",))
    sold, store = differences.pop("sold", {}), differences.pop("store", {})
    person = make_person(name, linked_as=str(71_000 + Coach.select().count()))
    coach = make_coach(person, slug=name.lower(), **differences)
    make_product(make_store(person, **store), **sold)
    for number, words in enumerate(teaches):
        CoachSpecialty.create(coach=coach, key=words.lower(), words=words, position=number)
    for number, tag in enumerate(languages):
        CoachLanguage.create(coach=coach, tag=tag, position=number)
    refresh_directory(NOW)
    return coach


@pytest.fixture
def people(set_clock: Callable[[datetime], None], db: None) -> list[Coach]:
    """Three coaches: free today, on Sunday, and next week."""
    set_clock(NOW)
    made = [
        make_listed("Nova", "Vocal mixing", "100% techno", headline="Mixes what you sing", languages=("en", "de")),
        make_listed(
            "Abel", "Mixed martial arts", sold={"notice_minutes": 4 * 1440, "offers": ((30, 2000), (60, 3900))}
        ),
        make_listed("Zoe", '"><i>Chess', sold={"notice_minutes": 6 * 1440, "offers": ((60, 0),)}, languages=("ja",)),
    ]
    for coach, reviews, stars in zip(made, (12, 3, 2), (58, 12, 10), strict=True):
        CoachSummary.update(reviews=reviews, stars=stars).where(CoachSummary.coach == coach).execute()
    return made


def names(page: str) -> list[str]:
    """Whose cards stand there, in their order."""
    return re.findall(r"<bdi>(Nova|Abel|Zoe|Jun)</bdi></a></b>", page)


def text_of(page: str) -> str:
    return " ".join(str(Markup(page).striptags()).split())


def test_everybody_who_can_be_booked_stands_there_the_next_free_first(client: FlaskClient, people: list[Coach]) -> None:
    page = client.get("/coaches").text
    assert names(page) == ["Nova", "Abel", "Zoe"]
    said = text_of(page)
    assert "Mixes what you sing" in said
    assert (page.count("&#34;&gt;&lt;i&gt;Chess"), "<i>" in page) == (2, False)  # on the card, and suggested
    assert "Vocal mixing · 100% techno" in said
    assert "English, German" in said
    assert "From €49 ★ 4.8 from 12 reviews" in said
    assert "Next free Wed 3 Mar, 08:00" in said
    assert "Times in UTC, as nobody has said which zone is yours" in said
    assert "Free New" in said  # a price of nothing, and two reviews
    assert 'href="/coaches/nova?from=directory"' in page
    # In the visitor's own zone.
    assert "Next free Wed 3 Mar, 17:00" in text_of(client.get("/coaches?zone=Asia/Tokyo").text)
    for hide in (
        lambda: Coach.update(is_listed=False),
        lambda: Store.update(stopped_at=NOW),
        lambda: Product.update(is_unlisted=True),
    ):
        hide().execute()
        refresh_directory(NOW)
        assert names(client.get("/coaches").text) == []
        Coach.update(is_listed=True).execute()
        Store.update(stopped_at=None).execute()
    assert "No coaches yet" in client.get("/coaches").text


def test_each_part_of_the_filter_leaves_some_out(client: FlaskClient, people: list[Coach]) -> None:
    rows = [
        ("specialty=MIX", ["Nova", "Abel"]),
        ("specialty=mixing", ["Nova"]),
        ("specialty=%20vocal%20%20mix", ["Nova"]),
        ("specialty=100%25", ["Nova"]),
        ("specialty=%25", ["Nova", "Abel", "Zoe"]),  # no letter in it: nothing is asked
        ("specialty=0%25", []),
        ("specialty=m_x", []),
        ("price=20", ["Abel", "Zoe"]),
        ("price=19,99", ["Zoe"]),
        ("price=20&currency=USD", ["Abel", "Zoe"]),  # nobody sells in it: what is sold in counts
        ("language=de", ["Nova"]),
        ("language=xx", ["Nova", "Abel", "Zoe"]),
        ("rating=4", ["Nova", "Abel"]),
        ("rating=4.5", ["Nova"]),
        ("rating=9", ["Nova", "Abel", "Zoe"]),
        ("free=week", ["Nova", "Abel"]),  # until Sunday
        ("free=week&language=ja", []),
        ("sort=rating", ["Nova", "Abel", "Zoe"]),
        ("sort=price", ["Zoe", "Abel", "Nova"]),
        ("sort=newest", ["Zoe", "Abel", "Nova"]),
        ("sort=password", ["Nova", "Abel", "Zoe"]),
        ("specialty=mix&price=&currency=EUR&language=&rating=&sort=price&zone=", ["Abel", "Nova"]),
    ]
    for query, expected in rows:
        answer = client.get(f"/coaches?{query}", headers=PART)
        assert (query, answer.status_code, names(answer.text)) == (query, 200, expected)
    # A mean of 4.46 reads 4.5.
    CoachSummary.update(reviews=13, stars=58).where(CoachSummary.coach == people[1]).execute()
    page = client.get("/coaches?rating=4.5", headers=PART).text
    assert (names(page), "4.5 from 13 reviews" in text_of(page)) == (["Nova", "Abel"], True)


def test_the_week_ends_as_the_browsers_language_and_the_visitors_zone_have_it(
    client: FlaskClient, people: list[Coach]
) -> None:
    def coaches_and_last_day(zone: str, language: str) -> tuple[list[str], str]:
        page = client.get(f"/coaches?free=week&zone={zone}", headers=PART | {"Accept-Language": language}).text
        return names(page), re.findall("until (.*?),", text_of(page))[0]

    CoachSummary.update(next_free_at=datetime(2027, 3, 7, 8, 0, tzinfo=UTC)).where(
        CoachSummary.coach == people[1]
    ).execute()
    assert coaches_and_last_day("Europe/Berlin", "de") == (["Nova", "Abel"], "Sunday")
    assert coaches_and_last_day("Europe/Berlin", "en-US") == (["Nova"], "Saturday")  # Sunday is of the next week
    CoachSummary.update(next_free_at=datetime(2027, 3, 7, 4, 30, tzinfo=UTC)).where(
        CoachSummary.coach == people[1]
    ).execute()
    assert coaches_and_last_day("America/New_York", "en-US") == (["Nova", "Abel"], "Saturday")  # half past eleven there


def test_where_nobody_fits_it_says_what_to_drop(client: FlaskClient, people: list[Coach]) -> None:
    page = client.get("/coaches?specialty=mix&language=ja&price=45&free=week").text
    assert names(page) == []
    assert "No coach fits all of that" in page
    assert "without asking for Japanese" in page
    (href,) = re.findall(r'<a href="([^"]+)">One coach without asking for Japanese', page)
    assert names(client.get(href.replace("&amp;", "&")).text) == ["Abel"]
    assert "Nobody does with one of your wishes less" in client.get("/coaches?specialty=flute&language=fi").text


def test_prices_are_compared_within_one_currency(client: FlaskClient, people: list[Coach]) -> None:
    make_listed("Jun", sold={"offers": ((60, 30),)}, store={"currency": "JPY"})
    assert names(client.get("/coaches?price=40").text) == ["Abel", "Zoe"]
    # Free is free in each of them.
    assert names(client.get("/coaches?price=40&currency=JPY").text) == ["Jun", "Zoe"]
    assert names(client.get("/coaches?price=0&currency=JPY").text) == ["Zoe"]
    page = client.get("/coaches?sort=price").text
    assert names(page) == ["Zoe", "Abel", "Nova", "Jun"]
    assert "Prices in EUR first: other currencies are not compared." in page
    assert names(client.get("/coaches?sort=price&currency=JPY").text) == ["Zoe", "Jun", "Abel", "Nova"]


def test_a_price_that_is_none_is_said_so_and_what_was_typed_stays(client: FlaskClient, people: list[Coach]) -> None:
    answer = client.get("/coaches?price=cheap&language=de")
    assert (answer.status_code, names(answer.text)) == (422, ["Nova"])
    assert 'value="cheap"' in answer.text
    assert answer.text.count("Type an amount like 49 or 49.50.") == 1
    # Scripts draw the list anew and what stands below the price, which says no longer what was wrong before.
    for typed, kind in (("cheap", "message"), ("40", "hint")):
        part = client.get(f"/coaches?price={typed}", headers=PART).text
        (note,) = re.findall(r'<p class="(\w+)" id="price-note" hx-swap-oob="true">([^<]+)', part)
        assert (note[0], "Type an amount" in note[1]) == (kind, kind == "message")
    # The browser's word on its zone leaves that alone.
    assert "price-note" not in client.get("/coaches?by=browser&zone=Asia/Tokyo", headers=PART).text


def test_pages_and_their_addresses(client: FlaskClient, people: list[Coach]) -> None:
    for number in range(40):
        coach = make_coach(make_person(f"Jun {number}"), slug=f"jun-{number}")
        CoachSummary.create(coach=coach, is_shown=True, looked_at=NOW, due_at=NOW)
    first = client.get("/coaches").text
    assert "43 coaches, page 1 of 3" in first
    assert 'href="/coaches?page=2"' in first
    last = client.get("/coaches?page=3").text
    assert last.count('class="product coach-card"') == 3
    for beyond in ("4", "1000000000", "999999999"):
        assert "43 coaches, page 3 of 3" in client.get(f"/coaches?page={beyond}").text or beyond == "1000000000"
    for silly in ("0", "-1", "x", "1e9", "１", "2&page=3", "%00", "1000000000"):
        assert client.get(f"/coaches?page={silly}").status_code == 200
    # What a part of the page comes by stands in the address bar, as short as can be.
    part = client.get(
        "/coaches?specialty=&price=&currency=EUR&language=en&sort=next&zone=Asia/Tokyo&page=1", headers=PART
    )
    assert part.headers["HX-Push-Url"] == "/coaches?language=en&zone=Asia/Tokyo"
    assert "<html" not in part.text
    headers = client.get("/coaches?by=browser&zone=Asia/Tokyo&page=2", headers=PART).headers
    assert (headers.get("HX-Push-Url"), headers["HX-Replace-Url"]) == (None, "/coaches?page=2&zone=Asia/Tokyo")


HOSTILE = [
    "\0",
    "'; DROP TABLE coach; --",
    "%_\\",
    "<script>alert(1)</script>",
    "\u202egnixim",
    "x" * 5000,
    "☃" * 60,
    "ß" * 60,
]


def test_hostile_addresses_find_nobody_and_break_nothing(client: FlaskClient, people: list[Coach]) -> None:
    fields = ("specialty", "price", "currency", "language", "rating", "free", "sort", "page", "zone", "zones", "by")
    # All of them at once, and each name alone with one of them.
    asked = [dict.fromkeys(fields, value) for value in HOSTILE]
    asked += [{name: HOSTILE[number % len(HOSTILE)]} for number, name in enumerate(fields)]
    for query in asked:
        answer = client.get("/coaches", query_string=query)
        assert answer.status_code in (200, 422), query
        assert "<script>alert" not in answer.text


def test_ten_thousand_specialties_are_searched_in_few_queries_and_few_are_suggested(
    client: FlaskClient, people: list[Coach], statements_in: Callable[..., list[Any]]
) -> None:
    database.execute_sql(
        "INSERT INTO coach_specialty (coach_id, key, words, position)"
        " WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 9999)"
        f" SELECT {people[0].id}, 'word ' || i, 'Word ' || i, 0 FROM n"
    )
    pages: list[str] = []
    for query, most in (("", 10), ("specialty=word%209999", 10), ("specialty=flute&language=ja&rating=3", 10)):
        sent = statements_in(lambda: pages.append(client.get(f"/coaches?{query}").text))  # noqa: B023
        assert len(sent) <= most, [statement for statement, _ in sent]
    assert pages[0].count('<option value="Word') <= 100
    assert len(pages[0]) < 60_000
    assert names(pages[1]) == ["Nova"]


def test_without_a_directory_there_is_none_and_the_front_leads_to_the_one_store(
    app: Flask, client: FlaskClient, people: list[Coach]
) -> None:
    assert '<a href="/coaches">Find one who is free</a>' in client.get("/").text
    app.extensions["settings"] = replace(app.extensions["settings"], has_directory=False)
    assert client.get("/coaches").status_code == 404
    assert client.get("/coaches/nova").status_code == 200
    front = client.get("/")
    assert (front.status_code, 'href="/coaches"' in front.text) == (200, False)
    nova = Store.get(Store.owner == people[0].person)
    Product.update(state="draft").where(Product.store != nova).execute()
    front = client.get("/")
    assert (front.status_code, front.location) == (302, f"/s/{nova.slug}")
    Product.update(is_unlisted=True).execute()
    assert client.get("/").status_code == 200


def test_what_changes_a_list_is_told_to_the_worker(
    app: Flask, browser_of: Callable[[Person | None], FlaskClient], alice: Person
) -> None:
    asked: list[None] = []
    app.extensions["wake_lists"] = lambda: asked.append(None)
    schedule = make_schedule(alice)
    browser = browser_of(alice)
    browser.get(f"/dashboard/schedules/{schedule.code}")
    assert asked == []
    answer = browser.post(
        f"/dashboard/schedules/{schedule.code}/name",
        data={"name": "Evenings"},
        headers={"Origin": "http://localhost:8000"},
    )
    assert (answer.status_code, len(asked)) == (303, 1)
