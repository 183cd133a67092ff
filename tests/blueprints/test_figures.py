"""Pages of figures: what they show, the lists behind their numbers, their files, and who gets to see them."""

import csv
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from html import unescape
from io import StringIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from blueprints.figures.charts import Series, chart_of, lines_of
from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession, Seat
from coaching.catalog.models import Product
from coaching.figures import names
from coaching.figures.calendar import Days
from coaching.figures.list_queries import CALLS, Behind, calls_behind, hours_behind, receipts_behind, reviews_behind
from coaching.figures.queries import site_sheet, store_sheet
from coaching.figures.refresh_mutations import finish_figures, rebuild_figures, refresh_figures
from coaching.now import Now
from coaching.rooms.models import Room
from coaching.runtime.models import Run
from tests import factories, many_calls
from tests.figures.test_model import NOW, Life, make_stores

SetClock = Callable[[datetime], None]
A_DAY = timedelta(days=1)


def number_of_links(page: str) -> list[tuple[str, str]]:
    """Each number with a list behind it, and where that is."""
    links = re.findall(r'<a href="([^"]*figures/behind[^"]*)">([^<]+)</a>', page)
    return [(unescape(href), words) for href, words in links]


def test_every_number_leads_to_as_many_calls(
    app: Flask, client: FlaskClient, set_clock: SetClock, alice: Person, bob: Person
) -> None:
    set_clock(NOW)
    store = factories.make_store(alice, slug="nova", zone="America/New_York")
    product = factories.make_product(store, title="=2+3", payment="stripe")
    life = Life(11, [product])
    life.student = bob
    for _ in range(30):
        life.live_one()
    finish_figures(Now(NOW, NOW))
    factories.sign_in(client, alice)
    pages = {unit: client.get(f"/dashboard/figures?by={unit}").text for unit in ("day", "week", "month")}
    assert "Nothing in these days" not in pages["month"]
    # Whoever hears the page is told what each chart shows, and that the table below has the numbers.
    drawn = re.findall(r"<section.*?</section>", pages["month"], re.S)
    drawn = [section for section in drawn if "<svg" in section and 'class="bars"' in section]
    assert len(drawn) > 5
    for section in drawn:
        assert section.index("stand in the table below.") < section.index("<table"), section[:200]
    followed = 0
    for href, words in sorted({*number_of_links(pages["month"])})[::4]:
        # Those that are how many, and not how long or how much.
        if re.fullmatch(r"[\d,]+", words) and "what=stars" not in href:
            heading = re.search(r"([\d,]+) (?:calls?|reviews?|receipts?)\b", client.get(href).text)
            assert heading, href
            assert heading[1] == words, href
            followed += 1
    assert followed > 10
    back = re.search(r'class="back" href="([^"]+)"', client.get(number_of_links(pages["week"])[0][0]).text)
    assert back
    assert back[1] == "/dashboard/figures?store=nova&amp;by=week"
    # How long is in the list as well, so that it adds up.
    hours = {
        figure: href for href, words in number_of_links(pages["month"]) for figure in re.findall("what=([a-z_]+)", href)
    }
    for figure, column in (("booked_minutes", "Length"), ("spent_seconds", "Really spent")):
        assert f'data-label="{column}">' in client.get(hours[figure]).text, figure
    # A file for a spreadsheet says the same, and what a coach calls a product is no formula.
    file = client.get("/dashboard/figures.csv?by=month")
    rows = list(csv.DictReader(StringIO(file.text.removeprefix("\ufeff"))))
    assert {row["Product"] for row in rows} == {"All", "'=2+3"}
    booked = sum(int(row["Booked"]) for row in rows if row["Product"] == "All")
    assert booked == sum(amount for key, amount in life.counts.items() if key[2] == "created")
    # Days are told apart by the store's own clock, and what is odd in an address is taken for the ordinary.
    for odd in ("until=2027-02-30", "until=9999-01-01", "by=year", "until=0001-01-01", "product=", "until=1999-12-31"):
        assert client.get(f"/dashboard/figures?{odd}").status_code == 200, odd
    for nonsense in ("what=secrets&from=2027-03-01&to=2027-03-02", "what=created&from=x&to=2027-03-02", ""):
        assert client.get(f"/dashboard/figures/behind?{nonsense}").status_code == 404, nonsense
    # An empty part is said in a sentence, and earlier days are a step away.
    empty = client.get("/dashboard/figures?until=2026-01-10").text
    assert "Nothing in these days: Booked and held, Cancelled and missed" in empty
    assert client.get("/dashboard/figures/behind?what=created&from=2026-01-01&to=2026-01-02").text.count("Nothing here")


