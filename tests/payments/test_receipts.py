"""Receipts and credit notes: numbered without gaps, written once, and never changed."""

import json
from datetime import UTC, datetime, timedelta
from functools import partial

from coaching.booking.models import SeatLine
from coaching.catalog.models import Product, Store
from coaching.payments.causes import Cause
from coaching.payments.models import Payment, Receipt, Refund
from coaching.payments.receipt_mutations import write_receipts
from coaching.payments.receipt_rules import CAUSE_LABELS, number_text, paid_lines, read_printed, refund_line
from tests import factories
from tests.money_rows import NOW, paid, refunded, seat_in
from tests.threads import all_at_once

HOUR = timedelta(hours=1)


def numbers(store):
    rows = Receipt.select().where(Receipt.store == store).order_by(Receipt.id)
    return [(row.year, row.number, row.amount_cents) for row in rows]


def printed(receipt):
    printed_receipt = read_printed(receipt.printed)
    return [(line.title, line.amount_cents) for line in printed_receipt.lines], printed_receipt.about


def test_every_payment_and_every_refund_gets_one_document_with_the_next_number(db):
    nova, echo = (factories.make_store(factories.make_person()) for _ in range(2))
    seat, other = seat_in(nova), seat_in(echo)
    SeatLine.create(seat=seat, kind="session", title="Mixing call, 60 min", amount_cents=5400)
    SeatLine.create(seat=seat, kind="discount", title="SPRING", amount_cents=-500, position=1)
    first, second = paid(seat), paid(other, 2500, provider="stripe")
    paid(None, 900)  # without a seat there is nobody to give one to
    paid(seat, 900, state="expired")
    part, owed = refunded(first, 1633), refunded(first, 100, state="owed")
    refunded(second, 2500, state="succeeded", cause=Cause.COACH_CANCELLED)
    assert write_receipts(NOW) == 4
    assert write_receipts(NOW) == 0
    assert numbers(nova) == [(2027, 1, 4900), (2027, 2, -1633)]
    assert numbers(echo) == [(2027, 1, 2500), (2027, 2, -2500)]
    receipt, credit_note = Receipt.select().where(Receipt.store == nova).order_by(Receipt.id)
    assert printed(receipt) == ([("Mixing call, 60 min", 5400), ("SPRING", -500)], "")
    assert printed(credit_note) == (
        [("Given back for Mixing call: as the coach decided", -1633)],
        "2027-0001",
    )
    assert (receipt.refund_id, credit_note.refund_id) == (None, part.id)
    # Two who find the same one to write write it once; one seat's are written without the others'.
    Refund.update(state="succeeded").where(Refund.id == owed.id).execute()
    late = paid(seat_in(echo))
    assert write_receipts(NOW, seat) == 1
    assert numbers(nova)[2:] == [(2027, 3, -100)]
    assert write_receipts(NOW) == 1
    assert Receipt.get(Receipt.payment == late).number == 3


def test_what_turns_out_not_to_hold_is_reversed_by_a_number_of_its_own(db):
    seat = seat_in(factories.make_store(factories.make_person(), zone="Pacific/Auckland"))
    store, payment = seat.coaching_session.product.store, paid(seat)
    refund = refunded(payment, 4900, state="succeeded")
    # Whose year it is says the clock on the store's wall.
    write_receipts(datetime(2026, 12, 31, 10, 59, tzinfo=UTC))
    Refund.update(state="failed").execute()
    new_year = datetime(2026, 12, 31, 11, 0, tzinfo=UTC)
    assert write_receipts(new_year) == 1
    # The same refund goes another way, and the payment that was ticked had not come after all.
    Refund.update(state="ticked").execute()
    assert write_receipts(new_year) == 1
    Payment.update(state="failed").execute()
    assert write_receipts(new_year) == 1
    assert numbers(store) == [
        *((2026, 1, 4900), (2026, 2, -4900)),
        *((2027, 1, 4900), (2027, 2, -4900), (2027, 3, -4900)),
    ]
    rows = list(Receipt.select().order_by(Receipt.id))
    assert [row.reverses_id for row in rows] == [None, None, rows[1].id, None, rows[0].id]
    assert [printed(row)[1] for row in rows] == ["", "2026-0001", "2026-0002", "2026-0001", "2026-0001"]
    assert rows[2].refund == refund
    assert "Credit note 2026-0002 does not hold" in printed(rows[2])[0][0][0]
    assert "Receipt 2026-0001 does not hold" in printed(rows[4])[0][0][0]
    # Ticked once more it is paid, and has a receipt again.
    Payment.update(state="paid").execute()
    assert write_receipts(new_year) == 1
    assert numbers(store)[-1] == (2027, 4, 4900)


