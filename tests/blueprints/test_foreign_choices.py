"""A select, a radio and a hidden field take the values their page offers, whoever sends something else."""

import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import cycle

import pytest
from flask import Flask
from flask.testing import FlaskClient
from wtforms import Form as PlainForm
from wtforms import RadioField, SelectField

from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession
from coaching.calendars.models import Feed
from coaching.catalog.models import Offer, Product, Question, Store
from coaching.db import BaseModel, database
from coaching.hours.models import WeeklySpan
from coaching.messages.preferences import CHOOSABLE
from coaching.notices.kinds import RULES
from tests import factories
from tests.blueprints.test_wizard import AVAILABILITY, CHECKOUT, OPTIONS

pytestmark = pytest.mark.every_value

Browser = Callable[[Person | None], FlaskClient]

NOW = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)
FOREIGN = ("", "-1", "7", "１５", "9" * 30)
# The same where rows are looked up by their number: a small one may be somebody's.
FOREIGN_ROWS = ("", "-1", "70007000", "１５", "9" * 30)
ALLOWED = {"hue": "7", "clock": ""}  # what is none of the foreign ones there
# Every select and radio of the product: where it is sent, with what besides.
STORE = {"name": "Nova", "currency": "EUR", "zone": "Europe/Berlin", "hue": "3"}
QUESTION = {"questions-0-label": "Link", "questions-0-kind": "text", "questions-0-choices": ""}
KEPT = {"product": "onsale", "form_key": "abcdefghij", "starts_at": "2027-03-09T09:00:00Z", "student": "link"}
WAYS = {f"way_{kind}": "mail" for kind in CHOOSABLE if not RULES[kind].is_for_admins}
SENT = {
    "currency": ("/store/nova/settings", STORE),
    "zone": ("/store/nova/settings", STORE),
    "hue": ("/store/nova/settings", STORE),
    "access_mode": ("/store/nova/access-mode", {}),
    "display_style": ("/products/draft/thumbnail", {}),
    "session_type": ("/products/draft/checkout", CHECKOUT),
    "kind": ("/products/draft/checkout", CHECKOUT | QUESTION),
    "only_if": ("/products/draft/checkout", CHECKOUT | QUESTION),
    "offer": ("/invitations", KEPT),
    "student": ("/invitations", KEPT),
    "schedule": ("/products/draft/availability", AVAILABILITY),
    "timing": ("/products/draft/availability", AVAILABILITY),
    "notice_minutes": ("/products/draft/availability", AVAILABILITY),
    "buffer_before_minutes": ("/products/draft/availability", AVAILABILITY),
    "buffer_after_minutes": ("/products/draft/availability", AVAILABILITY),
    "grid_minutes": ("/products/draft/availability", AVAILABILITY),
    "move_notice_minutes": ("/products/draft/availability", AVAILABILITY),
    "policy": ("/products/draft/availability", AVAILABILITY),
    "payment": ("/products/draft/options", OPTIONS),
    "hold_minutes": ("/products/draft/options", OPTIONS | {"pays_first": "y"}),
    "approval_minutes": ("/products/draft/options", OPTIONS | {"needs_approval": "y"}),
    "products": ("/store/nova/codes", {"code": "SPRING", "kind": "percent", "percent": "20"}),
    "outcome": ("/sessions/over/outcome", {}),
    "minutes": ("/sessions/running/lateness", {}),
    "travel_zone": ("/dashboard/schedules/hours/travels", {"from_on": "2027-04-01", "until_on": "2027-04-02"}),
    "stale_after_minutes": ("/dashboard/calendars", {"name": "Mine", "address": "https://cal.example.com/a.ics"}),
    "picture": ("/dashboard/page", {"slug": "alice"}),
    "clock": ("/settings/profile", {"name": "Alice", "zone": "Europe/Berlin"}),
    **{f"reminder_{number}": ("/products/draft/options", OPTIONS) for number in (1, 2, 3)},
    **dict.fromkeys(WAYS, ("/settings/messages", WAYS)),
}
# Of these the sent word is looked for in a table.
LOOKED_UP = {"offer", "student", "schedule", "products"}
# What else a page sends along unseen, or a number that is typed.
ALSO_SENT = {
    "shown": ("/products/draft/availability", AVAILABILITY),
    "closed": ("/products/draft/availability", AVAILABILITY),
    "horizon_days": ("/products/draft/availability", AVAILABILITY),
    "daily_cap": ("/products/draft/availability", AVAILABILITY),
    "weekly_cap": ("/products/draft/availability", AVAILABILITY),
    "most_per_student": ("/products/draft/availability", AVAILABILITY),
    "most_moves": ("/products/draft/availability", AVAILABILITY),
    "overrun_minutes": ("/products/draft/availability", AVAILABILITY),
    "act": ("/products/draft/availability", AVAILABILITY),
    "offers-0-minutes": ("/products/draft/checkout", CHECKOUT),
    "offers-0-price": ("/products/draft/checkout", CHECKOUT),
    "until": ("/sessions/running/room/extension", {}),
    "next": ("/zone", {"zone": "Europe/Berlin"}),
}


