"""What is typed in one window: nobody leaves a step without a word, and an older window undoes no newer work."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from io import BytesIO
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from coaching.accounts.models import Person
from coaching.catalog import mutations, queries
from coaching.catalog.models import Product, Store
from coaching.hours import mutations as hours
from coaching.hours.models import Schedule
from coaching.hours.queries import weekly_hours
from tests import factories
from tests.blueprints.test_wizard import AVAILABILITY, CHECKOUT, picture_file

# The wizard's own tests write the same rows.
pytestmark = pytest.mark.one_database

Browser = Callable[[Person | None], FlaskClient]
STEPS = ("thumbnail", "checkout", "availability", "options")
FIELD = re.compile(r"<(input|textarea|select)\b([^>]*)>(?:(.*?)</\1>)?", re.DOTALL)


@pytest.fixture
def store(alice: Person) -> Store:
    return factories.make_store(alice, slug="nova")


@pytest.fixture
def draft(store: Store) -> Product:
    return factories.make_product(store, state="draft", published_at=None)


@pytest.fixture
def published(store: Store) -> Product:
    return factories.make_product(store, slug="mixing-call")


@pytest.fixture
def coach(browser_of: Browser, alice: Person) -> FlaskClient:
    return browser_of(alice)


class Window:
    """A step in a browser window: its form as it is drawn, which somebody changes and sends."""

    def __init__(self, browser: FlaskClient, product: Product, step: str, page: TestResponse | None = None) -> None:
        self.browser, self.product, self.step = browser, product, step
        self.address = f"/products/{product.code}/{step}"
        self.fields = fields_of((page or browser.get(self.address)).text)

    def send(self, **typed: Any) -> TestResponse:
        """The form is sent with these changes; a value of None is a box without its tick."""
        fields = MultiDict(self.fields)
        for name, value in typed.items():
            fields.poplist(name)
            if value is not None:
                fields.add(name, value)
        return self.browser.post(self.address, data=fields)

    def shown_by(self, answer: TestResponse) -> "Window":
        """The same window with what was answered."""
        return Window(self.browser, self.product, self.step, answer)


def fields_of(page: str) -> MultiDict[str, str]:
    """What a browser would send of the step's form as it stands on the page."""
    form = page[page.index('id="step-form"') : page.index("</form>", page.index('id="step-form"'))]
    fields: MultiDict[str, str] = MultiDict()
    for kind, attributes, inside in FIELD.findall(re.sub("<template>.*?</template>", "", form, flags=re.DOTALL)):
        name, kind_of = attribute(attributes, "name"), attribute(attributes, "type")
        is_left_out = (kind_of in ("checkbox", "radio") and "checked" not in attributes) or kind_of == "file"
        if not name or is_left_out:
            continue
        value = attribute(attributes, "value")
        if kind == "textarea":
            value = unescape(inside.removeprefix("\r\n").removeprefix("\n"))
        elif kind == "select":
            value = attribute(re.search(r"<option[^>]*selected[^>]*>", inside)[0], "value")  # type: ignore[index]
        fields.add(name, value)
    fields.pop("form_key", None)
    return fields


def attribute(text: str, name: str) -> str:
    match = re.search(rf'\b{name}="([^"]*)"', text)
    return unescape(match[1]) if match else ""


def again(product: Product) -> Product:
    """The product as the database has it."""
    return queries.get_own_product(product.store.owner, product.code)


# Leaving a step


@pytest.mark.parametrize("step", STEPS)
def test_the_stepper_goes_at_once_when_nothing_was_changed(coach: FlaskClient, published: Product, step: str) -> None:
    before = again(published).updated_at
    place = STEPS[STEPS.index(step) - 1]
    answer = Window(coach, published, step).send(go=place)
    assert (answer.status_code, answer.location) == (303, f"/products/{published.code}/{place}")
    assert again(published).updated_at == before


@pytest.mark.parametrize("step", STEPS)
def test_an_empty_draft_is_left_without_a_question(coach: FlaskClient, store: Store, step: str) -> None:
    blank = factories.make_product(store, state="draft", published_at=None, title="", offers=(), schedule=None)
    place = STEPS[STEPS.index(step) - 1]
    assert Window(coach, blank, step).send(go=place).location == f"/products/{blank.code}/{place}"
    assert Schedule.select().count() == 0


