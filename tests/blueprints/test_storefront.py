"""The shop window, a product's page with its free times, and booking from it."""

import logging
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from flask import request

from blueprints.storefront.forms import booking_form
from blueprints.storefront.page import show_again
from coaching.accounts.models import Person, SavedForm
from coaching.booking.models import Answer, CoachingSession, Seat
from coaching.catalog import queries as catalog
from coaching.catalog.details import CheckoutDetails, OfferDetails, QuestionDetails
from coaching.catalog.models import Offer, Product, Question
from coaching.catalog.mutations import save_checkout
from coaching.hours.models import WeeklySpan
from tests import factories

# A Monday morning; the factories' coach works every day from 9 to 17 in Berlin.
NOW = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)
NINE_IN_BERLIN = datetime(2027, 3, 9, 8, 0, tzinfo=UTC)
HTMX = {"HX-Request": "true"}
HOSTILE = "<script>alert('x')</script>\"'>&"


@pytest.fixture(autouse=True)
def _clock(set_clock):
    set_clock(NOW)


@pytest.fixture
def product(alice):
    """Alice's call: 60 minutes for 49, one question that has to be answered, one that need not."""
    made = factories.make_product(factories.make_store(alice, slug="nova"), slug="mixing-call")
    Question.create(product=made, kind="text", label="Link to your track", is_required=True, position=0)
    Question.create(product=made, kind="choice", label="Software", choices="Live\nLogic", position=1)
    return made


PAGE = "/s/nova/mixing-call"
BOOK = "/s/nova/mixing-call/sessions"
# The time that stands in the bar with the button.
CHOSEN = '<b id="chosen-time">Tue 9 March, 09:00</b>'


def filled(product, **differences):
    """What a browser sends for a sound booking."""
    required, optional, *_ = product.questions.order_by(Question.position)
    sound = {
        "form_key": "a-form-key-1",
        "offer": product.offers.get().id,
        "starts_at": "2027-03-09T08:00:00Z",
        "zone": "Europe/Berlin",
        f"answer_{required.id}": "https://example.com/track",
        f"answer_{optional.id}": "Logic",
        "goals": "A clear low end",
    }
    return {name: value for name, value in (sound | differences).items() if value is not None}


def required_answer(product):
    return f"answer_{product.questions.where(Question.is_required).get().id}"


# --- A question that depends on an answer


def test_a_question_under_a_condition_is_asked_and_kept_only_where_it_holds(browser_of, bob, product):
    _, software = product.questions.order_by(Question.position)
    version = Question.create(
        product=product,
        label="Which version?",
        is_required=True,
        position=2,
        depends_on=software,
        depends_answer="Live",
    )
    browser, name = browser_of(bob), f"answer_{version.id}"
    page = browser.get(PAGE).text
    assert f'data-only-if="answer_{software.id}" data-answer="Live"' in page
    assert "Only if your answer to “Software” is “Live”." in unescape(page)  # for who has no scripts
    missing = browser.post(BOOK, data=filled(product, **{f"answer_{software.id}": "Live"}, **{name: ""}))
    assert missing.status_code == 422
    assert "Which version?" in missing.text.partition("error-summary")[2].partition("</ul>")[0]
    # Typed under a condition that does not hold it is no answer, and no reason to hesitate when it is sent again.
    for _ in range(2):
        sent = browser.post(BOOK, data=filled(product) | {name: "12", "form_key": "a-form-key-2"})
        assert sent.status_code == 303
    assert [answer.label for answer in Answer.select().order_by(Answer.position)] == ["Link to your track", "Software"]


# --- The shop window


def test_the_shop_window_shows_what_is_published_and_nothing_else(client, product):
    factories.make_product(product.store, slug="secret", title="Not yet", state="draft")
    page = client.get("/s/nova")
    assert page.status_code == 200
    assert "Mixing call" in page.text
    assert "Not yet" not in page.text


@pytest.mark.parametrize("linked_as", [None, "2009"])
def test_a_store_that_shares_a_role_promises_nobody_a_room_of_their_own(browser_of, product, linked_as):
    browser = browser_of(factories.make_person("Robin", linked_as=linked_as))
    assert "private" in browser.get(PAGE).text
    assert "private" in browser.get("/s/nova").text
    product.store.access_mode = "shared_role"
    product.store.save()
    page = re.sub("<footer.*</footer>", "", browser.get(PAGE).text, flags=re.DOTALL)
    assert "private" not in page
    shop = re.sub("<footer.*</footer>", "", browser.get("/s/nova").text, flags=re.DOTALL)
    assert "private" not in shop


def test_an_empty_shop_window_says_so(client, browser_of, alice):
    factories.make_store(alice, slug="empty")
    assert "Nothing on sale right now" in client.get("/s/empty").text
    assert "Make a coaching call" in browser_of(alice).get("/s/empty").text


@pytest.mark.parametrize("path", ["/s/nobody", "/s/nobody/nothing", "/s/nova/nothing"])
def test_an_unknown_address_is_not_found(client, product, path):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/s/nova/typo", "/s/nova/typo/", "/s/nova/secret", "/s/nova/gone"])
def test_a_wrong_address_leads_to_the_stores_calls(client, product, path):
    factories.make_product(product.store, slug="secret", title="Not yet", state="draft", published_at=None)
    factories.make_product(product.store, slug="gone", title="Put away", state="archived")
    page = client.get(path)
    assert page.status_code == 404
    assert "Nova Studio" in page.text
    assert f'href="{PAGE}"' in page.text
    assert "Not yet" not in page.text
    assert "Put away" not in page.text
    assert ("not on sale right now" in page.text.lower()) is (path == "/s/nova/gone")


