"""The four steps: each as a page, as a fragment and with bad input; for the owner, a stranger and nobody."""

import re
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from blueprints.wizard.checkout import QuestionForm
from blueprints.wizard.room_timing import OWN_MINUTES
from coaching.accounts.models import Person, SignIn
from coaching.catalog import queries
from coaching.catalog.models import Offer, Picture, Product, Store
from coaching.catalog.timing import PRESETS, RoomTiming
from coaching.checks import LEAST_FREE_BYTES
from coaching.coaches.models import Coach
from coaching.hours.models import Schedule
from coaching.hours.queries import closures, weekly_hours
from tests import factories
from tests.pages import form_to

Browser = Callable[[Person | None], FlaskClient]
HTMX = {"HX-Request": "true"}
STEPS = ("thumbnail", "checkout", "availability", "options")
CREATE = "/store/nova/products/coaching-call/create"
CHECKOUT = {
    "title": "Mixing call",
    "description": "We **listen**.",
    "session_type": "video",
    "offers-0-minutes": "60",
    "offers-0-price": "49.50",
}
AVAILABILITY = {
    "schedule": "new",
    "shown": "new",
    "schedule_name": "Weekly hours",
    "zone": "Europe/Berlin",
    "hours-0-start": "09:00",
    "hours-0-end": "12:00",
    "notice_minutes": "60",
    "horizon_days": "30",
    "buffer_before_minutes": "0",
    "buffer_after_minutes": "10",
    "grid_minutes": "15",
    "daily_cap": "",
    "weekly_cap": "",
    "most_per_student": "",
    "most_moves": "3",
    "move_notice_minutes": "720",
    "policy": "strict",
    "absent_percent": "0",
    "timing": "default",
    "make_minutes": "30",
    "open_minutes": "15",
    "close_minutes": "15",
    "remove_minutes": "60",
}
OPTIONS = {"payment": "outside", "pay_text": "Bank transfer."}
TYPED = {"thumbnail": {"display_style": "card"}, "checkout": CHECKOUT, "availability": AVAILABILITY, "options": OPTIONS}
BAD = {
    "thumbnail": {"display_style": "neon"},
    "checkout": CHECKOUT | {"offers-0-minutes": "0"},
    "availability": AVAILABILITY | {"hours-0-end": "noon"},
    "options": {"payment": "barter"},
}


@pytest.fixture
def store(alice: Person) -> Store:
    return factories.make_store(alice, slug="nova")


@pytest.fixture
def draft(store: Store) -> Product:
    return factories.make_product(store, state="draft", published_at=None, title="", offers=(), schedule=None)


@pytest.fixture
def published(store: Store) -> Product:
    return factories.make_product(store, slug="mixing-call")


@pytest.fixture
def coach(browser_of: Browser, alice: Person) -> FlaskClient:
    return browser_of(alice)


def again(product: Product) -> Product:
    """The product as the database has it."""
    return queries.get_own_product(product.store.owner, product.code)


def picture_file(name: str = "cover.png", width: int = 640) -> tuple[BytesIO, str]:
    data = BytesIO()
    Image.new("RGB", (width, 360), "teal").save(data, "PNG")
    data.seek(0)
    return data, name


# Three ways to each step


@pytest.mark.parametrize("step", STEPS)
def test_a_step_is_a_page_of_its_own(coach: FlaskClient, draft: Product, step: str) -> None:
    answer = coach.get(f"/products/{draft.code}/{step}")
    assert answer.status_code == 200
    assert "<!doctype html>" in answer.text
    assert f'action="/products/{draft.code}/{step}"' in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("step", STEPS)
def test_a_step_is_a_fragment_for_htmx(coach: FlaskClient, draft: Product, step: str) -> None:
    answer = coach.get(f"/products/{draft.code}/{step}", headers=HTMX)
    assert answer.status_code == 200
    assert "<!doctype html>" not in answer.text
    assert 'id="wizard-step"' in answer.text
    assert "HX-Request" in answer.headers["Vary"]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_a_saved_step_leads_to_the_next(coach: FlaskClient, draft: Product, step: str, headers: dict[str, str]) -> None:
    answer = coach.post(f"/products/{draft.code}/{step}", data=TYPED[step], headers=headers)
    following = STEPS[min(STEPS.index(step) + 1, 3)]
    assert (answer.status_code, answer.location) == (303, f"/products/{draft.code}/{following}")


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_bad_input_is_shown_again_with_its_message(
    coach: FlaskClient, draft: Product, step: str, headers: dict[str, str]
) -> None:
    answer = coach.post(f"/products/{draft.code}/{step}", data=BAD[step], headers=headers)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert ("<!doctype html>" in answer.text) == (not headers)


@pytest.mark.parametrize("step", STEPS)
def test_a_stranger_finds_no_step(browser_of: Browser, mallory: Person, draft: Product, step: str) -> None:
    stranger = browser_of(mallory)
    for path in (f"/products/{draft.code}/{step}", f"/products/{draft.code}"):
        assert stranger.get(path).status_code == 404
    assert stranger.post(f"/products/{draft.code}/{step}", data=TYPED[step]).status_code == 404
    assert stranger.post(f"/products/{draft.code}/{step}/preview", data=TYPED[step]).status_code == 404
    assert again(draft).title == ""


