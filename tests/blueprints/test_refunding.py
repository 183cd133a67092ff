"""What goes back as it is read: before the button that cancels, on the session's page, where the coach gives some."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from coaching.booking.models import CoachingSession, Seat
from coaching.payments.models import Dispute, Payment, Refund
from tests import factories
from tests.pages import form_to
from tests.payments.test_refunds import pay

# Pages and forms; what they set off runs on both databases in tests/payments.
pytestmark = pytest.mark.one_database

STARTS_AT = datetime(2027, 3, 9, 17, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def booked(alice, bob, set_clock):
    """A call of 49.00 that Bob has paid by card, as he thinks; half of it goes back for a day more."""
    set_clock(STARTS_AT - 23 * HOUR)
    product = factories.make_product(factories.make_store(alice, slug="nova"))
    session = factories.make_coaching_session(product, bob, starts_at=STARTS_AT)
    Seat.update(payment="stripe", paid_at=STARTS_AT - 50 * HOUR, refund_tiers="1440:100 120:50").execute()
    payment = pay(Seat.get(), None, 4900)
    Payment.update(provider="stripe").where(Payment.id == payment.id).execute()
    return session


def words(page):
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_the_amount_that_was_read_is_the_one_that_goes_back(browser_of, alice, bob, booked, set_clock):
    student, address = browser_of(bob), f"/sessions/{booked.code}/cancellation"
    page = student.get(address).text
    assert "You paid €49. If you cancel now, €24.50 goes back to your card." in words(page)
    seen = re.findall(r'name="seen" value="([^"]+)"', page)[0]
    # The tier ends while the page is open.
    set_clock(STARTS_AT - HOUR)
    answer = student.post(address, data={"seen": seen})
    assert (answer.status_code, CoachingSession.get().state) == (409, "scheduled")
    assert "If you cancel now, nothing goes back." in words(answer.text)
    set_clock(STARTS_AT - 3 * HOUR)
    assert student.post(address, data={"seen": seen}).status_code == 303
    assert (Refund.get().amount_cents, Refund.get().state) == (2450, "owed")
    page, own = f"/sessions/{booked.code}", browser_of(alice)
    assert "€24.50 goes back to your card now." in words(student.get(page).text)
    assert "€24.50 goes back to Bob’s card now." in words(own.get(page).text)
    for state, to_student, to_coach in (
        ("pending", "€24.50 is on its way to your card.", "is on its way to Bob’s card."),
        ("failed", "Alice has to send it another way, and is told so.", "Try again, or send it another way"),
        ("by_hand", "Alice sends you €24.50 back another way", "Send Bob €24.50 back another way"),
    ):
        Refund.update(state=state).execute()
        assert to_student in words(student.get(page).text)
        assert to_coach in words(own.get(page).text)
        assert 'name="how"' not in student.get(page).text
    # A part that failed and was sent once more waits for nobody.
    failed = Refund.get()
    Refund.update(state="failed").execute()
    assert "could not be sent back to Bob" in own.get("/dashboard").text
    assert own.post(f"{page}/refunds/{failed.id}", data={"how": "again"}).status_code == 303
    assert "could not be sent back to Bob’s card at first." in words(own.get(page).text)
    assert "could not be sent back" not in own.get("/dashboard").text
    assert "Did not go through" not in own.get("/dashboard/payments").text
    assert own.post(f"{page}/refunds/{failed.id}", data={"how": "by_hand"}).status_code == 409
    Refund.delete().where(Refund.id != failed.id).execute()
    Refund.update(state="by_hand").execute()
    assert browser_of(bob).post(f"{page}/refunds/{Refund.get().id}", data={"how": "by_hand"}).status_code == 404
    assert own.post(f"{page}/refunds/{Refund.get().id}", data={"how": "by_hand"}).status_code == 303
    assert "You have sent Bob €24.50 back" in words(own.get(page).text)
    assert own.post(f"{page}/refunds/{Refund.get().id}", data={"how": "again"}).status_code == 409
    assert own.post(f"{page}/refunds/{Refund.get().id}", data={"how": "x"}).status_code == 422


def test_a_cancellation_that_gives_nothing_back_says_so_afterwards(browser_of, alice, bob, booked, set_clock):
    set_clock(STARTS_AT - HOUR)
    browser_of(bob).post(f"/sessions/{booked.code}/cancellation")
    assert not Refund.select().exists()
    assert "Alice may keep it." in words(browser_of(bob).get(f"/sessions/{booked.code}").text)
    assert "you may keep it." in words(browser_of(alice).get(f"/sessions/{booked.code}").text)


def test_a_coach_who_cancels_gives_all_back_at_once(browser_of, alice, booked):
    coach, address = browser_of(alice), f"/sessions/{booked.code}/cancellation"
    assert "€49 goes back to Bob’s card at once." in words(coach.get(address).text)
    coach.post(address)
    assert [(refund.cause, refund.amount_cents) for refund in Refund.select()] == [("coach_cancelled", 4900)]


def test_the_coach_gives_parts_back_once_a_form_and_never_more_than_is_left(browser_of, alice, bob, mallory, booked):
    coach, page = browser_of(alice), f"/sessions/{booked.code}"
    assert f'href="{page}/refunds/new"' in coach.get(page).text
    drawn = coach.get(f"{page}/refunds/new").text
    assert "In EUR. Never more than is left." in drawn
    key = re.findall(r'name="form_key"[^>]*value="([^"]+)"', drawn)[0]
    form = {"amount": "16.33", "reason": "We began <late>.", "form_key": key}
    for _ in range(2):  # pressed twice
        assert coach.post(f"{page}/refunds", data=form).status_code == 303
    assert [refund.amount_cents for refund in Refund.select()] == [1633]
    for other in (browser_of(bob), browser_of(mallory)):
        assert other.get(f"{page}/refunds/new").status_code == 404
        assert other.post(f"{page}/refunds", data=form).status_code == 404
    assert "“We began &lt;late&gt;.”" in browser_of(bob).get(page).text
    for amount, reason, said in (
        ("32.68", "More.", "That is more than is left of what was paid. At most €32.67 can."),
        ("0", "Nothing.", "at least €0.01."),
        ("-5", "Less.", "Type an amount like 49"),
        ("1.005", "Fine.", "Type an amount like 49"),
        ("5", "", "Say why, in a few words."),
    ):
        answer = coach.post(f"{page}/refunds", data={"amount": amount, "reason": reason, "form_key": "abcdefghij"})
        assert answer.status_code == 422
        assert said in words(answer.text), amount
        assert f'value="{amount}"' in answer.text
    # A page that was opened before a part went back sends nothing before it has said so.
    behind = form_to(drawn, f"{page}/refunds").fields | {"amount": "16.33", "reason": "Late.", "form_key": "abcdefghij"}
    answer = coach.post(f"{page}/refunds", data=behind)
    assert (answer.status_code, Refund.select().count()) == (409, 1)
    assert "Something else went back since you opened this page" in answer.text
    assert form_to(answer.text, f"{page}/refunds").fields["seen"] == "3267"
    coach.post(f"{page}/refunds", data={"amount": "32.67", "reason": "The rest.", "form_key": "abcdefghij"})
    assert sum(refund.amount_cents for refund in Refund.select()) == 4900
    assert f'href="{page}/refunds/new"' not in coach.get(page).text
    assert "Given back" not in coach.get(page).text
    # What a bank has taken back nobody is asked to send again.
    given = {"state": "needs_response", "reference": "dp_1", "opened_at": STARTS_AT}
    Dispute.create(payment=Payment.get(), amount_cents=4900, **given)
    Refund.update(state="failed").execute()
    assert "Stripe gives none of it back" in coach.get(f"{page}/refunds/new").text
    assert "Bob has disputed the payment at their bank, which decides" in coach.get(page).text
    assert "you have disputed the payment at your bank" in browser_of(bob).get(page).text
    assert 'name="how"' not in coach.get(page).text
    Refund.update(state="succeeded").execute()
    assert "Given back" in coach.get(page).text
    assert coach.get(f"{page}/refunds/new").status_code == 303