@pytest.mark.parametrize("path", ["/s/nobody", "/s/nobody/", "/s/nobody/nothing"])
def test_a_store_that_is_not_there_says_so_with_a_way_on(client, product, path):
    page = client.get(path)
    assert page.status_code == 404
    assert "No store has this address." in page.text
    assert "To the start page" in page.text


@pytest.mark.parametrize("path", ["/s/nova/", "/s/nova/mixing-call/"])
def test_a_slash_too_many_is_no_wrong_address(client, product, path):
    assert client.get(path).status_code == 200


# --- A product's page


@pytest.mark.parametrize(
    ("path", "small"),
    [
        ("/s/Nova", "/s/nova"),
        ("/s/NOVA/?from=Card", "/s/nova/?from=Card"),
        ("/s/nova/Mixing-Call", "/s/nova/mixing-call"),
        ("/s/Nova/MIXING-call?day=2027-03-03&offer=1", "/s/nova/mixing-call?day=2027-03-03&offer=1"),
    ],
)
def test_capitals_lead_to_the_address_in_small_letters(client, product, path, small):
    for answer in (client.get(path), client.head(path)):
        assert (answer.status_code, answer.location) == (301, small)
    assert client.get(small).status_code == 200


@pytest.mark.parametrize(
    "path", ["/s/Nowhere", "/s/Nowhere/Mixing-Call", "/s/Nova/No-Such-Call", "/s/nova/No-Such-Call"]
)
def test_capitals_lead_nowhere_where_nothing_is(client, product, path):
    page = client.get(path)
    assert page.status_code == 404
    assert ('href="/s/nova/mixing-call"' in page.text) is ("No-Such" in path)


def test_capitals_do_not_betray_a_draft(client, browser_of, product, alice):
    Product.update(state="draft").where(Product.id == product.id).execute()
    assert client.get("/s/Nova/Mixing-Call").status_code == 404
    assert browser_of(alice).get("/s/Nova/Mixing-Call").status_code == 301


def test_the_page_comes_with_its_free_times_in_one_request(client, product):
    page = client.get(PAGE + "?day=2027-03-09")
    assert page.status_code == 200
    assert 'value="2027-03-09T08:00:00Z"' in page.text
    assert "Tuesday 9 March" in page.text
    assert "Link to your track" in page.text


def test_without_a_wish_the_page_opens_on_the_next_free_day(client, product):
    page = client.get(PAGE)
    assert '<h3 id="day-2027-03-01">Monday 1 March <small>today</small></h3>' in page.text
    assert re.search(r'name="starts_at" value="([^"]+)"', page.text)[1] == "2027-03-01T08:00:00Z"


def test_htmx_gets_the_slot_picker_alone(client, product):
    fragment = client.get(PAGE + "?day=2027-03-09", headers=HTMX)
    assert fragment.text.lstrip().startswith('<section class="stack" id="slot-picker"')
    assert "<html" not in fragment.text
    assert 'name="goals"' not in fragment.text
    assert "HX-Request" in fragment.headers["Vary"]


def test_a_restored_history_entry_gets_the_whole_page(client, product):
    page = client.get(PAGE, headers=HTMX | {"HX-History-Restore-Request": "true"})
    assert "<html" in page.text


def test_who_only_looks_gets_no_cookie(client, product):
    for path in ("/s/nova", PAGE, PAGE + "?zone=Asia/Tokyo"):
        assert "Set-Cookie" not in client.get(path).headers


@pytest.mark.parametrize(
    "query",
    [
        "month=2027-13",
        "month=1900-01",
        "month=2099-12",
        "month=x",
        "day=2027-02-30",
        "day=%00",
        "offer=999999",
        "offer=1e5",
        "zone=Mars/Olympus",
        "zone=" + "a" * 5000,
        "zone=../../etc/passwd",
        "starts_at=yesterday",
        "starts_at=2027-99-99T00:00:00Z",
        "zones=none",
    ],
)
def test_an_address_with_nonsense_shows_the_page_all_the_same(client, product, query):
    assert client.get(f"{PAGE}?{query}").status_code == 200


def test_a_taken_slot_is_not_offered(client, product, bob):
    factories.make_coaching_session(product, bob, starts_at=NINE_IN_BERLIN)
    page = client.get(PAGE + "?day=2027-03-09")
    assert 'value="2027-03-09T08:00:00Z"' not in page.text
    assert 'value="2027-03-09T09:00:00Z"' in page.text


def test_a_day_without_free_times_names_the_next_one(client, product):
    factories.make_coaching_session(product, starts_at=NINE_IN_BERLIN, minutes=480)
    page = client.get(PAGE + "?day=2027-03-09")
    assert "No free times on this day." in page.text
    assert "Mon 1 Mar, 09:00" in page.text


@pytest.mark.parametrize(
    "asked", ["day=2027-02-28", "month=2027-02", "month=2099-12", "starts_at=2026-01-01T08:00:00Z"]
)
def test_a_month_in_which_nothing_can_be_booked_gives_way_to_the_next_free_time(client, product, asked):
    assert "Monday 1 March" in client.get(f"{PAGE}?{asked}").text


def test_a_product_without_any_free_time_says_so(client, product):
    WeeklySpan.delete().execute()
    page = client.get(PAGE).text
    assert "No free times at the moment" in page
    assert "Book this call" not in page