@pytest.mark.parametrize("act", ["publication", "withdrawal", "archive"])
def test_a_stranger_cannot_change_a_products_state(
    browser_of: Browser, mallory: Person, published: Product, act: str
) -> None:
    assert browser_of(mallory).post(f"/products/{published.code}/{act}").status_code == 404
    assert again(published).state == "published"


@pytest.mark.parametrize("step", STEPS)
def test_nobody_is_asked_to_sign_in(client: FlaskClient, draft: Product, step: str) -> None:
    answer = client.get(f"/products/{draft.code}/{step}")
    assert answer.status_code in (302, 303)
    assert answer.location.startswith("/sign-in")
    assert client.post(f"/products/{draft.code}/{step}", data=TYPED[step]).location.startswith("/sign-in")
    assert client.get(f"/products/{draft.code}/{step}", headers=HTMX).headers["HX-Redirect"].startswith("/sign-in")


def test_whose_sign_in_ended_is_not_taken_away_while_they_type(client: FlaskClient, draft: Product) -> None:
    for path in (f"/products/{draft.code}/checkout/preview", f"{CREATE}/preview", "/stores/new/address"):
        answer = client.post(path, data=TYPED["checkout"], headers=HTMX)
        assert (answer.status_code, answer.text, answer.headers.get("HX-Redirect")) == (401, "", None)


def test_an_unknown_product_or_step_is_not_there(coach: FlaskClient, draft: Product) -> None:
    assert coach.get("/products/zzzzzzzzzz/checkout").status_code == 404
    assert coach.get(f"/products/{draft.code}/payment").status_code == 404


@pytest.mark.parametrize("step", STEPS)
def test_looking_changes_nothing(coach: FlaskClient, draft: Product, step: str) -> None:
    before = again(draft).updated_at
    coach.get(f"/products/{draft.code}/{step}")
    coach.post(f"/products/{draft.code}/{step}/preview", data=TYPED[step])
    assert (again(draft).updated_at, again(draft).title, Schedule.select().count()) == (before, "", 0)


def test_opening_a_product_leads_to_what_is_missing(coach: FlaskClient, draft: Product, published: Product) -> None:
    assert coach.get(f"/products/{draft.code}").location == f"/products/{draft.code}/checkout"
    assert coach.get(f"/products/{published.code}").location == f"/products/{published.code}/options"


# Making the draft


def test_the_first_step_makes_no_draft_before_it_is_sent(coach: FlaskClient, store: Store) -> None:
    assert coach.get(CREATE).status_code == 200
    assert Product.select().count() == 0


def test_a_sent_first_step_is_a_draft_even_when_sent_twice(coach: FlaskClient, store: Store) -> None:
    typed = {"display_style": "minimal", "form_key": "abcdefgh23"}
    first, second = (coach.post(CREATE, data=dict(typed)) for _ in range(2))
    (draft,) = Product.select()
    assert first.location == second.location == f"/products/{draft.code}/checkout"
    assert (draft.state, draft.display_style) == ("draft", "minimal")


def test_a_stranger_makes_no_draft_in_alices_store(browser_of: Browser, mallory: Person, store: Store) -> None:
    stranger = browser_of(mallory)
    assert stranger.get(CREATE).status_code == 404
    assert stranger.post(CREATE, data={"display_style": "card"}).status_code == 404
    assert stranger.post(f"{CREATE}/preview", data={"display_style": "card"}).status_code == 404


def test_a_bad_first_step_makes_no_draft(coach: FlaskClient, store: Store) -> None:
    answer = coach.post(CREATE, data={"display_style": "card", "picture": (BytesIO(b"MZ\x90"), "cat.png")})
    assert answer.status_code == 422
    assert "JPEG, PNG or WebP" in answer.text
    assert Product.select().count() == 0


# Step 1


def test_a_cover_that_would_be_blown_up_is_refused(coach: FlaskClient, draft: Product) -> None:
    address = f"/products/{draft.code}/thumbnail"
    refused = coach.post(address, data={"display_style": "cover", "picture": picture_file(width=359)})
    assert (refused.status_code, "359 pixels wide" in refused.text) == (422, True)
    assert not Picture.select().exists()
    coach.post(address, data={"display_style": "cover", "picture": picture_file(width=360)})
    assert Picture.get().width == 360


def test_a_picture_is_kept_small_and_shown_to_its_owner_only(
    coach: FlaskClient, browser_of: Browser, mallory: Person, draft: Product
) -> None:
    coach.post(f"/products/{draft.code}/thumbnail", data={"display_style": "cover", "picture": picture_file()})
    (picture,) = Picture.select()
    assert again(draft).picture == picture
    answer = coach.get(f"/pictures/{picture.code}.webp")
    assert (answer.status_code, answer.mimetype) == (200, "image/webp")
    assert "private" in answer.headers["Cache-Control"]
    assert browser_of(mallory).get(f"/pictures/{picture.code}.webp").status_code == 404
    assert browser_of(None).get(f"/pictures/{picture.code}.webp").status_code == 404


def test_a_published_picture_is_everybodys_and_harmless(
    coach: FlaskClient, client: FlaskClient, published: Product
) -> None:
    coach.post(f"/products/{published.code}/thumbnail", data={"display_style": "cover", "picture": picture_file()})
    answer = client.get(f"/pictures/{again(published).picture.code}.webp")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in answer.headers["Cache-Control"]
    assert Image.open(BytesIO(answer.data)).format == "WEBP"


