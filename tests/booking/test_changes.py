"""Pure: what reads otherwise than it did when a form was drawn."""

from dataclasses import dataclass, replace

import pytest

from coaching.booking.changes import Changes, SeenTerms, changes_between, closest_offer
from tests.booking.test_answers import Question, retired


@dataclass
class Sold:
    title: str = "Mixing call"
    session_type: str = "video"
    payment: str = "outside"


@dataclass
class Offer:
    minutes: int = 60
    price_cents: int = 4900


SEEN = SeenTerms("Mixing call", "video", "outside", "EUR", {7: False})
SAME = (Offer(), Offer())


def changes(seen=SEEN, sold=None, currency="EUR", offers=SAME, questions=None, old=()):
    return changes_between(seen, sold or Sold(), currency, offers, questions or [Question()], old)


def test_nothing_has_changed():
    assert changes() == Changes()
    assert changes(seen=None) == Changes()


@pytest.mark.parametrize(
    "differences",
    [
        {"sold": Sold(title="Mixing course")},
        {"sold": Sold(session_type="phone")},
        {"sold": Sold(payment="free")},
        {"seen": replace(SEEN, payment="free")},
        {"currency": "USD"},
        {"offers": (Offer(), Offer(price_cents=5500))},
        {"offers": (Offer(), Offer(price_cents=4800))},
        {"offers": (Offer(), Offer(minutes=45))},
    ],
)
def test_what_a_session_copies_binds(differences):
    assert changes(**differences).are_binding


@pytest.mark.parametrize(
    "differences",
    [
        {"questions": [Question(id=8)]},
        {"questions": [Question(is_required=True)]},
        {"sold": Sold(payment="free"), "seen": replace(SEEN, payment="free"), "offers": (Offer(), Offer(60, 1))},
        {"offers": (Offer(60, 0), Offer(60, 0)), "currency": "USD"},
    ],
)
def test_what_costs_nothing_and_what_is_asked_do_not_bind(differences):
    assert not changes(**differences).are_binding


def test_each_change_of_a_question_is_named():
    old, now, new = retired(), Question(label="Which software?", is_required=True), Question(id=8)
    seen = replace(SEEN, questions={6: False})
    differences = changes(seen, questions=[now, new], old=[old])
    assert (differences.reworded, differences.added, differences.required, differences.removed) == (
        ((old, now),),
        (new,),
        (now,),
        (),
    )
    assert changes(questions=[new], old=[retired(None)]).removed == (retired(None),)


def test_words_that_were_put_back_are_no_change():
    assert changes(replace(SEEN, questions={6: False}), old=[retired()]) == Changes()


def test_the_closest_offer_is_of_the_same_length_or_the_nearest():
    offers = [Offer(30), Offer(60, 5500), Offer(90)]
    assert closest_offer(offers, Offer(60)) == offers[1]
    assert closest_offer(offers, Offer(80)) == offers[2]
    assert closest_offer([], Offer()) is None