def test_a_longer_offer_needs_more_room_at_the_end_of_the_day(client, product):
    longer = Offer.create(product=product, minutes=120, price_cents=9000, position=1)
    address = f"{PAGE}?day=2027-03-09&offer="
    assert 'value="2027-03-09T15:00:00Z"' in client.get(address + str(product.offers.get().id)).text
    page = client.get(address + str(longer.id)).text
    assert 'value="2027-03-09T15:00:00Z"' not in page
    assert "€90" in page


def test_another_length_is_asked_for_with_the_day_and_not_the_time(client, product):
    longer = Offer.create(product=product, minutes=120, price_cents=9000, position=1)
    page = client.get(PAGE + "?starts_at=2027-03-09T15:00:00Z").text
    assert f"offer={longer.id}&amp;day=2027-03-09#slot-picker" in page


def test_the_next_free_time_leads_to_itself_already_chosen(client, product):
    factories.make_coaching_session(product, starts_at=NINE_IN_BERLIN, minutes=480)
    page = client.get(PAGE + "?day=2027-03-09")
    href = re.search(r'The next one is <a href="([^"#]+)', page.text)[1].replace("&amp;", "&")
    assert '<b id="chosen-time">Mon 1 March, 09:00</b>' in client.get(href).text


def test_what_people_typed_is_never_markup(client, alice):
    store = factories.make_store(alice, slug="nova", name=HOSTILE)
    product = factories.make_product(store, slug="mixing-call", title=HOSTILE)
    Question.create(product=product, kind="choice", label=HOSTILE, choices=HOSTILE, is_required=True)
    Person.update(name=HOSTILE).execute()
    for path in ("/s/nova", PAGE):
        assert "<script>alert" not in client.get(path).text


def test_the_page_takes_few_queries(client, product, caplog):
    with caplog.at_level(logging.DEBUG, logger="peewee"):
        client.get(PAGE)
    reads = [record for record in caplog.records if "SELECT" in record.getMessage()]
    assert len(reads) <= 12


def test_a_sent_forms_address_leads_back_to_the_form(client, product):
    assert client.get(BOOK).location == PAGE


# --- Who sees what


@pytest.mark.parametrize(
    ("who", "status"), [("visitor", 404), ("bob", 404), ("other", 404), ("alice", 200), ("admin", 200)]
)
def test_a_draft_is_for_its_owner_and_admins(browser_of, product, alice, bob, who, status):
    people = {
        "visitor": None,
        "alice": alice,
        "bob": bob,
        "other": factories.make_store(factories.make_person("Other coach")).owner,
        "admin": factories.make_person("Admin", is_admin=True),
    }
    product.state = "draft"
    product.save()
    page = browser_of(people[who]).get(PAGE)
    assert page.status_code == status
    if status == 200:
        assert "This is a preview" in page.text
        assert "booking-form" not in page.text.replace('form="booking-form"', "")


def test_a_bare_draft_can_be_previewed(browser_of, alice):
    store = factories.make_store(alice, slug="nova")
    bare: dict[str, Any] = {"state": "draft", "title": "", "description_html": "", "schedule": None, "offers": ()}
    factories.make_product(store, slug="mixing-call", **bare)
    assert "No length and price yet" in browser_of(alice).get(PAGE).text


def test_coaches_see_their_own_product_without_a_way_to_book_it(browser_of, product, alice):
    page = browser_of(alice).get(PAGE)
    assert "You cannot book yourself" in page.text
    assert 'id="booking-form"' not in page.text


# --- The visitor's zone


def test_before_the_zone_is_known_the_stores_zone_is_shown_and_named(client, product):
    page = client.get(PAGE + "?day=2027-03-09")
    assert "Times in Berlin (UTC+1), the zone of Nova Studio" in page.text
    assert "data-zone-form" in page.text


def test_a_zone_in_the_address_changes_the_clock_but_not_the_instants(client, product):
    page = client.get(PAGE + "?day=2027-03-09&zone=America/New_York")
    assert "Times in New York (UTC−5)." in page.text
    assert re.search(r'value="2027-03-09T08:00:00Z"[^>]*><span>03:00', page.text)
    assert 'data-zone-form="America/New_York"' in page.text


def test_a_visitors_choice_of_zone_is_remembered(client, product):
    answer = client.post("/zone", data={"zone": "Asia/Tokyo", "next": PAGE})
    assert (answer.status_code, answer.location) == (303, PAGE)
    assert "Times in Tokyo (UTC+9)." in client.get(PAGE).text


def test_a_signed_in_persons_zone_is_kept_with_the_person(browser_of, product, bob):
    browser_of(bob).post("/zone", data={"zone": "Asia/Tokyo", "next": PAGE})
    assert Person.get_by_id(bob.id).zone == "Asia/Tokyo"
    assert "Times in Tokyo (UTC+9)." in browser_of(bob).get(PAGE).text


def test_an_unknown_zone_is_refused_and_a_foreign_address_not_followed(client, product):
    assert client.post("/zone", data={"zone": "Mars/Olympus", "next": PAGE}).status_code == 422
    answer = client.post("/zone", data={"zone": "Asia/Tokyo", "next": "//evil.example"})
    assert answer.location == "/"


def test_all_zones_are_offered_when_asked_for(client, product):
    assert 'value="Pacific/Chatham"' in client.get(PAGE + "?zones=all").text
    assert 'value="Pacific/Chatham"' not in client.get(PAGE).text