def test_a_picture_can_be_taken_away_again(coach: FlaskClient, draft: Product) -> None:
    address = f"/products/{draft.code}/thumbnail"
    coach.post(address, data={"display_style": "cover", "picture": picture_file()})
    coach.post(address, data={"display_style": "cover", "removes_picture": "y"})
    assert again(draft).picture is None
    assert Picture.select().count() == 0


def test_a_tick_at_taking_the_picture_away_outlives_bad_input(coach: FlaskClient, draft: Product) -> None:
    address = f"/products/{draft.code}/thumbnail"
    coach.post(address, data={"display_style": "cover", "picture": picture_file()})
    answer = coach.post(address, data={"display_style": "neon", "removes_picture": "y"})
    box = re.search(r'<input[^>]*name="removes_picture"[^>]*>', answer.text)
    assert answer.status_code == 422
    assert box
    assert " checked" in box[0]


def test_a_page_of_html_named_png_is_refused_beside_the_field(coach: FlaskClient, draft: Product) -> None:
    typed = {"display_style": "cover", "picture": (BytesIO(b"<script>alert(1)</script>"), "x.png")}
    answer = coach.post(f"/products/{draft.code}/thumbnail", data=typed)
    assert answer.status_code == 422
    assert 'id="picture-note"' in answer.text