def test_bars_are_as_high_as_their_values() -> None:
    side_by_side = chart_of([Series("a", [0, 5]), Series("b", [20, 1])], ["Mon", "Tue"], " h", "Said.")
    assert [(bar.series, bar.left, bar.top, bar.height) for bar in side_by_side.bars] == [
        (2, 25.0, 20.0, 120.0),
        (1, 55.0, 110.0, 30.0),
        (2, 75.0, 134.0, 6.0),
    ]
    assert (side_by_side.top_label, side_by_side.bars[1].label) == ("20 h", "Tue: a 5 h")
    stacked = chart_of([Series("a", [30]), Series("b", [30])], ["Mon"], "", "Said.", is_stacked=True)
    assert [(bar.top, bar.height) for bar in stacked.bars] == [(80.0, 60.0), (20.0, 60.0)]
    # Next to very much, little is seen all the same; and nothing is no chart.
    assert chart_of([Series("a", [1, 10_000])], ["Mon", "Tue"], "", "Said.").bars[0].height == 2.0
    assert chart_of([Series("a", [0])], ["Mon"], "", "Said.") is None
    assert [(line.label, line.width) for line in lines_of([("x", 1), ("y", 4), ("z", 0)])] == [("y", 100), ("x", 25)]


def test_a_page_asks_little_however_much_there_is(
    client: FlaskClient, set_clock: SetClock, db: Any, caplog: pytest.LogCaptureFixture
) -> None:
    set_clock(many_calls.NOW)
    coach = many_calls.fill(200)
    finish_figures(Now(many_calls.NOW, many_calls.NOW))
    factories.sign_in(client, coach)
    for address, words in many_calls.PAGES.values():
        client.get(address)
        caplog.clear()
        with caplog.at_level("DEBUG", "peewee"):
            assert words in client.get(address).text
        assert 0 < len([record for record in caplog.records if record.name == "peewee"]) <= 10, address


def test_the_figures_of_others_are_not_there(
    client: FlaskClient, set_clock: SetClock, alice: Person, mallory: Person
) -> None:
    set_clock(NOW)
    product = factories.make_product(factories.make_store(alice, slug="nova"))
    own = factories.make_product(factories.make_store(mallory, slug="mallorys"))
    factories.sign_in(client, mallory)
    assert client.get("/dashboard/figures").status_code == 200
    behind = "/dashboard/figures/behind?what=created&from=2027-01-01&to=2027-04-01"
    for address in (
        "/dashboard/figures?store=nova",
        "/dashboard/figures.csv?store=nova",
        f"{behind}&store=nova",
        f"/dashboard/figures?product={product.code}",
        f"{behind}&product={product.code}",
    ):
        assert client.get(address).status_code == 404, address
    march = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
    factories.make_coaching_session(own, state="held", starts_at=march + A_DAY, created_at=march)
    # Not “Held”, which reads as if the call had been.
    assert "Held until paid" in client.get(f"{behind}&product={own.code}").text


@pytest.mark.usefixtures("db")
def test_lists_have_as_many_lines_as_their_figures_say_in_every_zone() -> None:
    products = make_stores()
    life = Life(23, products)
    for _ in range(60):
        life.live_one()
    days = Days(date(2027, 2, 14), date(2027, 4, 9))
    sheet = site_sheet("month", days, NOW)
    for name in CALLS:
        if name.endswith(("minutes", "seconds", "delay")):
            continue
        for label in sheet.labels(name):
            calls, count = calls_behind(Behind(name, label or None, days), 1)
            assert count == sheet.total(name, label=label), (name, label)
            assert len(calls) == min(count, 50)
    for label in sheet.labels(names.INCOME):
        listed, count = receipts_behind(Behind(names.INCOME, label, days), 1)
        assert (count * 4900, sum(payment.cents for payment in listed)) == (sheet.total(names.INCOME, label=label),) * 2
    assert reviews_behind(Behind(names.REVIEWS, None, days), 1)[1] == sheet.total(names.REVIEWS)
    spent = calls_behind(Behind(names.SPENT_SECONDS, None, days), 1)[0]
    assert sum(call.minutes for call in spent) == sheet.total(names.RECORDED_MINUTES)
    assert sum(call.spent_seconds or 0 for call in spent) == sheet.total(names.SPENT_SECONDS) > 0