def test_an_hour_that_comes_twice_is_told_apart(client, alice, set_clock):
    set_clock(datetime(2027, 11, 1, 12, 0, tzinfo=UTC))
    night = factories.make_schedule(alice, start_minute=0, length_minutes=600)
    factories.make_product(factories.make_store(alice, slug="nova"), slug="mixing-call", schedule=night)
    # Seen from New York the Berlin morning of 7 November lies across the change of clocks there.
    page = client.get(PAGE + "?day=2027-11-07&zone=America/New_York").text
    assert "<span>01:30 UTC−4</span>" in page
    assert "<span>01:30 UTC−5</span>" in page
    assert "<span>00:30</span>" in page


@pytest.mark.parametrize(("starts_at", "label"), [("00:30", "02:30 UTC+2"), ("01:30", "02:30 UTC+1")])
def test_both_rounds_of_a_repeated_hour_can_be_booked(browser_of, alice, bob, set_clock, starts_at, label):
    set_clock(datetime(2027, 10, 25, 12, 0, tzinfo=UTC))
    night = factories.make_schedule(alice, start_minute=120, length_minutes=120)
    store = factories.make_store(alice, slug="nova")
    product = factories.make_product(store, slug="mixing-call", schedule=night, grid_minutes=30, offers=((30, 0),))
    sunday, starts_at = "2027-10-31", f"2027-10-31T{starts_at}:00Z"
    page = browser_of(bob).get(f"{PAGE}?day={sunday}&zone=Europe/Berlin").text
    assert "Times in Berlin." in page  # on this day both offsets are right
    starts = [f"{sunday}T{time}:00Z" for time in ("00:00", "00:30", "01:00", "01:30", "02:00", "02:30")]
    assert re.findall(r'name="starts_at" value="([^"]+)"', page) == starts
    page = browser_of(bob).get(f"{PAGE}?starts_at={starts_at}&zone=Europe/Berlin").text
    assert f'<b id="chosen-time">Sun 31 October, {label}</b>' in page
    form = {"form_key": "a-form-key-1", "offer": product.offers.get().id, "starts_at": starts_at}
    answer = browser_of(bob).post(BOOK, data=form)
    assert CoachingSession.get().starts_at == datetime.fromisoformat(starts_at)
    assert f">{label}</time>" in browser_of(bob).get(answer.location).text


# --- Booking


def test_a_booking_leads_to_the_sessions_own_page(browser_of, product, bob, woken):
    answer = browser_of(bob).post(BOOK, data=filled(product))
    coaching_session = CoachingSession.get()
    assert (answer.status_code, answer.location) == (303, f"/sessions/{coaching_session.code}")
    assert coaching_session.starts_at == NINE_IN_BERLIN
    assert Seat.get().goals == "A clear low end"
    assert [answer.text for answer in Answer.select().order_by(Answer.position)] == [
        "https://example.com/track",
        "Logic",
    ]


def test_a_booking_wakes_the_rooms(browser_of, product, bob, woken):
    browser_of(bob).post(BOOK, data=filled(product))
    assert len(woken) == 1


def test_htmx_is_led_to_the_session_too(browser_of, product, bob):
    answer = browser_of(bob).post(BOOK, data=filled(product), headers=HTMX)
    assert answer.status_code == 303
    session = browser_of(bob).get(answer.location, headers=HTMX)
    assert "<html" not in session.text
    assert 'id="session"' in session.text
    assert "<title>Mixing call" in session.text


def test_a_second_click_leads_to_the_same_session(browser_of, product, bob):
    browser = browser_of(bob)
    first, second = (browser.post(BOOK, data=filled(product)) for _ in range(2))
    assert first.location == second.location
    assert CoachingSession.select().count() == 1


def test_back_after_booking_and_booking_again_leads_to_the_same_session(browser_of, product, bob):
    browser = browser_of(bob)
    first = browser.post(BOOK, data=filled(product))
    second = browser.post(BOOK, data=filled(product, form_key="a-fresh-form-key"))
    assert first.location == second.location
    assert CoachingSession.select().count() == 1


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
@pytest.mark.parametrize("form_key", ["a-form-key-1", "a-fresh-form-key"])
def test_other_words_for_a_time_one_has_are_not_swallowed(browser_of, product, bob, headers, form_key):
    browser = browser_of(bob)
    session = browser.post(BOOK, data=filled(product)).location
    answer = browser.post(BOOK, data=filled(product, goals="Only the drums", form_key=form_key), headers=headers)
    assert answer.status_code == 409
    assert "You already have this time. What you typed here was not sent." in answer.text
    assert f'href="{session}"' in answer.text
    assert "Only the drums" in answer.text
    assert Seat.get().goals == "A clear low end"


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_a_taken_time_answers_409_with_fresh_times_and_keeps_the_answers(browser_of, product, bob, headers):
    factories.make_coaching_session(product, starts_at=NINE_IN_BERLIN)
    answer = browser_of(bob).post(BOOK, data=filled(product), headers=headers)
    assert answer.status_code == 409
    assert "That time has just been taken" in answer.text
    assert 'value="2027-03-09T09:00:00Z"' in answer.text
    assert 'value="2027-03-09T08:00:00Z"' not in answer.text
    assert "https://example.com/track" in answer.text
    assert "A clear low end" in answer.text
    assert re.search(r'value="Logic"[^>]*checked|checked[^>]*value="Logic"', answer.text)
    assert ("<html" in answer.text) is (not headers)
    assert answer.headers["HX-Retarget"] == "#booking"