@pytest.mark.parametrize(
    ("step", "typed", "kept"),
    [
        ("thumbnail", {"display_style": "minimal"}, ("display_style", "minimal")),
        ("checkout", {"title": "Better name"}, ("title", "Better name")),
        ("availability", {"daily_cap": "3"}, ("daily_cap", 3)),
        ("availability", {"weekly_cap": "9"}, ("weekly_cap", 9)),
        ("availability", {"most_per_student": "2"}, ("most_per_student", 2)),
        ("options", {"pay_text": "In cash."}, ("pay_text", "In cash.")),
    ],
)
def test_what_was_changed_in_a_draft_is_saved_on_the_way(
    coach: FlaskClient, draft: Product, step: str, typed: dict[str, str], kept: tuple[str, object]
) -> None:
    place = STEPS[STEPS.index(step) - 1]
    answer = Window(coach, draft, step).send(go=place, **typed)
    assert answer.location == f"/products/{draft.code}/{place}"
    assert getattr(again(draft), kept[0]) == kept[1]
    assert f"{step.capitalize()} is saved." in coach.get(answer.location).text


def test_what_was_changed_on_sale_is_asked_about(coach: FlaskClient, published: Product) -> None:
    window = Window(coach, published, "checkout")
    asked = window.send(go="availability", title="Better name")
    assert asked.status_code == 409
    assert "You have unsaved changes in this step." in asked.text
    assert 'data-guard="unsaved"' in asked.text
    assert window.shown_by(asked).fields["title"] == "Better name"
    assert f'href="/products/{published.code}/availability"' in asked.text
    assert again(published).title == "Mixing call"

    saved = window.shown_by(asked).send(then="availability")
    assert saved.location == f"/products/{published.code}/availability"
    assert again(published).title == "Better name"


def test_a_draft_that_shares_its_hours_with_a_call_on_sale_asks_too(
    coach: FlaskClient, store: Store, published: Product
) -> None:
    sharing = factories.make_product(store, state="draft", published_at=None, schedule=published.schedule)
    window = Window(coach, sharing, "availability")
    window.fields.poplist("hours-0-start"), window.fields.poplist("hours-0-end")
    assert window.send(go="options").status_code == 409
    assert 0 in weekly_hours(published.schedule).week


@pytest.mark.parametrize("state", ["draft", "published"])
def test_what_cannot_be_saved_traps_nobody(coach: FlaskClient, store: Store, state: str) -> None:
    product = factories.make_product(store, state=state)
    asked = Window(coach, product, "checkout").send(go="thumbnail", **{"offers-0-price": "a lot"})
    assert asked.status_code == 422
    assert 'value="a lot"' in asked.text
    assert 'id="offers-0-price-note"' in asked.text
    assert re.search(f'href="/products/{product.code}/thumbnail"[^>]*><span>Leave without saving', asked.text)


def test_a_chosen_picture_is_said_to_be_gone(coach: FlaskClient, published: Product) -> None:
    asked = Window(coach, published, "thumbnail").send(go="checkout", picture=picture_file())
    assert asked.status_code == 409
    assert "Choose the picture once more" in asked.text
    refused = Window(coach, published, "thumbnail").send(display_style="neon", picture=picture_file())
    assert "Choose the picture once more" in refused.text
    # Not the same one, where it is the picture that is refused.
    unfit = Window(coach, published, "thumbnail").send(picture=(BytesIO(b"no picture"), "notes.jpg"))
    assert "not a picture we can read" in unfit.text
    assert "Choose the picture once more" not in unfit.text


def test_a_row_that_was_added_and_left_blank_is_no_change(coach: FlaskClient, published: Product) -> None:
    window = Window(coach, published, "checkout")
    added = window.shown_by(window.send(act="add-questions"))
    assert added.send(go="options").status_code == 303
    named = window.shown_by(window.send(act="add-questions", title="Better name"))
    assert named.send(go="options").status_code == 409


def test_what_is_missing_is_reached_without_losing_what_was_typed(coach: FlaskClient, store: Store) -> None:
    draft = factories.make_product(store, state="draft", published_at=None, title="")
    answer = Window(coach, draft, "options").send(go="checkout", pay_text="In cash.")
    assert answer.location == f"/products/{draft.code}/checkout"
    assert again(draft).pay_text == "In cash."


# Two windows of one step


