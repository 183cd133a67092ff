"""Paid at the very second the hold ends, while the worker ends it and somebody else books the time: one end or another.

A release takes 100 rounds, the suite 10; `--rounds 1000` makes it that many, in another order each time.
"""

import random
import time
from contextlib import suppress
from datetime import timedelta
from functools import partial

import pytest

from coaching.booking.lapse_mutations import lapse_due
from coaching.booking.models import CoachingSession, Seat
from coaching.errors import CoachingError
from coaching.payments.actions import settle_due, settle_payment
from coaching.payments.models import Payment, Refund
from tests import factories
from tests.payments.conftest import NOW, TEN, state_of
from tests.threads import all_at_once

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("count", [10, pytest.param(100, marks=pytest.mark.wide)])
def test_who_pays_in_the_last_second_is_seated_or_refunded_never_both_and_never_neither(rig, count, pytestconfig):
    rounds = pytestconfig.getoption("--rounds")
    chance = random.Random() if rounds else random.Random(14)
    carol, ends = factories.make_person("Carol", linked_as="3003"), set()
    for number in range(rounds or count):
        rig.set_clock(NOW + number * DAY)
        at = TEN + number * DAY
        held = rig.book(at)
        payment = rig.begin(held)
        rig.set_clock(held.held_until)

        def pay(payment=payment):
            # Stripe may have ended the page already.
            answer = rig.stripe.app.test_client().post("/control/stripe/pay", json={"session": payment.reference})
            settle_payment(Payment.get_by_id(payment.id), rig.provider_of, rig.now)
            return answer.status_code

        def sweep():
            lapse_due(rig.now)
            settle_due(rig.provider_of, rig.now)

        def rival(at=at):
            with suppress(CoachingError):
                rig.book(at, carol)

        acts = [partial(after, chance.random() / 50, act) for act in (pay, sweep, rival)]
        all_at_once(*acts)
        for minutes in (2, 5):
            rig.set_clock(held.held_until + minutes * MINUTE)
            sweep()
        ends.add(decide(rig, held))
        settle_others(carol)
    # That nobody could pay is an end, too; with enough rounds each of them is met.
    assert ends <= {"seated", "refunded", "not paid"}
    assert len(ends) > 1 or (rounds or count) < 100


def after(seconds, act):
    time.sleep(seconds)
    return act()


def decide(rig, held):
    """What has become of the one who held the time; whatever is both, or neither, fails."""
    end = state_of(held)
    owed = sum(refund.amount_cents for refund in Refund.select().join(Payment).where(Payment.seat == held.seats.get()))
    made = list(rig.provider_of("rk_test_GreenroomCoach").checkouts_since(rig.now - DAY / 2))
    paid = [page for page in made if page.facts["session"] == held.code and page.state == "paid"]
    is_seated = end.session == "scheduled" and end.is_paid
    assert len([page for page in made if page.facts["session"] == held.code and page.state == "open"]) == 0
    assert (len(paid), is_seated, owed) in {(1, True, 0), (1, False, 4900), (0, False, 0)}
    assert Seat.select().where(Seat.starts_at == held.starts_at, Seat.is_live).count() <= 1
    return "not paid" if not paid else "seated" if is_seated else "refunded"


def settle_others(carol):
    """What the rival holds is in nobody's way the next day."""
    theirs = CoachingSession.select(CoachingSession.id).join(Seat).where(Seat.student == carol)
    CoachingSession.update(state="cancelled").where(CoachingSession.id.in_(theirs)).execute()
    Seat.update(is_live=False).where(Seat.student == carol).execute()


@pytest.mark.usefixtures("db")
def test_whoever_presses_twice_at_once_is_led_to_one_page(rig):
    held = rig.book()
    # The first call takes its time, so that the second one finds its key in use.
    rig.fault("delay", "/v1/checkout/sessions", method="POST", seconds=0.2)
    first, second = all_at_once(lambda: rig.begin(held), partial(after, 0.1, lambda: rig.begin(held)))
    assert first.page_url == second.page_url
    assert (first.page_url[:4], Payment.select().count()) == ("http", 1)
