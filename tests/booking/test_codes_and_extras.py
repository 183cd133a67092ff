from datetime import UTC, datetime, timedelta

import pytest

from coaching.booking import mutations
from coaching.booking.details import BookingDetails
from coaching.booking.discount_queries import uses_by_code
from coaching.booking.models import Seat, SeatLine
from coaching.catalog.models import Bump, Offer, Product
from coaching.errors import DiscountRefused, LimitReached, SlotTaken, TermsChanged
from coaching.pricing.models import DiscountCode
from tests import factories
from tests.threads import all_at_once

NOW = datetime(2027, 3, 8, 8, 0, tzinfo=UTC)  # 9:00 in Berlin
TEN = NOW + timedelta(hours=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def product(alice):
    return factories.make_product(coach=alice)


def make_code(product, code="SPRING", **differences):
    ordinary = {"percent": 20} if "amount_cents" not in differences else {}
    return DiscountCode.create(store=product.store, code=code, made_at=NOW, **ordinary | differences)


def make_extra(product, title="Notes", price_cents=1500, **differences):
    return Bump.create(product=product, title=title, price_cents=price_cents, **differences)


def book(product, student, starts_at=TEN, now=NOW, **details):
    return mutations.book_session(product, student, BookingDetails(product.offers.get().id, starts_at, **details), now)


def lines():
    return [
        (seat_line.kind, seat_line.title, seat_line.amount_cents)
        for seat_line in SeatLine.select().order_by(SeatLine.position)
    ]


def test_a_seat_keeps_what_it_costs_line_by_line(product, bob):
    make_code(product)
    extra = make_extra(product, is_refundable=False, gives="https://example.com/notes")
    book(product, bob, code=" spring ", bumps=(extra.id,))
    seat = Seat.get()
    assert (seat.price_cents, seat.payment) == (4900 - 980 + 1500, "outside")
    assert seat.discount_code.code == "SPRING"
    assert lines() == [("session", "Mixing call", 4900), ("discount", "Code SPRING", -980), ("bump", "Notes", 1500)]
    kept = SeatLine.get(SeatLine.kind == "bump")
    assert (kept.bump_id, kept.is_refundable, kept.gives) == (extra.id, False, "https://example.com/notes")


def test_what_costs_nothing_with_a_code_is_free_and_booked_at_once(alice, bob):
    product = factories.make_product(coach=alice, pays_first=True)
    make_code(product, percent=100)
    assert book(product, bob, code="SPRING").state == "scheduled"
    seat = Seat.get()
    assert (seat.price_cents, seat.payment, seat.pays_first) == (0, "free", False)
    assert len(lines()) == 2


def test_a_free_call_with_a_paid_extra_is_paid_for(alice, bob):
    product = factories.make_product(coach=alice, offers=((60, 0),), pays_first=True)
    extra = make_extra(product)
    now = TEN - 10 * timedelta(minutes=1)
    with pytest.raises(SlotTaken, match="extras"):
        book(product, bob, now=now, bumps=(extra.id,))
    assert book(product, bob, bumps=(extra.id,)).state == "held"
    assert (Seat.get().price_cents, Seat.get().payment, Seat.get().pays_first) == (1500, "outside", True)


def test_nothing_else_is_sold_than_was_seen(product, bob):
    code, extra = make_code(product), make_extra(product)
    foreign = make_extra(factories.make_product())
    with pytest.raises(TermsChanged):
        book(product, bob, bumps=(foreign.id,))
    with pytest.raises(TermsChanged):
        book(product, bob, code="SPRING", seen_discount="SPRING 30%")
    with pytest.raises(TermsChanged):
        book(product, bob, seen_discount="SPRING 20%")
    with pytest.raises(TermsChanged):
        book(product, bob, code="SPRING", seen_discount="OTHER 1500")
    Bump.update(retired_at=NOW).where(Bump.id == extra.id).execute()
    with pytest.raises(TermsChanged):
        book(product, bob, bumps=(extra.id,))
    for wrong in ("WINTER", "%", "x" * 500):
        with pytest.raises(DiscountRefused):
            book(product, bob, code=wrong)
    DiscountCode.update(is_active=False).where(DiscountCode.id == code.id).execute()
    with pytest.raises(DiscountRefused):
        book(product, bob, code="SPRING", seen_discount="SPRING 20%")
    assert not Seat.select().exists()
    other = factories.make_product()
    make_code(other, "THEIRS")
    with pytest.raises(DiscountRefused):
        book(product, bob, code="THEIRS")
    # More than was seen is taken off gladly.
    DiscountCode.update(is_active=True, percent=50).where(DiscountCode.id == code.id).execute()
    book(product, bob, code="SPRING", seen_discount="SPRING 20%")
    assert Seat.get().price_cents == 2450


def test_what_came_to_nothing_before_it_was_paid_is_no_use_of_a_code(alice, bob):
    product = factories.make_product(coach=alice, pays_first=True, hold_minutes=30)
    code = make_code(product, most_uses=1)
    book(product, bob, TEN + 2 * HOUR, code="SPRING")
    assert uses_by_code([code], NOW) == {code.id: 1}
    carol = factories.make_person("Carol", linked_as="4004")
    with pytest.raises(DiscountRefused, match="used up"):
        book(product, carol, TEN + 3 * HOUR, code="SPRING")
    # The hold has run out, whether or not anybody has written it down.
    later = NOW + 31 * timedelta(minutes=1)
    assert uses_by_code([code], later) == {code.id: 0}
    again = book(product, carol, TEN + 3 * HOUR, later, code="SPRING")
    mutations.cancel_session(again, carol, later)
    assert uses_by_code([code], later) == {code.id: 0}
    Seat.update(paid_at=later).where(Seat.coaching_session == again).execute()
    assert uses_by_code([code], later) == {code.id: 1}


def test_a_code_for_a_first_call_or_once_a_person(product, bob):
    make_code(product, "HELLO", first_booking_only=True)
    make_code(product, "ONCE", most_per_person=1)
    book(product, bob, code="HELLO")
    with pytest.raises(DiscountRefused, match="first call"):
        book(product, bob, TEN + HOUR, code="HELLO")
    book(product, bob, TEN + HOUR, code="ONCE")
    with pytest.raises(DiscountRefused, match="one person"):
        book(product, bob, TEN + 2 * HOUR, code="ONCE")
    # Merged accounts have used what both have used.
    carol = factories.make_person("Carol", linked_as="4004")
    mutations.move_sessions(bob, carol)
    with pytest.raises(DiscountRefused, match="one person"):
        book(product, carol, TEN + 2 * HOUR, code="ONCE")
    mutations.move_sessions(carol, bob)
    # Sent again it is the same booking, whatever stands in the way of a second one.
    assert book(product, bob, TEN + HOUR, code="ONCE").starts_at == TEN + HOUR


def test_the_last_use_of_a_code_is_one_students(product):
    code = make_code(product, most_uses=1)
    students = [factories.make_person(f"Student {n}", linked_as=str(6100 + n)) for n in range(4)]

    def booking(number):
        def try_it():
            try:
                book(product, students[number], TEN + number * HOUR, code="SPRING")
            except DiscountRefused:
                return "refused"
            return "booked"

        return try_it

    results = all_at_once(*[booking(number) for number in range(4)])
    assert sorted(results) == ["booked", "refused", "refused", "refused"]
    assert Seat.select().where(Seat.discount_code == code).count() == 1


def test_less_than_a_card_can_be_charged_is_refused(alice, bob):
    product = factories.make_product(coach=alice, payment="stripe", offers=((60, 500),))
    make_code(product, amount_cents=451)
    with pytest.raises(DiscountRefused, match=r"€0\.49 would be left"):
        book(product, bob, code="SPRING")
    product.offers.get().delete_instance()
    Offer.create(product=product, minutes=60, price_cents=0)
    with pytest.raises(LimitReached, match=r"Less than €0\.50 cannot be paid by card"):
        book(product, bob, bumps=(make_extra(product, price_cents=40).id,))
    Offer.update(price_cents=500).execute()
    Product.update(payment="outside").execute()
    book(product.get_by_id(product.id), bob, code="SPRING")
    assert Seat.get().price_cents == 49


def test_what_costs_nothing_with_a_code_needs_no_card(alice, bob):
    product = factories.make_product(coach=alice, payment="stripe")
    make_code(product, percent=100)
    assert book(product, bob, code="SPRING").state == "scheduled"
    assert Seat.get().payment == "free"


def test_an_unknown_code_stops_nobody_from_what_is_free(alice, bob):
    product = factories.make_product(coach=alice, offers=((60, 0),))
    Offer.update(price_cents=0).execute()
    book(product, bob, code="NOBODYS")
    assert (Seat.get().price_cents, Seat.get().discount_code_id) == (0, None)
    assert lines() == []