def test_an_older_window_undoes_no_newer_work(coach: FlaskClient, draft: Product) -> None:
    older, newer = Window(coach, draft, "checkout"), Window(coach, draft, "checkout")
    newer.send(title="Newer name", description="Newer words.")
    refused = older.send(title="Older name")
    assert refused.status_code == 409
    assert again(draft).title == "Newer name"
    assert re.search(
        "<dt>Title</dt>\\s*<dd><small>Yours</small>Older name</dd>\\s*<dd><small>Saved</small>Newer name", refused.text
    )
    assert "<small>Saved</small>Newer words." in refused.text
    assert "<dt>How you talk</dt>" not in refused.text
    assert older.shown_by(refused).fields["title"] == "Older name"

    kept = older.shown_by(refused).send(then="next")
    assert kept.status_code == 303
    assert again(draft).title == "Older name"


def test_two_calls_on_one_schedule_notice_each_other(coach: FlaskClient, store: Store, published: Product) -> None:
    sharing = factories.make_product(store, state="draft", published_at=None, schedule=published.schedule)
    older, newer = Window(coach, sharing, "availability"), Window(coach, published, "availability")
    assert newer.send(**{"hours-0-start": "07:00"}).status_code == 303
    refused = older.send(zone="Europe/Paris")
    assert refused.status_code == 409
    assert re.search(
        "<dt>Monday</dt>\\s*<dd><small>Yours</small>09:00–17:00</dd>\\s*<dd><small>Saved</small>07:00–17:00",
        refused.text,
    )
    assert "<dt>Tuesday</dt>" not in refused.text
    assert weekly_hours(published.schedule).week[0][0].start_minute == 7 * 60
    assert older.shown_by(refused).send().status_code == 303
    assert weekly_hours(published.schedule).week[0][0].start_minute == 9 * 60


def test_a_call_that_only_shows_a_schedule_notices_its_change_too(
    coach: FlaskClient, store: Store, published: Product
) -> None:
    new = factories.make_product(store, state="draft", published_at=None, schedule=None)
    older = Window(coach, new, "availability")
    assert older.fields["shown"] == published.schedule.code
    Window(coach, published, "availability").send(**{"hours-0-start": "07:00"})
    assert older.send().status_code == 409


def test_another_schedule_that_is_shown_is_as_new_as_its_showing(
    coach: FlaskClient, alice: Person, published: Product
) -> None:
    window = Window(coach, published, "availability")
    other = factories.make_schedule(alice, name="Summer")
    hours.save_schedule(other, "Late summer", "Europe/Berlin")
    newer = window.shown_by(window.send(schedule=other.code, act="show-schedule"))
    assert newer.send(then="stay").status_code == 303
    assert again(published).schedule == other


def test_a_call_that_was_given_another_schedule_is_not_given_back_the_old_one(
    coach: FlaskClient, alice: Person, draft: Product
) -> None:
    summer = factories.make_schedule(alice, name="Summer")
    older, newer = Window(coach, draft, "availability"), Window(coach, draft, "availability")
    newer = newer.shown_by(newer.send(schedule=summer.code, act="show-schedule"))
    assert newer.send().status_code == 303
    refused = older.send(daily_cap="2")
    assert refused.status_code == 409
    assert "<small>Saved</small>Summer" in refused.text
    assert again(draft).schedule == summer


@pytest.mark.parametrize(
    ("step", "typed"),
    [
        ("thumbnail", {"display_style": "minimal"}),
        ("checkout", {"title": "Better name"}),
        ("availability", {"daily_cap": "3", "close_on": "2031-12-24"}),
        ("options", {"pay_text": "In cash."}),
    ],
)
def test_the_same_thing_sent_twice_is_no_conflict(
    coach: FlaskClient, draft: Product, step: str, typed: dict[str, str]
) -> None:
    window = Window(coach, draft, step)
    assert [window.send(**typed).status_code for _ in range(3)] == [303] * 3


def test_a_picture_sent_twice_is_no_conflict(coach: FlaskClient, draft: Product) -> None:
    window = Window(coach, draft, "thumbnail")
    assert [window.send(picture=picture_file()).status_code for _ in range(2)] == [303] * 2
    refused = window.send(display_style="minimal")
    assert refused.status_code == 409
    assert "<dt>Picture</dt>" not in refused.text


def test_a_new_schedule_sent_twice_is_no_conflict(coach: FlaskClient, store: Store) -> None:
    draft = factories.make_product(store, state="draft", published_at=None, schedule=None)
    window = Window(coach, draft, "availability")
    assert [window.send(form_key="abcdefgh23").status_code for _ in range(2)] == [303] * 2
    assert Schedule.select().count() == 1


