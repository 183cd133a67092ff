"""The next call after one that took place: with the same answers, and for nobody but who gave them."""

from datetime import UTC, datetime, timedelta

import pytest

from coaching.booking.models import Answer, CoachingSession, Seat
from coaching.catalog.models import Offer, Product, Question
from tests import factories
from tests.pages import form_to

NOW = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)
BEFORE = NOW - timedelta(days=3)
BOOK = "/s/nova/mix/sessions"


@pytest.fixture(autouse=True)
def _clock(set_clock):
    set_clock(NOW)


@pytest.fixture
def product(alice):
    made = factories.make_product(factories.make_store(alice, slug="nova"), slug="mix", offers=((30, 2500), (60, 4900)))
    Question.create(product=made, label="Link?", is_required=True, position=0)
    Question.create(product=made, kind="choice", label="Which DAW?", choices="Live\nLogic", position=1)
    Question.create(product=made, kind="choice", label="Style?", choices="Techno\nHouse", position=2)
    return made


@pytest.fixture
def taken(product, bob):
    """Bob's call of an hour, with an answer to each question; one could be chosen from others then."""
    made = factories.make_coaching_session(product, bob, starts_at=BEFORE, state="completed", ended_at=BEFORE)
    given = (("Link?", "text", "my track"), ("Which DAW?", "choice", "Logic"), ("Style?", "choice", "Dub"))
    for position, (label, kind, text) in enumerate(given):
        Answer.create(seat=Seat.get(), label=label, kind=kind, text=text, position=position)
    return made


def test_the_next_one_is_booked_with_a_time_and_a_button(browser_of, bob, product, taken):
    browser = browser_of(bob)
    page = browser.get(f"/sessions/{taken.code}").text
    address = f"/s/nova/mix?again={taken.code}"
    assert f'href="{address}"' in page
    assert "Book the next one" in page
    text = browser.get(address).text
    assert "What you wrote for your last call is filled in." in text
    sent = form_to(text, BOOK).fields
    link, daw, style = (f"answer_{question.id}" for question in Question.select().order_by(Question.position))
    assert (sent[link], sent[daw], style in sent, sent["goals"]) == (
        "my track",
        "Logic",
        False,
        "Make the low end work.",
    )
    assert sent["offer"] == str(Offer.get(Offer.minutes == 60).id)
    # Whoever looks at another day, or takes another length, goes on so.
    assert f"again={taken.code}" in text.partition('id="slot-picker"')[2]
    booked = browser.post(BOOK, data=sent | {"starts_at": "2027-03-09T08:00:00Z"})
    assert booked.status_code == 303
    again = CoachingSession.select().order_by(CoachingSession.id.desc()).get()
    assert (again.minutes, [answer.text for answer in again.seats[0].answers]) == (60, ["my track", "Logic"])


def test_nobody_reads_anothers_answers_by_a_code(browser_of, alice, bob, mallory, product, taken):
    for person, code in (
        (mallory, taken.code),
        (None, taken.code),
        (alice, taken.code),
        (bob, "x'\"<"),
        (bob, "unknown1"),
    ):
        answer = browser_of(person).get("/s/nova/mix", query_string={"again": code})
        assert (answer.status_code, "my track" in answer.text) == (200, False)
        assert "is filled in" not in answer.text
    other = factories.make_product(product.store, slug="other")
    Question.create(product=other, label="Link?")
    assert "my track" not in browser_of(bob).get(f"/s/nova/other?again={taken.code}").text
    # What waits to be sent comes first; a call that is off sale leads to the others.
    browser = browser_of(bob)
    browser.post(BOOK, data={f"answer_{Question.get().id}": "newer", "offer": "1"})
    assert "newer" in browser.get(f"/s/nova/mix?again={taken.code}").text
    Product.update(state="draft").execute()
    assert 'href="/s/nova"' in browser_of(bob).get(f"/sessions/{taken.code}").text