def test_who_has_typed_nothing_and_loses_a_time_writes_nothing(browser_of, product, bob, statements_in):
    save(product, questions=())
    factories.make_coaching_session(product, starts_at=NINE_IN_BERLIN)
    browser, fields = browser_of(bob), {"offer": product.offers.get().id, "starts_at": "2027-03-09T08:00:00Z"}
    answers = []
    sent = statements_in(lambda: answers.append(browser.post(BOOK, data=fields)))
    assert "That time has just been taken" in answers[0].text
    assert [sql for sql, _ in sent if re.match("INSERT|UPDATE|DELETE", sql)] == []
    assert len([sql for sql, _ in sent if 'FROM "product"' in sql]) == 1
    assert "just been taken" not in browser.get(PAGE).text


@pytest.mark.parametrize("words", [{"goals": "A clear low end"}, {"bump": "7"}])
def test_who_has_typed_or_added_something_finds_it_again_after_losing_a_time(browser_of, product, bob, words):
    save(product, questions=())
    factories.make_coaching_session(product, starts_at=NINE_IN_BERLIN)
    browser, fields = browser_of(bob), {"offer": product.offers.get().id, "starts_at": "2027-03-09T08:00:00Z"}
    assert browser.post(BOOK, data=fields | words).status_code == 409
    assert [(name in row.fields) for row in SavedForm.select() for name in words] == [True]


@pytest.mark.parametrize(
    "starts_at",
    [
        pytest.param("2027-02-09T08:00:00Z", id="past"),
        pytest.param("2027-03-09T08:07:00Z", id="off the grid"),
        pytest.param("2027-03-09T03:00:00Z", id="outside the hours"),
        pytest.param("2027-09-09T08:00:00Z", id="beyond the horizon"),
        pytest.param("2027-03-09T16:00:00Z", id="too late for its length"),
    ],
)
def test_a_time_that_was_never_free_is_refused(browser_of, product, bob, starts_at):
    answer = browser_of(bob).post(BOOK, data=filled(product, starts_at=starts_at))
    assert answer.status_code == 409
    assert "A clear low end" in answer.text
    assert CoachingSession.select().count() == 0


@pytest.mark.parametrize("starts_at", [None, "", "noon", "2027-03-09T08:00:00", "2027-03-09T08:00:00+01:00", "\x00"])
def test_a_time_that_cannot_be_read_counts_as_not_chosen(browser_of, product, bob, starts_at):
    answer = browser_of(bob).post(BOOK, data=filled(product, starts_at=starts_at))
    assert answer.status_code == 422
    assert "Choose a time." in answer.text
    assert "A clear low end" in answer.text


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_who_chose_no_time_stays_on_the_chosen_day(browser_of, product, bob, headers):
    browser = browser_of(bob)
    day = '<input type="hidden" name="day" value="2027-03-11" form="booking-form">'
    assert day in browser.get(f"{PAGE}?day=2027-03-11").text
    answer = browser.post(BOOK, data=filled(product, starts_at=None, day="2027-03-11"), headers=headers)
    assert "Choose a time." in answer.text
    assert "<h3>Thursday 11 March</h3>" in answer.text
    assert "<h3>Thursday 11 March</h3>" in browser.get(PAGE).text


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_a_missing_answer_is_asked_for_beside_its_question(browser_of, product, bob, headers):
    answer = browser_of(bob).post(BOOK, data=filled(product, **{required_answer(product): "  "}), headers=headers)
    assert answer.status_code == 422
    assert "Answer this question to book." in answer.text
    assert "A clear low end" in answer.text
    assert CHOSEN in answer.text
    assert ("<html" in answer.text) is (not headers)


def test_an_answer_nobody_offered_is_refused(browser_of, product, bob):
    optional = product.questions.where(~Question.is_required).get()
    answer = browser_of(bob).post(BOOK, data=filled(product, **{f"answer_{optional.id}": "Cubase"}))
    assert answer.status_code == 422
    assert "Choose one of the answers." in answer.text


@pytest.mark.parametrize("offer", ["", "x", "-1", "1e3", "9999999999", "１"])
def test_an_offer_that_cannot_be_read_counts_as_not_chosen(browser_of, product, bob, offer):
    answer = browser_of(bob).post(BOOK, data=filled(product, offer=offer))
    assert answer.status_code == 422
    assert "Choose a length." in answer.text
    assert "A clear low end" in answer.text


def test_another_products_offer_is_refused(browser_of, product, bob):
    other = factories.make_product()
    answer = browser_of(bob).post(BOOK, data=filled(product, offer=other.offers.get().id))
    assert answer.status_code == 409
    assert "no longer on offer" in answer.text


def test_an_offer_retired_meanwhile_is_refused(browser_of, product, bob):
    Offer.create(product=product, minutes=30, price_cents=2500, position=1)
    retired = product.offers.get()
    retired.is_retired = True
    retired.save()
    answer = browser_of(bob).post(BOOK, data=filled(product, offer=retired.id))
    assert answer.status_code == 409
    assert "no longer on offer" in answer.text


def test_a_student_busy_elsewhere_is_told_so(browser_of, product, bob):
    factories.make_coaching_session(factories.make_product(), bob, starts_at=NINE_IN_BERLIN + timedelta(minutes=30))
    answer = browser_of(bob).post(BOOK, data=filled(product))
    assert answer.status_code == 409
    assert "You already have another session at that time" in answer.text
    assert "A clear low end" in answer.text


def test_coaches_cannot_book_themselves(browser_of, product, alice):
    assert browser_of(alice).post(BOOK, data=filled(product)).status_code == 403