@pytest.mark.parametrize("step", STEPS)
def test_a_step_drawn_and_sent_as_it_is_changes_no_mark(coach: FlaskClient, published: Product, step: str) -> None:
    Product.update(description="One\r\n\r\nTwo").execute()
    first = Window(coach, published, step)
    first.send(then="stay")
    second = Window(coach, published, step)
    if step != "checkout":  # whose line ends are written anew
        assert second.fields == first.fields
    second.send(then="stay")
    assert Window(coach, published, step).fields == second.fields


def test_a_closure_that_is_over_makes_no_page_older(coach: FlaskClient, draft: Product) -> None:
    now = datetime.now(UTC)
    hours.close_day(draft.schedule, now.date() + timedelta(days=1))
    window = Window(coach, draft, "availability")
    assert "closed" in window.fields
    with time_machine.travel(now + timedelta(days=3), tick=False):
        assert "closed" not in Window(coach, draft, "availability").fields
        assert window.send(daily_cap="2").status_code == 303


def test_who_sends_no_mark_is_not_asked(coach: FlaskClient, draft: Product) -> None:
    Window(coach, draft, "checkout").send(title="Newer name")
    assert coach.post(f"/products/{draft.code}/checkout", data=CHECKOUT).status_code == 303
    assert again(draft).title == CHECKOUT["title"]


def test_a_bad_field_does_not_make_an_older_window_newer(coach: FlaskClient, draft: Product) -> None:
    older = Window(coach, draft, "checkout")
    Window(coach, draft, "checkout").send(title="Newer name")
    refused = older.send(title="Older name", **{"offers-0-price": "a lot"})
    assert refused.status_code == 422
    assert older.shown_by(refused).send(**{"offers-0-price": "10"}).status_code == 409


# Publication


def test_a_draft_that_went_on_sale_meanwhile_is_not_changed_as_a_draft(coach: FlaskClient, draft: Product) -> None:
    older = Window(coach, draft, "checkout")
    mutations.publish_product(again(draft), factories.MADE_AT)
    refused = older.send(title="Half a thought")
    assert refused.status_code == 409
    assert "This call went on sale in another window" in refused.text
    assert older.shown_by(refused).send(then="stay").status_code == 303


def test_nothing_is_published_that_the_page_did_not_show(coach: FlaskClient, draft: Product) -> None:
    older = Window(coach, draft, "options")
    Window(coach, draft, "checkout").send(title="Newer name")
    refused = older.send(then="publish", pay_text="In cash.")
    assert refused.status_code == 409
    assert "Checkout was changed in another window" in refused.text
    assert (again(draft).state, again(draft).pay_text) == ("draft", "In cash.")
    published = older.shown_by(refused).send(then="publish")
    assert published.location == f"/products/{draft.code}/publication"
    assert again(draft).state == "published"


@pytest.mark.parametrize(
    ("act", "seen", "state"),
    [
        ("withdrawal", "published", "archived"),
        ("archive", "draft", "published"),
        ("publication", "draft", "archived"),
    ],
)
def test_an_older_window_changes_no_other_state_than_it_showed(
    coach: FlaskClient, store: Store, act: str, seen: str, state: str
) -> None:
    product = factories.make_product(store, state=state)
    answer = coach.post(f"/products/{product.code}/{act}", data={"state": seen}, follow_redirects=True)
    assert "Nothing was changed" in answer.text
    assert again(product).state == state


# What goes with what


def test_payment_goes_with_the_prices_in_whatever_order_they_come(coach: FlaskClient, store: Store) -> None:
    draft = factories.make_product(store, state="draft", offers=((30, 0),), payment="free", pay_text="")
    address = f"/products/{draft.code}"
    free = coach.get(f"{address}/options").text
    assert "Every length is free" in free
    Window(coach, draft, "options").send(payment="outside")
    assert again(draft).payment == "free"
    Window(coach, draft, "checkout").send(**{"offers-0-price": "49"})
    assert again(draft).payment == "outside"
    assert "They pay you directly." in coach.get(f"{address}/options").text
    unpaid = Window(coach, draft, "options").send(then="publish", payment="free")
    assert unpaid.status_code == 422
    assert 'id="pay_text-note"' in unpaid.text
    Window(coach, draft, "options").send(pay_text="In cash.", then="publish")
    assert (again(draft).state, again(draft).payment) == ("published", "outside")