def test_one_that_cannot_be_written_takes_no_number_and_keeps_no_other_waiting(db, caplog):
    store = factories.make_store(factories.make_person())
    broken, _ = paid(seat_in(store)), paid(seat_in(store))
    # Nobody knows in whose zone the year begins.
    elsewhere = factories.make_store(store.owner, zone="Nowhere/At All")
    Product.update(store=elsewhere).where(Product.id == broken.seat.coaching_session.product_id).execute()
    assert write_receipts(NOW) == 1
    assert caplog.text.count("receipt not written") == 1
    assert (numbers(store), numbers(elsewhere)) == ([(2027, 1, 4900)], [])
    Store.update(zone="Europe/Berlin").execute()
    assert write_receipts(NOW) == 1
    assert numbers(elsewhere) == [(2027, 1, 4900)]


def test_several_who_write_at_once_leave_no_gap_and_write_nothing_twice(db):
    store = factories.make_store(factories.make_person())
    for _ in range(6):
        refunded(paid(seat_in(store)), 100)
    assert sum(all_at_once(*[partial(write_receipts, NOW)] * 3)) == 12
    numbered = numbers(store)
    assert [number for _, number, _ in numbered] == list(range(1, 13))
    assert sum(amount_cents for *_, amount_cents in numbered) == 6 * 4800


def test_what_is_printed_never_changes(db):
    store = factories.make_store(factories.make_person("Alice"), name="Nova", seller_address="Lane 1\nBerlin")
    seat = seat_in(store)
    paid(seat)
    store.tax_note = "No tax is charged."
    store.save()
    write_receipts(NOW)
    before = Receipt.get()
    assert (before.seller, before.tax_note) == ("Nova\nLane 1\nBerlin", "No tax is charged.")
    store.name, store.seller_name, store.tax_note = "Other", "Alice Ltd", ""
    store.save()
    session, student = seat.coaching_session, seat.student
    starts_at = session.starts_at
    session.starts_at, session.title, student.name = starts_at + HOUR / 2, "Another", "Bobby"
    session.save()
    student.save()
    SeatLine.create(seat=seat, kind="session", title="Dearer", amount_cents=9900)
    write_receipts(NOW + HOUR)
    after = Receipt.get()
    assert (after.seller, after.buyer, after.printed, after.tax_note) == (
        before.seller,
        before.buyer,
        before.printed,
        before.tax_note,
    )
    assert read_printed(after.printed).call.starts_at == starts_at


def test_the_words_on_them() -> None:
    assert set(CAUSE_LABELS) == set(Cause)
    assert number_text(2027, 12) == "2027-0012"
    assert number_text(2027, 12345) == "2027-12345"
    # Lines that are not what was paid would tell of another sum.
    assert [line.title for line in paid_lines([("A", 4000), ("B", 900)], "Call", 4900)] == ["A", "B"]
    assert [line.title for line in paid_lines([("A", 4000)], "Call", 4900)] == ["Call"]
    assert refund_line("Call", "a cause of tomorrow", 5).title == "Given back for Call"
    for unreadable in ("", "This cannot be read", json.dumps({}), json.dumps([])):
        assert read_printed(unreadable) is None