@pytest.mark.parametrize(
    ("linked_as", "sentence"), [(None, "Connect your Discord account first"), ("4001", "Join the Discord server first")]
)
def test_who_is_not_verified_is_told_and_loses_nothing(browser_of, product, linked_as, sentence):
    student = factories.make_person("Newcomer", linked_as=linked_as, is_member=False)
    answer = browser_of(student).post(BOOK, data=filled(product))
    assert answer.status_code == 422
    assert f'tabindex="-1" autofocus data-say="{sentence}' in answer.text
    assert "A clear low end" in answer.text


# --- Booking before signing in


SIGN_IN = f"/sign-in?next={PAGE}%23booking"


def sign_in(browser, person):
    return browser.post(SIGN_IN, data={"email": person.email, "password": factories.PASSWORD})


def test_what_a_visitor_typed_comes_back_after_signing_in(client, product, bob):
    answer = client.post(BOOK, data=filled(product, zone=None))
    assert answer.status_code == 303
    assert answer.location == SIGN_IN
    assert sign_in(client, bob).location == f"{PAGE}#booking"
    page = client.get(PAGE).text
    for text in ("https://example.com/track", "A clear low end", CHOSEN, 'value="a-form-key-1"'):
        assert text in page
    assert CoachingSession.select().count() == 0
    assert client.post(BOOK, data=filled(product)).location == f"/sessions/{CoachingSession.get().code}"


def test_htmx_is_told_to_leave_for_the_sign_in_page(client, product):
    answer = client.post(BOOK, data=filled(product, zone=None), headers=HTMX)
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"] == SIGN_IN


def test_a_visitors_mistakes_are_told_before_they_sign_in(client, product):
    assert client.post(BOOK, data=filled(product, starts_at=None)).status_code == 422


def test_a_time_taken_while_signing_in_is_told_and_the_answers_stay(client, product, bob):
    client.post(BOOK, data=filled(product))
    factories.make_coaching_session(product, starts_at=NINE_IN_BERLIN)
    sign_in(client, bob)
    page = client.get(PAGE).text
    assert "That time has just been taken" in page
    assert "A clear low end" in page
    assert "A clear low end" in client.get(PAGE).text  # until it is booked
    assert "That time has just been taken" in page.partition('id="booking"')[2]


def test_a_time_that_went_by_while_signing_in_is_over_and_not_taken(client, product, bob, set_clock):
    client.post(BOOK, data=filled(product))
    sign_in(client, bob)
    set_clock(NINE_IN_BERLIN + timedelta(minutes=1))
    summary = client.get(PAGE).text.partition('id="booking"')[2]
    assert "That time is over." in summary
    assert "taken" not in summary
    assert "That time is over." in client.post(BOOK, data=filled(product)).text


def test_a_time_booked_elsewhere_meanwhile_is_ones_own(client, browser_of, product, bob):
    client.post(BOOK, data=filled(product))
    session = browser_of(bob).post(BOOK, data=filled(product)).location
    sign_in(client, bob)
    page = client.get(PAGE).text
    summary = page.partition('id="booking"')[2]
    assert "You already have this time." in summary
    assert f'href="{session}"' in summary
    assert "just been taken" not in page


def test_a_fragment_does_not_take_what_waits_for_the_page(client, product, bob):
    client.post(BOOK, data=filled(product))
    sign_in(client, bob)
    client.get(PAGE, headers=HTMX)
    assert "A clear low end" in client.get(PAGE).text


# --- Who may book, and what


def test_a_phone_call_needs_a_number_and_no_discord(browser_of, alice):
    product = factories.make_product(factories.make_store(alice, slug="nova"), slug="mixing-call", session_type="phone")
    fields = {"offer": product.offers.get().id, "starts_at": "2027-03-09T08:00:00Z", "form_key": "a-form-key-1"}
    browser = browser_of(factories.make_person("No Discord"))
    for number in ("", "call me", "+", "<script>"):
        assert browser.post(BOOK, data=fields | {"phone": number}).status_code == 422
    assert browser.post(BOOK, data=fields | {"phone": "+49 30 123456"}).status_code == 303
    assert Seat.get().phone == "+49 30 123456"


def test_who_kept_the_address_of_a_withdrawn_product_is_led_to_its_store(client, product):
    product.state = "draft"
    product.save()
    page = client.get(PAGE)
    assert page.status_code == 404
    assert 'href="/s/nova"' in page.text


def test_a_product_withdrawn_meanwhile_says_so_and_shows_what_was_typed(browser_of, product, bob):
    product.state = "draft"
    product.save()
    for headers in ({}, HTMX):
        answer = browser_of(bob).post(BOOK, data=filled(product, goals=HOSTILE), headers=headers)
        assert answer.status_code == 409
        assert "not on sale right now" in answer.text
        assert "https://example.com/track" in answer.text
        assert "<script>alert" not in answer.text


def test_a_product_that_was_never_on_sale_cannot_be_booked(browser_of, product, bob):
    product.state, product.published_at = "draft", None
    product.save()
    assert browser_of(bob).post(BOOK, data=filled(product)).status_code == 404


# --- What the coach saves while a student types


def read_form(browser, product, path=PAGE):
    """What the page's form has in it, as a browser would send it."""
    return dict(HIDDEN.findall(browser.get(path).text))


HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*name="(form_key|offer|seen)"[^>]*value="([^"]*)"')


def save(product, **differences):
    """The coach saves the checkout step, by default as it is."""
    questions = [
        QuestionDetails(
            question.label, question.kind, question.is_required, tuple(question.choices.splitlines()), question.id
        )
        for question in catalog.questions_of(product)
    ]
    as_it_is = CheckoutDetails(product.title, "", product.session_type, (OfferDetails(60, 4900),), tuple(questions))
    save_checkout(product, replace(as_it_is, **differences), NOW)


