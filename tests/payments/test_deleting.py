"""Whoever deletes their account in the middle of paying, or of being paid, gets or gives the money back."""

from datetime import timedelta

import pytest

from coaching.accounts.models import Person
from coaching.now import Now
from coaching.own_data.deletion_mutations import delete_account
from coaching.own_data.deletion_queries import what_goes
from coaching.payments.models import Receipt
from coaching.payments.sweep_actions import look_after_payments
from tests.clocks import at
from tests.payments.conftest import Rig, state_of

PRICE = 4900


def delete(person: Person, rig: Rig) -> None:
    delete_account(person, what_goes(person, rig.now).mark, Now(rig.now, rig.now))


def look_after(rig: Rig) -> None:
    """Some minutes of the worker."""
    for _ in range(3):
        look_after_payments(rig.provider_of, lambda: at(rig.now))
        rig.set_clock(rig.now + timedelta(minutes=5))


@pytest.mark.parametrize("pays", [False, True])
def test_a_student_who_goes_while_they_pay_gets_it_back_and_no_page_stays_open(rig: Rig, pays: bool) -> None:
    session = rig.book()
    payment = rig.begin(session)
    if pays:
        rig.pay(payment)  # in the very second: nobody here has heard of it

    delete(rig.student, rig)
    look_after(rig)

    assert state_of(session).session == "cancelled"
    if pays:
        [entry] = rig.ledger()
        assert (entry["paid"], entry["refunded"]) == (PRICE, PRICE)
    else:
        assert rig.checkout(payment).state == "expired"


def test_a_coach_who_goes_gives_everything_back_on_an_account_that_takes_no_more(rig: Rig) -> None:
    session = rig.book()
    rig.pay(rig.begin(session))
    look_after(rig)
    assert state_of(session).is_paid
    coach, seller = rig.product.store.owner, Receipt.get().seller

    delete(coach, rig)
    look_after(rig)

    assert state_of(session).session == "cancelled"
    [entry] = rig.ledger()
    assert entry["refunded"] == PRICE
    # The credit note names who sold it, though nothing else does any more.
    assert {receipt.seller for receipt in Receipt.select()} == {seller}
    assert Receipt.select().count() == 2