def test_hours_on_offer_are_those_of_the_day(db: Any, set_clock: SetClock, alice: Person) -> None:
    # On 28 March clocks go forward in Berlin; hours are from 0 to 8, of which one is skipped.
    store = factories.make_store(alice)
    schedule = factories.make_schedule(alice, start_minute=0)
    early, late = (
        factories.make_product(store, schedule=product_schedule)
        for product_schedule in (schedule, factories.make_schedule(alice))
    )
    for day in (27, 28):
        at = datetime(2027, 3, day, 12, 0, tzinfo=UTC)
        refresh_figures(Now(at, at))
    Product.update(state="draft").where(Product.id == late.id).execute()
    at = datetime(2027, 3, 30, 12, 0, tzinfo=UTC)  # nobody looked on the 29th
    refresh_figures(Now(at, at))
    sheet = store_sheet(store, "day", Days(date(2027, 3, 26), date(2027, 3, 30)), at)
    whole = [sheet.total(names.STORE_OFFERED, on=date(2027, 3, day)) / 60 for day in range(26, 31)]
    assert whole == [0, 16, 15, 8, 8]
    assert not sheet.is_known(names.STORE_OFFERED, on=date(2027, 3, 26))
    assert sheet.total(names.OFFERED, on=date(2027, 3, 27), product=early.id) == 8 * 60
    assert hours_behind(Behind(names.OFFERED, None, Days(date(2027, 3, 27), date(2027, 3, 27)), store), 1)[1] == 2


@pytest.mark.usefixtures("db")
def test_what_the_worker_did_stays_when_its_rows_are_gone() -> None:
    at = datetime(2027, 3, 5, 12, 0, tzinfo=UTC)
    for minute, failed in ((1, 0), (2, 3)):
        began_at = at.replace(minute=minute)
        Run.create(minute=began_at, started_at=began_at, failed=failed)
    call = factories.make_coaching_session(starts_at=at)
    Room.create(coaching_session=call, code="r", discord_guild_id="1", discord_channel_id="2", created_at=at)
    refresh_figures(Now(at, at))
    Room.update(discord_channel_id=None).execute()
    refresh_figures(Now(at, at.replace(hour=13)))  # an hour later there are fewer channels
    Run.delete().execute()
    later = at + 9 * A_DAY
    rebuild_figures(Now(later, later))
    sheet = site_sheet("month", Days(date(2027, 3, 1), later.date()), later)
    assert sheet.most(names.CHANNELS) == 1
    assert [sheet.total(name) for name in (names.RUNS, names.FAILED_RUNS)] == [2, 1]


def test_where_a_student_came_from_is_kept_with_the_booking(
    client: FlaskClient, set_clock: SetClock, alice: Person, bob: Person
) -> None:
    set_clock(NOW)
    product = factories.make_product(factories.make_store(alice, slug="nova"), slug="call", session_type="phone")
    factories.make_coach(alice, slug="alice")
    factories.sign_in(client, bob)
    # The page that led here stands in the address, and in the form that is sent from there.
    assert 'href="/s/nova/call?from=page"' in client.get("/coaches/alice").text
    assert 'href="/s/nova/call?from=directory"' in client.get("/coaches/alice?from=directory").text
    assert 'name="from" value="directory"' in client.get("/s/nova/call?from=directory").text
    assert 'name="from"' not in client.get("/s/nova/call?from=elsewhere").text
    offer = product.offers.get()
    for number, (sent, kept) in enumerate(
        (("directory", "directory"), ("page", "page"), ("x", "link"), (None, "link"))
    ):
        starts_at = datetime(2027, 4, 12 + number, 9, 0, tzinfo=UTC)
        form = {"starts_at": f"{starts_at:%Y-%m-%dT%H:%M:%SZ}", "offer": offer.id, "phone": "+49 30 1234567"}
        answer = client.post("/s/nova/call/sessions", data=form | ({"from": sent} if sent else {}))
        assert answer.status_code == 303, answer.text[:2000]
        seat = Seat.select().join(CoachingSession).where(CoachingSession.starts_at == starts_at).get()
        assert seat.source == kept