def reworded(product, number=0, **differences):
    """The product's questions, one of them otherwise."""
    rows = [
        QuestionDetails(
            question.label, question.kind, question.is_required, tuple(question.choices.splitlines()), question.id
        )
        for question in catalog.questions_of(product)
    ]
    rows[number] = replace(rows[number], **differences)
    return tuple(rows)


def test_an_answer_to_a_reworded_question_is_kept_with_the_words_asked(browser_of, product, bob):
    fields = filled(product) | read_form(browser_of(bob), product)
    save(product, questions=reworded(product, label="Link to the track you want mixed"))
    assert browser_of(bob).post(BOOK, data=fields).status_code == 303
    assert [(answer.label, answer.text) for answer in Answer.select().order_by(Answer.position)] == [
        ("Link to your track", "https://example.com/track"),
        ("Software", "Logic"),
    ]


def test_an_answer_to_a_removed_question_is_kept_too(browser_of, product, bob):
    fields = filled(product) | read_form(browser_of(bob), product)
    save(product, questions=())
    assert browser_of(bob).post(BOOK, data=fields).status_code == 303
    assert {answer.label for answer in Answer.select()} == {"Link to your track", "Software"}


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_a_new_required_question_brings_the_form_back_full(browser_of, product, bob, headers):
    fields = filled(product) | read_form(browser_of(bob), product)
    changed = reworded(product, label="Which track?"), QuestionDetails("How loud?", is_required=True)
    save(product, questions=(*changed[0], changed[1]))
    browser = browser_of(bob)
    answer = browser.post(BOOK, data=fields, headers=headers)
    assert answer.status_code == 422
    first, _, last = catalog.questions_of(product)
    assert f'name="answer_{first.id}"' in answer.text
    for text in (
        'value="https://example.com/track"',
        "A clear low end",
        "Alice asks one more question: “How loud?”.",
        "Alice changed a question. It was “Link to your track”, now it is “Which track?”.",
        CHOSEN,
        "Answer this question to book.",
    ):
        assert text in answer.text
    assert re.search(r'value="Logic"[^>]*checked|checked[^>]*value="Logic"', answer.text)
    again = fields | dict(HIDDEN.findall(answer.text)) | {f"answer_{first.id}": "a.wav", f"answer_{last.id}": "Very"}
    del again[f"answer_{product.questions.where(Question.retired_at.is_null(False)).get().id}"]
    assert browser.post(BOOK, data=again).status_code == 303
    assert {given.label: given.text for given in Answer.select()} == {
        "Which track?": "a.wav",
        "Software": "Logic",
        "How loud?": "Very",
    }


def test_a_choice_that_went_is_asked_for_again(browser_of, product, bob):
    fields = filled(product) | read_form(browser_of(bob), product)
    save(product, questions=reworded(product, 1, choices=("Live", "Reaper")))
    answer = browser_of(bob).post(BOOK, data=fields)
    assert answer.status_code == 422
    assert "“Logic” is no longer among the answers." in answer.text
    assert "Alice changed how “Software” is answered." in answer.text


def test_a_question_that_has_to_be_answered_now_says_so(browser_of, product, bob):
    optional = product.questions.where(~Question.is_required).get()
    fields = filled(product, **{f"answer_{optional.id}": None}) | read_form(browser_of(bob), product)
    save(product, questions=reworded(product, 1, is_required=True))
    answer = browser_of(bob).post(BOOK, data=fields)
    assert answer.status_code == 422
    assert "Alice needs an answer to “Software” now." in answer.text


def test_what_answers_a_removed_question_stands_in_a_form_that_comes_back(browser_of, product, bob):
    fields = filled(product) | read_form(browser_of(bob), product)
    save(product, questions=())
    factories.make_coaching_session(product, starts_at=NINE_IN_BERLIN)
    answer = browser_of(bob).post(BOOK, data=fields)
    assert answer.status_code == 409
    assert "https://example.com/track" in answer.text
    assert "Alice no longer asks this. What you wrote goes along." in answer.text


def test_a_changed_price_is_said_and_booked_only_then(browser_of, product, bob):
    browser = browser_of(bob)
    fields = filled(product) | read_form(browser, product)
    save(product, offers=(OfferDetails(30, 2900), OfferDetails(60, 5500)))
    answer = browser.post(BOOK, data=fields)
    assert answer.status_code == 409
    assert "1 h costs €55 now (it was €49)." in answer.text
    assert "A clear low end" in answer.text
    assert CHOSEN in answer.text
    assert not Seat.select().exists()
    assert browser.post(BOOK, data=fields | dict(HIDDEN.findall(answer.text))).status_code == 303
    assert Seat.get().price_cents == 5500


def test_a_length_that_went_gives_way_to_the_nearest(client, product):
    before = product.offers.get().id
    save(product, offers=(OfferDetails(30, 2900), OfferDetails(45, 0)))
    fragment = client.get(f"{PAGE}?offer={before}&day=2027-03-09", headers=HTMX).text
    assert "1 h is no longer on offer. The closest is 45 min, free." in fragment
    assert dict(HIDDEN.findall(fragment))["offer"] == str(product.offers.where(Offer.minutes == 45).get().id)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"title": "Mastering"}, "This call is called “Mastering” now. It was “Mixing call”."),
        ({"session_type": "audio"}, "It is a voice call on Discord now. It was a video call on Discord."),
        ({"payment": "free"}, "1 h is free now (it was €49)."),
    ],
)
def test_other_terms_are_said_and_agreed_to_first(browser_of, product, bob, changes, sentence):
    browser = browser_of(bob)
    fields = filled(product) | read_form(browser, product)
    Product.update(**changes).where(Product.id == product.id).execute()
    answer = browser.post(BOOK, data=fields)
    assert answer.status_code == 409
    assert sentence in answer.text
    assert not Seat.select().exists()
    assert browser.post(BOOK, data=fields | dict(HIDDEN.findall(answer.text))).status_code == 303


