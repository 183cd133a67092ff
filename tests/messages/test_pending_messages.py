"""Messages about times that are asked for or held: what is still true when it is sent, and what the clock makes due."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from coaching.booking.details import BookingDetails
from coaching.booking.hold_mutations import confirm_payment, say_paid
from coaching.booking.lapse_mutations import lapse_due
from coaching.booking.models import CoachingSession
from coaching.booking.mutations import book_session
from coaching.booking.request_mutations import accept_request, decline_request
from coaching.messages.actions import Outlets
from coaching.messages.outbox_mutations import leave_to_a_hand
from coaching.notices.models import Notice
from coaching.operation.actions import send_messages
from tests import factories
from tests.clocks import at
from tests.fakes import FakeHost, FakeMailer
from tests.sending import SENDER, deliver_due, text_of

NOW = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)
TEN = datetime(2027, 3, 3, 10, 0, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def product(alice):
    return factories.make_product(
        coach=alice, needs_approval=True, approval_minutes=240, pays_first=True, hold_minutes=120
    )


def ask(product, student):
    return book_session(product, student, BookingDetails(product.offers.get().id, TEN), NOW)


def states():
    return {notice.kind: notice.state for notice in Notice.select().order_by(Notice.id)}


def subjects(mailer):
    return [mail["Subject"].rpartition(" · ")[2] for mail in mailer.sent]


def test_each_step_is_told_while_it_is_true(product, alice, bob):
    mailer, asked = FakeMailer(), ask(product, bob)
    accept_request(asked, alice, NOW + MINUTE)
    # The request is answered: nobody is asked for an answer any more.
    deliver_due(mailer, NOW + MINUTE)
    assert subjects(mailer) == ["accepted"]
    assert states() == {"requested": "overtaken", "coach_requested": "overtaken", "accepted": "sent"}
    deliver_due(mailer, NOW + 91 * MINUTE)  # of two hours a quarter is left
    assert subjects(mailer)[1:] == ["about to run out"]
    say_paid(asked, bob, NOW + 100 * MINUTE)
    deliver_due(mailer, NOW + 100 * MINUTE)
    assert subjects(mailer)[2:] == ["said to be paid"]
    confirm_payment(asked, alice, NOW + 110 * MINUTE)
    deliver_due(mailer, NOW + 110 * MINUTE)
    texts = {mail["To"]: text_of(mail) for mail in mailer.sent[3:]}
    assert "Alice has your payment: Mixing call. The time is yours." in texts[bob.email]
    assert "Booked: Mixing call with Bob." in texts[alice.email]


def test_who_is_slow_is_reminded_and_then_told(product, alice, bob):
    mailer, asked = FakeMailer(), ask(product, bob)
    deliver_due(mailer, NOW)
    assert Counter(subjects(mailer)) == {"asked for": 2}
    outlets = Outlets(mailer, FakeHost())
    for minutes in (179, 180, 181, 239, 240, 241):
        send_messages(outlets, SENDER, at(NOW + minutes * MINUTE))
    assert Counter(subjects(mailer)[2:]) == {"waits for you": 1, "free again": 2}
    assert CoachingSession.get_by_id(asked.id).state == "expired"


def test_a_reason_reaches_the_student_as_it_was_written(product, alice, bob):
    mailer, asked = FakeMailer(), ask(product, bob)
    decline_request(asked, alice, "Away.\n<b>Ask</b> me in May.", NOW)
    deliver_due(mailer, NOW)
    [mail] = mailer.sent
    assert "Alice writes:\n> Away.\n> <b>Ask</b> me in May." in text_of(mail)
    assert "<b>Ask</b>" not in mail.get_body(("html",)).get_content()


def test_what_came_too_late_is_not_told_where_it_has_come_right(product, alice, bob):
    mailer, asked = FakeMailer(), ask(product, bob)
    accept_request(asked, alice, NOW)
    assert lapse_due(NOW + 3 * HOUR) == 1
    confirm_payment(asked, alice, NOW + 3 * HOUR)
    deliver_due(mailer, NOW + 3 * HOUR)
    assert states()["lapsed"] == "overtaken"
    assert states()["confirmed"] == "sent"
    assert "free again" not in subjects(mailer)


def test_after_a_restore_what_ran_out_meanwhile_is_left_to_a_hand(product, bob):
    asked = ask(product, bob)
    leave_to_a_hand("restored", at(NOW + 99 * HOUR))
    assert CoachingSession.get_by_id(asked.id).state == "expired"
    assert states() == dict.fromkeys(("lapsed", "coach_lapsed"), "unsure") | dict.fromkeys(
        ("requested", "coach_requested"), "expired"
    )
    assert deliver_due(FakeMailer(), NOW + 99 * HOUR) == 0
