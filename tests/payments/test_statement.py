"""A coach's month: what moved, what it comes to, and the same in a file for a spreadsheet."""

import csv
from datetime import UTC, date, datetime
from io import StringIO

from coaching.money import currency_of, exact_amount
from coaching.payments.models import Refund
from coaching.payments.receipt_mutations import write_receipts
from coaching.payments.statement_queries import count_of, movements_of, refunds_on_their_way, totals_of
from coaching.payments.statement_rules import COLUMNS, Total, csv_of, kind_of, safe_cell
from tests import factories
from tests.money_rows import NOW, paid, refunded, seat_in

MARCH = date(2027, 3, 1)


def rows_of(text):
    assert text.startswith("\ufeff")
    first, *rest = csv.reader(StringIO(text.removeprefix("\ufeff")))
    assert tuple(first) == COLUMNS
    return [dict(zip(first, row, strict=True)) for row in rest]


def sums_of(rows):
    """What the file's amounts come to, in smallest units."""
    sums: dict[tuple[str, bool], int] = {}
    for row in rows:
        known, key = currency_of(row["Currency"]), (row["Currency"], row["Test"] == "test")
        sums[key] = sums.get(key, 0) + round(float(row["Amount"]) * known.scale)
    return sums


def test_a_month_of_two_stores_comes_to_what_its_file_comes_to(db):
    alice = factories.make_person("Alice", linked_as="2001")
    nova, echo = (factories.make_store(alice, zone=zone) for zone in ("Europe/Berlin", "Pacific/Auckland"))
    foreign = factories.make_store(factories.make_person("Mallory"))
    first = paid(seat_in(nova), 4900)
    refunded(first, 1633)
    failing = refunded(first, 1634, state="succeeded")
    stripe = {"provider": "stripe", "charge_reference": "pi_1", "livemode": True}
    paid(seat_in(nova), 12500, currency="KWD", **stripe)
    paid(seat_in(nova), 4900, currency="JPY", **stripe)
    paid(seat_in(nova), 800, **stripe | {"livemode": False, "charge_reference": "pi_2"})
    paid(seat_in(foreign), 777)
    write_receipts(NOW)
    Refund.update(state="failed").where(Refund.id == failing.id).execute()
    write_receipts(NOW)
    # The last evening of March in Berlin is April in Auckland.
    for store in (nova, echo):
        paid(seat_in(store), 100)
    write_receipts(datetime(2027, 3, 31, 20, 0, tzinfo=UTC))
    totals = totals_of([nova, echo], MARCH)
    assert totals == [
        Total("EUR", False, 5000, 1633),
        Total("EUR", True, 800, 0),
        Total("JPY", False, 4900, 0),
        Total("KWD", False, 12500, 0),
    ]
    rows = rows_of(csv_of(movements_of([nova, echo], MARCH)))
    assert sums_of(rows) == {(total.currency, total.is_test): total.balance_cents for total in totals}
    assert len(rows) == count_of([nova, echo], MARCH) == 8
    assert [(row["What"], row["Amount"]) for row in rows] == [
        *(("Paid", "49.00"), ("Paid", "12.500"), ("Paid", "4900"), ("Paid", "8.00")),
        *(("Given back", "-16.33"), ("Given back", "-16.34"), ("Refund came back", "16.34"), ("Paid", "1.00")),
    ]
    code = first.seat.coaching_session.code
    assert rows[0] == {
        **{"Date": "2027-03-01", "Number": "2027-0001", "About": "", "What": "Paid", "Call": "Mixing call"},
        **{"Session": code, "Student": first.seat.student.name, "How": "Directly", "Reference": code[:6].upper()},
        **{"Currency": "EUR", "Amount": "49.00", "Test": ""},
    }
    assert (rows[3]["Reference"], rows[3]["How"], rows[3]["Test"]) == ("pi_2", "Card", "test")
    assert [movement.number for movement in movements_of([echo], date(2027, 4, 1))] == ["2027-0001"]
    given_back = movements_of([nova], MARCH, "given_back")
    assert sum(refund.amount_cents for refund in given_back) == -1633
    assert totals_of([nova], MARCH, "given_back") == [Total("EUR", False, 0, 1633)]
    newest = movements_of([nova], MARCH, most=2, skip=1)
    assert [receipt.number for receipt in newest] == ["2027-0007", "2027-0006"]
    assert (movements_of([], MARCH), totals_of([], MARCH)) == ([], [])
    # What has failed is owed to its student still; what is dropped is not.
    refunded(first, 10, state="dropped")
    assert refunds_on_their_way(alice) == [failing]


def test_no_text_in_a_file_can_be_taken_for_a_formula() -> None:
    for text in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1"):
        assert safe_cell(text) == f"'{text}"
    for text in ("Mixing call", "a=b", "", "2027-0001", "O'Neil"):
        assert safe_cell(text) == text


def test_kinds_and_amounts_in_words() -> None:
    assert [kind_of(1, False), kind_of(-1, False), kind_of(-1, True), kind_of(1, True)] == [
        *("paid", "not_received", "given_back", "come_back"),
    ]
    for units, currency, text in (
        *((4900, "EUR", "€49.00"), (-450, "EUR", "−€4.50"), (0, "EUR", "€0.00"), (123456789, "USD", "$1,234,567.89")),
        *((4900, "JPY", "¥4,900"), (-12500, "KWD", "−12.500 KWD"), (17500, "HUF", "175.00 HUF"), (5, "GBP", "£0.05")),
    ):
        assert exact_amount(units, currency) == text