def test_htmx_gets_all_that_shows_the_changed_terms(browser_of, product, bob):
    fields = filled(product) | read_form(browser_of(bob), product)
    save(product, title="Mastering")
    answer = browser_of(bob).post(BOOK, data=fields, headers=HTMX)
    assert answer.headers["HX-Retarget"] == "#content"
    assert "<html" not in answer.text
    assert "<title>Mastering · Nova Studio</title>" in answer.text
    assert "<h1>Mastering</h1>" in answer.text


def test_a_call_that_became_a_phone_call_asks_for_the_number(browser_of, product, bob):
    fields = filled(product) | read_form(browser_of(bob), product)
    save(product, session_type="phone")
    answer = browser_of(bob).post(BOOK, data=fields)
    assert answer.status_code == 422
    assert "It is a phone call now. It was a video call on Discord." in answer.text
    assert "Type the number you can be called at." in answer.text


def test_a_form_saved_before_a_change_says_so_when_it_is_drawn_again(client, product, bob):
    client.post(BOOK, data=filled(product) | read_form(client, product))
    save(product, offers=(OfferDetails(60, 5500),), questions=reworded(product, label="Which track?"))
    sign_in(client, bob)
    page = client.get(PAGE).text
    for text in (
        'value="https://example.com/track"',
        "1 h costs €55 now (it was €49).",
        "Alice changed a question. It was “Link to your track”, now it is “Which track?”.",
        "A clear low end",
    ):
        assert text in page
    assert f'name="answer_{catalog.questions_of(product)[0].id}"' in page


@pytest.mark.parametrize("seen", ["", "x", "video outside EUR", "video outside EUR 1,,2 T", "9" * 900, "\x00", None])
def test_what_the_form_says_it_showed_may_be_nonsense(browser_of, product, bob, seen):
    assert browser_of(bob).post(BOOK, data=filled(product, seen=seen)).status_code == 303


@pytest.mark.parametrize("title", ["A  b", HOSTILE, "שלום – 2, 3 - x"])
def test_a_form_agrees_with_the_page_it_was_drawn_from(browser_of, product, bob, title):
    product.title = title
    product.save()
    browser = browser_of(bob)
    fields = {name: unescape(value) for name, value in read_form(browser, product).items()}
    assert browser.post(BOOK, data=filled(product) | fields).status_code == 303


def test_hostile_and_foreign_text_arrives_as_it_was_typed(browser_of, product, bob):
    texts = {required_answer(product): HOSTILE, "goals": "שלום 🎧\r\nzwei\x00 Zeilen\u202e"}
    browser = browser_of(bob)
    page = browser.get(browser.post(BOOK, data=filled(product, **texts)).location).text
    assert Answer.get().text == HOSTILE
    assert Seat.get().goals == "שלום 🎧\nzwei Zeilen"
    assert "<script>alert" not in page
    assert "שלום 🎧" in page


def test_too_long_a_text_is_refused_and_kept(browser_of, product, bob):
    answer = browser_of(bob).post(BOOK, data=filled(product, goals="x" * 2001))
    assert answer.status_code == 422
    assert "At most 2000 characters." in answer.text


def test_a_form_from_another_site_is_refused(browser_of, product, bob):
    answer = browser_of(bob).post(BOOK, data=filled(product), headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert CoachingSession.select().count() == 0


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_a_reason_not_to_book_is_read_with_and_without_a_discord_card(app, bob, product, headers):
    """By phone there is no card to say it, and where all times are gone there is nothing to fill in, either."""
    Product.update(session_type="phone").where(Product.id == product.id).execute()
    sentence = "Ada’s agenda is closed <for> now."
    for is_full in (False, True):
        if is_full:
            WeeklySpan.delete().execute()
        for kind in ("phone", "video"):
            Product.update(session_type=kind).where(Product.id == product.id).execute()
            fresh = catalog.reread_product(product)
            with app.test_request_context(BOOK, method="POST", data=filled(product), headers=headers):
                form = booking_form(fresh, request.form, NOW)
                page = show_again(fresh, form, 422, problem=sentence).get_data(as_text=True)
            said = re.findall(r'role="alert"[^>]*data-say="Ada’s agenda is closed &lt;for&gt; now."', page)
            assert len(said) == 1, (is_full, kind)
            assert "A clear low end" in page, (is_full, kind)


def test_whoever_has_as_many_calls_as_may_be_is_led_to_them(product, bob, browser_of):
    Product.update(most_per_student=1).execute()
    factories.make_coaching_session(product, bob, starts_at=NINE_IN_BERLIN + timedelta(days=1))
    browser, leads_on = browser_of(bob), '<a href="/dashboard">See your sessions</a>'
    assert f"or write to your coach. {leads_on}" in browser.get(PAGE).text
    refused = browser.post(BOOK, data=filled(product))
    assert refused.status_code == 409
    assert f"or write to your coach.</b> {leads_on}" in refused.text
    Product.update(most_per_student=2).execute()
    assert "See your sessions" not in browser.get(PAGE).text