def test_a_disk_that_is_nearly_full_takes_no_picture_and_everything_else(
    coach: FlaskClient, draft: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage("/")._replace(free=LEAST_FREE_BYTES - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    address = f"/products/{draft.code}/thumbnail"
    answer = coach.post(address, data={"display_style": "card", "picture": picture_file()})
    assert answer.status_code == 422
    assert "no room for pictures" in answer.text
    assert Picture.select().count() == 0
    assert coach.post(address, data={"display_style": "card"}).status_code == 303


def test_a_file_over_ten_megabytes_is_said_to_be_too_large(coach: FlaskClient, draft: Product) -> None:
    body, kind = b"x" * 11 * 1024 * 1024, "multipart/form-data; boundary=x"
    answer = coach.post(f"/products/{draft.code}/thumbnail", data=body, content_type=kind)
    assert answer.status_code == 413
    assert "larger than 10 MB" in answer.text


# Step 2


def test_checkout_keeps_offers_and_questions_in_their_order(coach: FlaskClient, draft: Product) -> None:
    typed = CHECKOUT | {
        "offers-1-minutes": "30",
        "offers-1-price": "29",
        "questions-0-label": "Which DAW?",
        "questions-0-kind": "choice",
        "questions-0-choices": "Live\n\nLogic\nLive",
        "questions-0-is_required": "y",
        "questions-1-label": "",
        "questions-1-kind": "text",
    }
    assert coach.post(f"/products/{draft.code}/checkout", data=typed).status_code == 303
    assert [(offer.minutes, offer.price_cents) for offer in queries.offers_of(draft)] == [(60, 4950), (30, 2900)]
    (question,) = queries.questions_of(draft)
    assert (question.label, question.choices, question.is_required) == ("Which DAW?", "Live\nLogic", True)
    page = coach.get(f"/products/{draft.code}/checkout").text
    assert 'value="Which DAW?"' in page
    assert 'value="49.50"' in page


def test_an_unfinished_draft_can_be_saved(coach: FlaskClient, draft: Product) -> None:
    answer = coach.post(f"/products/{draft.code}/checkout", data={"title": "", "session_type": "audio"})
    assert answer.status_code == 303


@pytest.mark.parametrize("title", ["\u200b", "\u3164\u2800", "\u0301"])
def test_a_title_nobody_sees_is_no_title(coach: FlaskClient, draft: Product, title: str) -> None:
    coach.post(f"/products/{draft.code}/checkout", data=CHECKOUT | {"title": title})
    assert again(draft).title == ""
    answer = coach.post(f"/products/{draft.code}/publication")
    assert answer.status_code == 422
    assert "title" in answer.text


@pytest.mark.parametrize("minutes", ["0", "4", "481", "6000", "-30", "1e2", "１２", "1_000", "+60", "9" * 30, "60.5"])
def test_a_length_out_of_range_is_refused_and_stays_in_its_field(
    coach: FlaskClient, draft: Product, minutes: str
) -> None:
    answer = coach.post(f"/products/{draft.code}/checkout", data=CHECKOUT | {"offers-0-minutes": minutes})
    assert answer.status_code == 422
    assert 'id="offers-0-minutes-note"' in answer.text
    assert f'value="{minutes}"' in answer.text
    assert queries.offers_of(draft) == []


def test_a_price_has_the_decimals_of_its_currency(coach: FlaskClient, draft: Product) -> None:
    address = f"/products/{draft.code}/checkout"
    cases = [
        ("JPY", "4900", 4900, "4900"),
        ("JPY", "49.50", "Type an amount like 4900.", "49.50"),
        ("KWD", "12.5", 12500, "12.500"),
        ("KWD", "12.345", "The last digit of an amount in KWD is 0.", "12.345"),
        ("HUF", "400000", 40_000_000, "400000.00"),
        ("JPY", "2000001", "The highest price is 2,000,000.", "2000001"),
        ("JPY", "49", "The least that a card can pay is ¥50: make it more, or free.", "49"),
    ]
    for currency, typed, kept, field_value in cases:
        Store.update(currency=currency).execute()
        Product.update(payment="stripe" if "card" in str(kept) else "outside").execute()
        answer = coach.post(address, data=CHECKOUT | {"offers-0-price": typed})

        if isinstance(kept, int):
            assert [offer.price_cents for offer in queries.offers_of(draft)] == [kept]
            answer = coach.get(address)
        else:
            assert answer.status_code == 422
            assert str(kept) in answer.text
        assert f'value="{field_value}"' in answer.text


def test_prices_keep_their_numbers_in_another_currency(coach: FlaskClient, draft: Product) -> None:
    coach.post(f"/products/{draft.code}/checkout", data=CHECKOUT)
    store = {"name": "Nova", "zone": "Europe/Berlin", "hue": "3"}

    coach.post(f"/store/{draft.store.slug}/settings", data=store | {"currency": "JPY"})

    assert [offer.price_cents for offer in queries.offers_of(draft)] == [50]


@pytest.mark.parametrize("price", ["-1", "1e9", "NaN", "10000.01", "999999999999", "49,500", "€49", "", "0x10"])
def test_a_price_out_of_range_is_refused_and_stays_in_its_field(coach: FlaskClient, draft: Product, price: str) -> None:
    answer = coach.post(f"/products/{draft.code}/checkout", data=CHECKOUT | {"offers-0-price": price})
    assert answer.status_code == 422
    assert 'id="offers-0-price-note"' in answer.text
    assert Offer.select().count() == 0


def test_script_emoji_and_right_to_left_text_are_only_text(coach: FlaskClient, draft: Product) -> None:
    hostile = "<script>alert(1)</script> 🎧 שלום"
    typed = CHECKOUT | {
        "title": hostile,
        "description": hostile,
        "questions-0-label": hostile,
        "questions-0-kind": "text",
    }
    assert coach.post(f"/products/{draft.code}/checkout", data=typed).status_code == 303
    for path in ("/store/nova", f"/products/{draft.code}/checkout", f"/products/{draft.code}/options"):
        page = coach.get(path).text
        assert "<script>alert" not in page
        assert "🎧 שלום" in page
    assert "<script>" not in again(draft).description_html


def test_the_same_length_twice_is_named(coach: FlaskClient, draft: Product) -> None:
    typed = CHECKOUT | {"offers-1-minutes": "60", "offers-1-price": "10"}
    answer = coach.post(f"/products/{draft.code}/checkout", data=typed)
    assert answer.status_code == 422
    assert "Two lengths are the same" in answer.text


def test_too_many_rows_are_said_not_crashed(coach: FlaskClient, draft: Product) -> None:
    offers = {f"offers-{n}-{part}": str(n + 5) for n in range(300) for part in ("minutes", "price")}
    questions = {f"questions-{n}-label": f"Question {n}?" for n in range(300)}
    answer = coach.post(f"/products/{draft.code}/checkout", data=CHECKOUT | offers | questions)
    assert answer.status_code == 422
    assert "At most 20 lengths" in answer.text
    assert "At most 30 questions" in answer.text


@pytest.mark.parametrize(("choices", "status"), [("", 422), ("One", 422), ("One\nTwo", 303), ("x\n" * 50, 422)])
def test_a_choice_needs_two_choices(coach: FlaskClient, draft: Product, choices: str, status: int) -> None:
    question = {"questions-0-label": "Which?", "questions-0-kind": "choice", "questions-0-choices": choices}
    assert coach.post(f"/products/{draft.code}/checkout", data=CHECKOUT | question).status_code == status


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_a_row_is_added_without_anything_being_kept(
    coach: FlaskClient, draft: Product, headers: dict[str, str]
) -> None:
    typed = CHECKOUT | {"act": "add-offers", "offers-0-price": "not yet"}
    answer = coach.post(f"/products/{draft.code}/checkout", data=typed, headers=headers)
    assert answer.status_code == 200
    assert 'name="offers-1-minutes"' in answer.text
    assert 'value="not yet"' in answer.text
    assert again(draft).title == ""


def test_a_question_depends_on_an_earlier_answer(coach: FlaskClient, draft: Product) -> None:
    """By rows that are added, moved and reworded; without scripts."""
    address = f"/products/{draft.code}/checkout"

    def sent(answer: TestResponse, **changes: str) -> TestResponse:
        names = {name.replace("__", "-"): value for name, value in changes.items()}
        return coach.post(address, data=form_to(answer.text, address).fields | names)

    which = {"questions__0__label": "Which DAW?", "questions__0__kind": "choice"}
    page = sent(coach.get(address), title="Mix", act="add-questions", offers__0__price="0")
    assert "When to ask it" not in page.text  # nothing to depend on
    page = sent(page, **which, questions__0__choices="Live\nLogic", act="add-questions")
    key = form_to(page.text, address).fields["questions-0-key"]
    assert f'<option value="{key} Live">Only if question 1 is “Live”</option>' in page.text
    page = sent(page, questions__1__label="Which version?", questions__1__only_if=f"{key} Live", act="add-questions")
    page = sent(page, questions__2__label="Why?", act="up-questions-2")
    assert sent(page, then="stay").status_code == 303
    _, why, version = queries.questions_of(draft)
    assert (version.label, version.depends_on.label, version.depends_answer) == ("Which version?", "Which DAW?", "Live")
    assert why.depends_on is None

    page = coach.get(address)
    assert "Only if question 1 is “Live”" in page.text
    assert sent(page, questions__0__label="Your DAW?", then="stay").status_code == 303
    first, _, same = queries.questions_of(draft)
    assert (same.id, same.depends_on, first.label) == (version.id, first, "Your DAW?")
    # An answer that is gone, and a place before the question it depends on: said beside the field, nothing is saved.
    refused = sent(coach.get(address), questions__0__choices="Reaper\nLogic", then="stay")
    assert refused.status_code == 422
    assert "The answer that it depended on is no longer there, or comes later. Choose again." in refused.text
    moved = sent(sent(coach.get(address), act="up-questions-2"), act="up-questions-1")
    assert sent(moved, then="stay").status_code == 422
    assert sent(moved, then="stay", questions__0__only_if="always").status_code == 303
    assert [question.depends_on for question in queries.questions_of(draft)] == [None, None, None]


def test_questions_change_places(coach: FlaskClient, draft: Product) -> None:
    rows = {"questions-0-label": "First?", "questions-1-label": "Second?", "act": "up-questions-1"}
    page = coach.post(f"/products/{draft.code}/checkout", data=CHECKOUT | rows).text
    assert page.index('value="Second?"') < page.index('value="First?"')


def test_the_preview_shows_what_is_typed_and_keeps_nothing(coach: FlaskClient, draft: Product) -> None:
    answer = coach.post(f"/products/{draft.code}/checkout/preview", data=CHECKOUT, headers=HTMX)
    assert 'id="product-preview"' in answer.text
    assert "Mixing call" in answer.text
    assert "€49.50" in answer.text
    assert again(draft).title == ""


# Step 3


def test_availability_keeps_hours_rules_closures_and_timing(coach: FlaskClient, draft: Product) -> None:
    typed = MultiDict(AVAILABILITY | {"timing": "early_doors", "daily_cap": "3", "close_on": "2027-12-24"})
    typed.add("closed", "2027-12-31")
    assert coach.post(f"/products/{draft.code}/availability", data=typed).status_code == 303
    fresh = again(draft)
    assert [(span.start_minute, span.length_minutes) for span in weekly_hours(fresh.schedule).week[0]] == [(540, 180)]
    assert (fresh.notice_minutes, fresh.buffer_after_minutes, fresh.daily_cap, fresh.make_minutes) == (60, 10, 3, 120)
    page = coach.get(f"/products/{draft.code}/availability").text
    assert "24 December 2027" in page
    assert "31 December 2027" in page


@pytest.mark.parametrize("timing", ["default", "early_doors", "own"])
def test_how_long_a_talk_may_run_over_is_kept_with_every_timing(
    coach: FlaskClient, draft: Product, timing: str
) -> None:
    address = f"/products/{draft.code}/availability"
    coach.post(address, data=AVAILABILITY | {"timing": timing, "make_minutes": "45", "overrun_minutes": "20"})
    assert again(draft).overrun_minutes == 20
    page = coach.get(address).text
    assert re.search(f'<input checked[^>]*value="{timing}"', page)
    assert re.search('name="overrun_minutes"[^>]*value="20"', page)
    coach.post(address, data=AVAILABILITY | {"timing": timing})
    assert again(draft).overrun_minutes == 60


def test_a_room_can_stand_from_the_booking_on_where_the_role_is_shared(
    coach: FlaskClient, draft: Product, store: Store
) -> None:
    address = f"/products/{draft.code}/availability"
    assert 'value="standing"' not in coach.get(address).text
    store.access_mode = "shared_role"
    store.save()
    assert 'value="standing"' in coach.get(address).text
    assert coach.post(address, data=AVAILABILITY | {"timing": "standing"}).status_code == 303
    assert again(draft).opens_at_booking
    page = coach.get(address).text
    assert re.search('<input checked[^>]*value="standing"', page)
    assert "as soon as they have booked" in page
    preview = coach.post(address + "/preview", data=AVAILABILITY, headers={"HX-Request": "true"}).text
    assert "the channels open to your student at" in preview
    assert coach.post(address, data=AVAILABILITY).status_code == 303
    assert not again(draft).opens_at_booking


def test_what_stands_from_the_booking_on_is_not_published_without_a_shared_role(
    coach: FlaskClient, store: Store
) -> None:
    product = factories.make_product(store, state="draft", opens_at_booking=True)
    for answer in (
        coach.post(f"/products/{product.code}/publication"),
        coach.post(f"/products/{product.code}/options", data=OPTIONS | {"then": "publish"}),
    ):
        assert answer.status_code == 422
        assert "Change its timing first." in answer.text
    assert again(product).state == "draft"


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_a_new_timing_says_how_many_sessions_it_concerns(
    coach: FlaskClient, published: Product, woken: list[datetime], headers: dict[str, str]
) -> None:
    for days in (1, 2):
        factories.make_coaching_session(published, starts_at=datetime.now(UTC) + timedelta(days=days))
    factories.make_coaching_session(published, starts_at=datetime.now(UTC) - timedelta(days=2))
    address = f"/products/{published.code}/availability"
    typed = AVAILABILITY | {"schedule": published.schedule.code, "shown": published.schedule.code, "then": "stay"}

    coach.post(address, data=typed)
    assert woken == []
    assert "follow the new timing" not in coach.get(address, headers=headers).text

    assert coach.post(address, data=typed | {"timing": "early_doors"}).status_code == 303
    assert len(woken) == 1
    assert "2 booked sessions follow the new timing." in coach.get(address, headers=headers).text


def test_a_new_timing_that_concerns_nobody_wakes_nobody(
    coach: FlaskClient, draft: Product, woken: list[datetime]
) -> None:
    address = f"/products/{draft.code}/availability"
    coach.post(address, data=AVAILABILITY | {"timing": "early_doors"})
    assert woken == []
    assert "new timing" not in coach.get(address).text


def test_a_new_schedule_sent_twice_is_one(coach: FlaskClient, draft: Product) -> None:
    address, typed = f"/products/{draft.code}/availability", AVAILABILITY | {"form_key": "abcdefghij"}
    for _ in range(2):
        assert coach.post(address, data=typed).status_code == 303
    assert Schedule.select().count() == 1
    assert 'name="form_key"' in coach.get(address).text


@pytest.mark.parametrize(
    ("changes", "beside"),
    [
        ({"timing": "own", "make_minutes": "5"}, "make_minutes-note"),
        ({"timing": "own", "open_minutes": ""}, "open_minutes-note"),
        ({"timing": "own", "close_minutes": "90"}, "remove_minutes-note"),
        ({"timing": "own", "make_minutes": "99999"}, "make_minutes-note"),
        ({"timing": "own", "overrun_minutes": "241"}, "overrun_minutes-note"),
        ({"timing": "default", "overrun_minutes": ""}, "overrun_minutes-note"),
        ({"timing": "default", "overrun_minutes": "an hour"}, "overrun_minutes-note"),
        ({"timing": "standing"}, "timing-note"),
        ({"timing": "never"}, "timing-note"),
        ({"horizon_days": "0"}, "horizon_days-note"),
        ({"daily_cap": "-1"}, "daily_cap-note"),
        ({"notice_minutes": "soon"}, "notice_minutes-note"),
        ({"grid_minutes": "99999999"}, "grid_minutes-note"),
        ({"zone": "Mars/Olympus"}, "zone-note"),
        ({"zone": "x" * 5000}, "zone-note"),
        ({"schedule_name": ""}, "schedule_name-note"),
        ({"close_on": "31.12."}, "close_on-note"),
        ({"hours-1-start": "09:00", "hours-1-end": ""}, "hours-1-note"),
    ],
)
def test_what_is_wrong_with_availability_stands_beside_it(
    coach: FlaskClient, draft: Product, changes: dict[str, str], beside: str
) -> None:
    answer = coach.post(f"/products/{draft.code}/availability", data=AVAILABILITY | changes)
    assert answer.status_code == 422
    assert f'id="{beside}"' in answer.text
    assert Schedule.select().count() == 0


@pytest.mark.parametrize(
    ("pressed", "shows"),
    [
        ({"act": "preset:evening"}, 'value="18:00"'),
        ({"add": "3"}, 'name="hours-3-start"'),
        ({"act": "add-closure", "close_on": "2027-12-24"}, "24 December 2027"),
    ],
)
def test_buttons_of_the_week_change_the_page_only(
    coach: FlaskClient, draft: Product, pressed: dict[str, str], shows: str
) -> None:
    answer = coach.post(f"/products/{draft.code}/availability", data=AVAILABILITY | pressed, headers=HTMX)
    assert answer.status_code == 200
    assert shows in answer.text
    assert Schedule.select().count() == 0


def test_the_page_says_how_long_a_day_off_is(coach: FlaskClient, draft: Product) -> None:
    page = coach.get(f"/products/{draft.code}/availability").text
    assert "A day off is closed from 00:00 to 24:00. Hours of the day before end at midnight" in page


def test_hours_and_closures_are_taken_away_again(coach: FlaskClient, draft: Product) -> None:
    address = f"/products/{draft.code}/availability"
    assert 'name="hours-0-start"' not in coach.post(address, data=AVAILABILITY | {"remove": "0-0"}).text
    pressed = AVAILABILITY | {"closed": "2027-12-24", "act": "remove-closure:2027-12-24"}
    assert "24 December 2027" not in coach.post(address, data=pressed).text


def test_another_schedule_is_shown_before_it_is_kept(
    coach: FlaskClient, draft: Product, published: Product, alice: Person
) -> None:
    other = factories.make_schedule(alice, name="Summer", start_minute=600, length_minutes=60)
    address = f"/products/{draft.code}/availability"
    chosen = AVAILABILITY | {"schedule": other.code, "shown": published.schedule.code}
    refused = coach.post(address, data=chosen)
    assert refused.status_code == 422
    assert 'id="schedule-note"' in refused.text
    answer = coach.post(address, data=chosen | {"act": "show-schedule"})
    assert 'value="10:00"' in answer.text
    assert f'value="{other.code}"' in answer.text
    coach.post(address, data=AVAILABILITY | {"schedule": other.code, "shown": other.code})
    assert again(draft).schedule == other


def test_the_page_names_who_else_uses_the_schedule(coach: FlaskClient, published: Product, store: Store) -> None:
    factories.make_product(store, title="Arrangement check", schedule=published.schedule)
    page = coach.get(f"/products/{published.code}/availability").text
    assert "Also used by <b>Arrangement check</b>" in page


def test_mallorys_schedule_is_not_there_for_alice(coach: FlaskClient, draft: Product, mallory: Person) -> None:
    foreign = factories.make_schedule(mallory)
    typed = AVAILABILITY | {"schedule": foreign.code, "shown": foreign.code}
    answer = coach.post(f"/products/{draft.code}/availability", data=typed)
    assert answer.status_code == 422
    assert 6 in weekly_hours(foreign).week


def test_the_rooms_life_is_drawn_anew_with_the_preview(coach: FlaskClient, draft: Product) -> None:
    typed = AVAILABILITY | {"timing": "own", "make_minutes": "45"}
    answer = coach.post(f"/products/{draft.code}/availability/preview", data=typed, headers=HTMX)
    assert 'id="room-life"' in answer.text
    assert "17:15" in answer.text


# Step 4


def test_publishing_lists_what_is_missing_with_the_way_there(coach: FlaskClient, draft: Product) -> None:
    for path, typed in (("options", OPTIONS | {"then": "publish"}), ("publication", {})):
        answer = coach.post(f"/products/{draft.code}/{path}", data=typed)
        assert answer.status_code == 422
        for step in ("checkout", "availability"):
            assert re.search(f'<button class="link"[^>]*name="go" value="{step}"', answer.text)
    assert again(draft).state == "draft"
    assert again(draft).pay_text == "Bank transfer."


def test_a_store_without_a_verified_guild_publishes_phone_calls_only(coach: FlaskClient, draft: Product) -> None:
    Store.update(guild=None, guild_verified_at=None).execute()
    address = f"/products/{draft.code}"
    for step in ("checkout", "availability"):
        coach.post(f"{address}/{step}", data=TYPED[step])
    refused = coach.post(f"{address}/options", data=OPTIONS | {"then": "publish"})
    assert refused.status_code == 422
    assert re.search('<button class="link"[^>]*name="go" value="guild"', refused.text)
    assert coach.post(f"{address}/options", data=OPTIONS | {"go": "guild"}).location == "/store/nova/guild"
    coach.post(f"{address}/checkout", data=CHECKOUT | {"session_type": "phone"})
    assert coach.post(f"{address}/publication").status_code == 303
    assert again(draft).state == "published"


def test_from_empty_to_published_withdrawn_and_archived(coach: FlaskClient, store: Store) -> None:
    made = coach.post(CREATE, data={"display_style": "cover"})
    address = made.location.removesuffix("/checkout")
    for step in ("checkout", "availability"):
        assert coach.post(f"{address}/{step}", data=TYPED[step]).status_code == 303
    assert coach.post(f"{address}/options", data=OPTIONS | {"then": "publish"}).status_code == 303
    assert "It is on sale" in coach.get(f"{address}/options").text
    kept = factories.make_coach(store.owner)
    assert "Say who you are" in coach.get(f"{address}/publication").text
    Coach.update(headline="Mixing engineer").where(Coach.id == kept.id).execute()
    assert "Say who you are" not in coach.get(f"{address}/publication").text
    assert coach.get("/s/nova/mixing-call").status_code == 200
    coach.post(f"{address}/withdrawal")
    assert "Before you can publish" not in coach.get(f"{address}/options").text
    assert coach.post(f"{address}/archive").location == "/store/nova"
    assert "Archived (1)" in coach.get("/store/nova").text
    coach.post(f"{address}/withdrawal")
    assert "Drafts" in coach.get("/store/nova").text


def test_a_save_that_would_spoil_a_published_product_is_refused_and_kept_on_the_page(
    coach: FlaskClient, published: Product
) -> None:
    typed = {"title": "", "description": "New words", "session_type": "video"}
    answer = coach.post(f"/products/{published.code}/checkout", data=typed)
    assert answer.status_code == 422
    assert "Nothing was saved" in answer.text
    assert "New words" in answer.text
    assert again(published).title == "Mixing call"


def test_a_save_of_a_published_product_is_live(coach: FlaskClient, client: FlaskClient, published: Product) -> None:
    coach.post(f"/products/{published.code}/checkout", data=CHECKOUT | {"title": "Better name"})
    assert "Better name" in client.get("/s/nova/mixing-call").text


def test_the_address_in_the_bar_is_not_pushed_twice(coach: FlaskClient, draft: Product) -> None:
    address = f"/products/{draft.code}/checkout"
    here = HTMX | {"HX-Current-URL": f"http://localhost:8000{address}"}
    answer = coach.post(address, data=CHECKOUT | {"act": "add-offers"}, headers=here)
    assert answer.headers["HX-Push-Url"] == "false"
    elsewhere = HTMX | {"HX-Current-URL": "http://localhost:8000/store/nova"}
    assert "HX-Push-Url" not in coach.get(address, headers=elsewhere).headers


# A sign-in that runs out in the middle


@pytest.mark.parametrize("step", STEPS)
def test_an_expired_sign_in_loses_nothing_that_was_typed(
    coach: FlaskClient, draft: Product, alice: Person, step: str
) -> None:
    address = f"/products/{draft.code}/{step}"
    SignIn.delete().execute()
    typed: dict[str, Any] = TYPED[step] | {
        "title": "Typed before",
        "pay_text": "Typed before",
        "schedule_name": "Typed before",
    }
    away = coach.post(address, data=typed, headers={"Referer": f"http://localhost:8000{address}"})
    assert away.location.startswith("/sign-in")
    signed_in = coach.post(away.location, data={"email": alice.email, "password": factories.PASSWORD})
    assert signed_in.location == address
    page = coach.get(address).text
    assert "What you typed is back" in page
    if step == "thumbnail":
        assert 'checked id="display_style-1"' in page
    else:
        assert "Typed before" in page
    assert "Typed before" not in coach.get(address).text


def test_what_is_wrong_with_the_week_is_counted_with_the_rest(coach: FlaskClient, draft: Product) -> None:
    typed = AVAILABILITY | {"horizon_days": "", "hours-0-end": "09:00", "hours-1-start": "10:00", "hours-1-end": ""}
    page = coach.post(f"/products/{draft.code}/availability", data=typed).text
    assert 'data-say="3 things to mend."' in page
    assert '<a href="#hours-0">Monday</a>: The start and the end of a line are the same.' in page
    assert '<a href="#hours-1">Tuesday</a>' in page


def test_what_was_not_changed_is_not_said_to_be_back(coach: FlaskClient, draft: Product, alice: Person) -> None:
    address = f"/products/{draft.code}/checkout"
    assert coach.post(address, data=CHECKOUT | {"then": "stay"}).status_code < 400
    SignIn.delete().execute()
    away = coach.post(address, data=CHECKOUT, headers={"Referer": f"http://localhost:8000{address}"})
    coach.post(away.location, data={"email": alice.email, "password": factories.PASSWORD})
    assert "What you typed is back" not in coach.get(address).text


def test_too_many_days_off_are_said_beside_the_field_and_all_stay(coach: FlaskClient, draft: Product) -> None:
    days = [(date(2027, 1, 1) + timedelta(days=n)).isoformat() for n in range(600)]
    answer = coach.post(f"/products/{draft.code}/availability", data=AVAILABILITY | {"closed": days})
    assert answer.status_code == 422
    assert "At most 500 days off. These are 600: remove some." in unescape(answer.text)
    assert [day for day in days if f'value="{day}"' not in answer.text] == []
    assert (
        coach.post(f"/products/{draft.code}/availability", data=AVAILABILITY | {"closed": days[:500]}).status_code
        == 303
    )
    assert len(closures(again(draft).schedule, date(2027, 1, 1))) == 500


def test_of_choices_that_are_too_long_no_more_is_read_than_may_be() -> None:
    typed = "\n".join(map(str, range(200_000)))
    form = QuestionForm(MultiDict({"label": "Which?", "kind": "choice", "choices": typed}))
    assert not form.validate()
    assert len(form.choice_lines) < 2_000
    assert form.choices.data == typed  # what was typed is still there


def test_a_preset_more_is_one_row(
    coach: FlaskClient, draft: Product, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Form, cards, preview and what is kept take it from the table, whatever its minutes say."""
    monkeypatch.setitem(PRESETS, "night_owl", RoomTiming(90, 45, 30, 240, 20))
    address = f"/products/{draft.code}/availability"
    page = coach.get(address).text
    assert "Night owl" in page
    assert "Opens 45 min before, closes 30 min after" in page
    preview = coach.post(f"{address}/preview", data=AVAILABILITY | {"timing": "night_owl"}, headers=HTMX)
    assert "17:15" in preview.text

    assert coach.post(address, data=AVAILABILITY | {"timing": "night_owl", "overrun_minutes": "45"}).status_code == 303
    kept = again(draft)
    assert (kept.make_minutes, kept.open_minutes, kept.close_minutes, kept.remove_minutes) == (90, 45, 30, 240)
    assert re.search('<input checked[^>]*value="night_owl"', coach.get(address).text)


def test_own_minutes_are_never_set_back_unasked(coach: FlaskClient, draft: Product) -> None:
    """Neither by a form that says nothing about the room, nor by one drawn for what cannot be chosen any more."""
    address, own = f"/products/{draft.code}/availability", (77, 33, 22, 99)
    minutes = dict(zip(OWN_MINUTES, map(str, own), strict=True))
    assert coach.post(address, data=AVAILABILITY | minutes | {"timing": "own"}).status_code == 303
    silent = {name: value for name, value in AVAILABILITY.items() if name != "timing"}
    for sent in (silent, AVAILABILITY | {"timing": "night_owl"}):
        answer = coach.post(address, data=sent)
        assert answer.status_code == 422
        assert "Choose one of these." in answer.text
    kept = again(draft)
    assert tuple(getattr(kept, name) for name in OWN_MINUTES) == own

    # What stood under a shared role is shown as the minutes that it has.
    Product.update(opens_at_booking=True, make_minutes=0, open_minutes=0, close_minutes=0, remove_minutes=0).execute()
    assert re.search('<input checked[^>]*value="own"', coach.get(address).text)