def test_a_free_call_on_sale_can_be_charged_for_later(coach: FlaskClient, store: Store) -> None:
    product = factories.make_product(store, offers=((30, 0),), payment="free", pay_text="")
    refused = Window(coach, product, "checkout").send(**{"offers-0-price": "49"})
    assert refused.status_code == 422
    assert "Tell students how to pay you." in refused.text
    Window(coach, product, "options").send(pay_text="In cash.")
    assert Window(coach, product, "checkout").send(**{"offers-0-price": "49"}).status_code == 303
    assert again(product).payment == "outside"


def test_publishing_is_offered_once_nothing_is_missing_elsewhere(coach: FlaskClient, store: Store) -> None:
    draft = factories.make_product(store, state="draft", schedule=None)
    page = coach.get(f"/products/{draft.code}/options").text
    assert "Save and publish" not in page
    assert "Before you can publish" in page
    Window(coach, draft, "availability").send()
    assert "Save and publish" in coach.get(f"/products/{draft.code}/options").text


def test_the_published_moment_shows_the_link_and_says_it_once(coach: FlaskClient, draft: Product) -> None:
    answer = Window(coach, draft, "options").send(then="publish")
    page = coach.get(answer.location)
    public = f"/s/nova/{again(draft).slug}"
    assert re.search(f'class="shown-link"><a href="[^"]*{public}"', page.text)
    assert "See it in your store" in page.text
    assert page.text.count("on sale") == 2  # title and heading
    mutations.withdraw_product(again(draft), factories.MADE_AT)
    assert coach.get(answer.location).location == f"/products/{draft.code}/options"


# Availability as it begins


def test_a_new_schedule_begins_with_office_hours(coach: FlaskClient, store: Store, published: Product) -> None:
    blank = factories.make_product(store, state="draft", published_at=None, schedule=None)
    window = Window(coach, blank, "availability")
    fresh = window.shown_by(window.send(schedule="new", act="show-schedule"))
    rows = [(fresh.fields.get(f"hours-{day}-start"), fresh.fields.get(f"hours-{day}-end")) for day in range(7)]
    assert rows == [("09:00", "17:00")] * 5 + [(None, None)] * 2


@pytest.mark.parametrize("minutes", [45, 60, 95])
def test_calls_start_every_length_of_the_shortest_until_somebody_chooses(
    coach: FlaskClient, store: Store, minutes: int
) -> None:
    draft = factories.make_product(store, state="draft", schedule=None, offers=((120, 100), (minutes, 50)))
    window = Window(coach, draft, "availability")
    assert window.fields["grid_minutes"] == str(minutes)
    assert window.send(then="stay").status_code == 303
    Window(coach, draft, "availability").send(grid_minutes="10", then="stay")
    assert Window(coach, draft, "availability").fields["grid_minutes"] == "10"
    assert "Starts every 10 min" in coach.get(window.address).text


def test_hours_too_short_for_every_length_are_said(coach: FlaskClient, store: Store, alice: Person) -> None:
    short = factories.make_schedule(alice, length_minutes=60)
    draft = factories.make_product(store, state="draft", schedule=short, offers=((90, 0), (120, 0)))
    assert "your shortest call of 1 h 30 min" in coach.get(f"/products/{draft.code}/availability").text
    fits = factories.make_product(store, state="draft", schedule=short, offers=((90, 0), (60, 0)))
    assert "your shortest call" not in coach.get(f"/products/{fits.code}/availability").text


def test_so_much_notice_that_nothing_can_be_booked_is_said(coach: FlaskClient, draft: Product) -> None:
    refused = Window(coach, draft, "availability").send(notice_minutes="4320", horizon_days="3")
    assert refused.status_code == 422
    assert 'id="notice_minutes-note"' in refused.text
    assert re.search('<details id="rules" open', refused.text)


def test_folded_parts_say_what_is_in_them(coach: FlaskClient, draft: Product) -> None:
    window = Window(coach, draft, "availability")
    answer = coach.post(
        window.address + "/preview", data=AVAILABILITY | {"daily_cap": "2"}, headers={"HX-Request": "true"}
    )
    assert "Starts every 15 min · 1 h notice · 30 days ahead · breaks of 10 min after · " in answer.text
    assert "At most 2 a day" in answer.text
    assert '<details id="rules">' in coach.get(window.address).text