@pytest.fixture
def store(alice: Person, set_clock: Callable[[datetime], None]) -> Store:
    set_clock(NOW)
    store = factories.make_store(alice, slug="nova")
    factories.make_product(store, code="draft", state="draft", schedule=factories.make_schedule(alice, code="hours"))
    product = factories.make_product(store, code="onsale", slug="mixing-call")
    factories.make_coaching_session(product, code="over", starts_at=NOW - timedelta(hours=3), state="completed")
    factories.make_coaching_session(product, code="running", starts_at=NOW - timedelta(minutes=10))
    factories.make_feed(alice, NOW)
    factories.make_coach(alice, slug="alice")
    return store


@pytest.fixture
def coach(store: Store, browser_of: Browser, alice: Person) -> FlaskClient:
    return browser_of(alice)


def marks_of(name: str) -> tuple[pytest.MarkDecorator, ...]:
    """A choice from a list of its own is turned away before any database is asked; the ways are made by one loop."""
    if name in LOOKED_UP:
        return ()
    return (pytest.mark.one_database, *([pytest.mark.wide] if name in WAYS else ()))


@pytest.mark.parametrize("name", [pytest.param(name, marks=marks_of(name)) for name in SENT])
def test_a_choice_takes_its_own_values_only(coach: FlaskClient, name: str) -> None:
    address, sound = SENT[name]
    field = f"questions-0-{name}" if name in ("kind", "only_if") else name
    before = everything()
    for value in FOREIGN_ROWS if name in LOOKED_UP else set(FOREIGN) - {ALLOWED.get(name)}:
        answer = coach.post(address, data=sound | {field: value})
        assert (value, answer.status_code) == (value, 422)
        assert everything() == before, value


@pytest.mark.one_database
def test_no_kind_of_message_goes_any_other_way_than_is_offered(coach: FlaskClient) -> None:
    before = everything()
    for name, value in zip(WAYS, cycle(FOREIGN), strict=False):
        answer = coach.post("/settings/messages", data=WAYS | {name: value})
        assert (name, answer.status_code) == (name, 422)
    assert everything() == before


@pytest.mark.parametrize("name", ALSO_SENT)
def test_no_number_breaks_a_page(coach: FlaskClient, name: str) -> None:
    address, sound = ALSO_SENT[name]
    for value in ("-1", "１５", "9" * 30, "0001-01-01T00:00:00+14:00"):
        answer = coach.post(address, data=sound | {name: value})
        assert answer.status_code < 500, value
    for page in ("/products/draft", "/s/nova/mixing-call", "/products/draft/availability"):
        assert coach.get(page, follow_redirects=True).status_code == 200


def test_no_choice_of_the_product_is_left_out(app: Flask) -> None:
    names = {name for form in forms_under(PlainForm) for name in choices_of(form)}
    elsewhere = {
        *("said", "stars", "decision"),  # beside the rest of it: test_objections.py, test_reviews.py
        *("language", "rating", "sort"),  # the directory looks for nothing it does not offer: test_directory.py
        *("answer", *(f"way_{kind}" for kind in CHOOSABLE if RULES[kind].is_for_admins)),  # test_becoming.py
    }
    assert names - {"zone"} - elsewhere == set(SENT) - {"zone"}


def test_an_answer_a_length_and_a_time_nobody_offers_are_not_booked(
    browser_of: Browser, store: Store, bob: Person
) -> None:
    product, student = Product.get(Product.slug == "mixing-call"), browser_of(bob)
    question = Question.create(
        product=product, kind="choice", label="Software", choices="Live\nLogic", is_required=True
    )
    sound = {
        "form_key": "a-form-key-1",
        "offer": str(product.offers.get().id),
        "starts_at": "2027-03-09T08:00:00Z",
        f"answer_{question.id}": "Live",
    }
    before = CoachingSession.select().count()
    for name in ("offer", "starts_at", f"answer_{question.id}"):
        for value in FOREIGN:
            answer = student.post("/s/nova/mixing-call/sessions", data=sound | {name: value})
            assert answer.status_code in (404, 409, 422), (name, value)
    assert CoachingSession.select().count() == before


STORED = {
    Product: (
        *("grid_minutes", "buffer_before_minutes", "buffer_after_minutes", "notice_minutes", "horizon_days"),
        *("daily_cap", "make_minutes", "open_minutes", "close_minutes", "remove_minutes", "overrun_minutes"),
        *("most_moves", "move_notice_minutes", "weekly_cap", "most_per_student"),
        "absent_percent",
    ),
    WeeklySpan: ("weekday", "start_minute", "length_minutes"),
    Offer: ("minutes",),
    Store: ("hue",),
    Feed: ("stale_after_minutes", "events", "failures"),
}


@pytest.mark.parametrize("value", [0, -1, 2**31 - 1])
@pytest.mark.parametrize("model", STORED)
def test_no_number_in_a_row_breaks_a_page(
    coach: FlaskClient, browser_of: Browser, bob: Person, model: type[BaseModel], value: int
) -> None:
    student, offer = browser_of(bob), Offer.select().order_by(Offer.id.desc()).get()
    booking = {"offer": offer.id, "starts_at": "2027-03-09T08:00:00Z"}
    for name in STORED[model]:
        model.update({name: value}).execute()
        assert coach.get("/s/nova/mixing-call").status_code == 200, name
        answer = student.post("/s/nova/mixing-call/sessions", data=booking | {"form_key": f"form-key-{name}"})
        assert answer.status_code < 500, name
    for page in ("/products/draft/availability", "/sessions/running", "/dashboard/calendars"):
        assert coach.get(page).status_code == 200


def test_a_draft_keeps_the_length_it_has(coach: FlaskClient) -> None:
    Product.update(grid_minutes=7, notice_minutes=45).where(Product.code == "draft").execute()
    assert '<option selected value="7">7 min</option>' in coach.get("/products/draft/availability").text
    sent = AVAILABILITY | {"grid_minutes": "7", "notice_minutes": "45"}
    assert coach.post("/products/draft/availability", data=sent).status_code == 303
    kept = Product.get(Product.code == "draft")
    assert (kept.grid_minutes, kept.notice_minutes) == (7, 45)
    # Another one that is no usual one is refused; the page shows the draft's own, and what else was typed.
    answer = coach.post("/products/draft/availability", data=sent | {"grid_minutes": "8", "horizon_days": "31"})
    assert answer.status_code == 422
    assert "Choose one of the list." in answer.text
    assert '<option selected value="7">7 min</option>' in answer.text
    assert 'value="31"' in answer.text


def everything() -> dict[str, list[tuple[object, ...]]]:
    """What lies in the tables a form can change."""
    tables = (
        "store",
        "product",
        "offer",
        "question",
        "schedule",
        "weekly_span",
        "date_override",
        "travel",
        "coaching_session",
        "feed",
        "coach",
    )
    return {table: list(database.execute_sql(f"SELECT * FROM {table} ORDER BY id").fetchall()) for table in tables}


def forms_under(form: type[PlainForm]) -> Iterator[type[PlainForm]]:
    for child in form.__subclasses__():
        yield child
        yield from forms_under(child)


def choices_of(form: type[PlainForm]) -> Iterator[str]:
    """The names of a form's selects and radios; those made for one product's questions are tried for themselves."""
    if form.__module__.startswith("blueprints.") and hasattr(sys.modules[form.__module__], form.__name__):
        for name in dir(form):
            field_class = getattr(getattr(form, name), "field_class", None)
            if isinstance(field_class, type) and issubclass(field_class, (SelectField, RadioField)):
                yield name
