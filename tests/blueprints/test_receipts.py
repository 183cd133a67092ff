"""Pages of receipts: a student's own, a coach's month, what a store's receipts say; and paying a coach directly."""

import csv
from datetime import timedelta
from io import StringIO

import pytest

from coaching.accounts.event_mutations import note
from coaching.booking.mutations import move_sessions
from coaching.catalog.models import Store
from coaching.notices.models import Notice
from coaching.payments.causes import Cause
from coaching.payments.models import Payment, Receipt
from coaching.payments.receipt_mutations import write_receipts
from coaching.payments.refund_mutations import owe_refund
from tests import factories
from tests.money_rows import NOW, paid, refunded, seat_in
from tests.pages import form_to


@pytest.fixture(autouse=True)
def _clock(set_clock):
    set_clock(NOW + timedelta(seconds=10))


@pytest.fixture
def store(alice):
    return factories.make_store(alice, slug="nova", name="Nova", seller_address="Lane 1\nBerlin", tax_note="<b>19 %")


def test_a_receipt_is_seen_by_its_student_and_the_stores_owner(store, alice, bob, mallory, browser_of):
    seat = seat_in(store, bob)
    code = seat.coaching_session.code
    payment = paid(seat, 4900)
    refunded(payment, 1633)
    write_receipts(NOW)
    receipt, note = (f"/receipts/{row.code}" for row in Receipt.select().order_by(Receipt.id))
    student, coach, stranger, nobody = (browser_of(person) for person in (bob, alice, mallory, None))
    admin = browser_of(factories.make_person("Ada", is_admin=True))
    for browser, status in ((student, 200), (coach, 200), (stranger, 404), (admin, 404), (nobody, 303)):
        assert {browser.get(path).status_code for path in (receipt, note)} == {status}
    page = student.get(receipt).text
    for words in ("<h1>Receipt</h1>", "2027-0001", "1 March 2027", "Lane 1\nBerlin", "Mixing call, 60 min", "€49.00"):
        assert words in page
    assert "&lt;b&gt;19 %" in page
    assert "Paid on 1 March 2027 to Alice directly." in page
    assert "nvoice" not in page
    page = student.get(note).text
    for words in ("<h1>Credit note to receipt 2027-0001</h1>", "2027-0002", "Total given back", "−€16.33"):
        assert words in page
    # All on one page, and beside the session, but not for whoever only looks on.
    for path in ("/receipts", f"/sessions/{code}"):
        page = student.get(path).text
        assert (receipt in page, note in page) == (True, True)
    assert receipt in coach.get(f"/sessions/{code}").text
    assert receipt not in admin.get(f"/sessions/{code}").text
    assert "No receipts yet" in coach.get("/receipts").text
    assert "No older ones" in student.get("/receipts?before=1").text
    assert student.get("/receipts?before=odd").status_code == 200
    # They go with their student into another account, and say what they said.
    move_sessions(bob, mallory)
    assert (stranger.get(receipt).status_code, student.get(receipt).status_code) == (200, 404)
    assert "<b>Bob</b>" in stranger.get(receipt).text
    # Without the key nothing but the sums can be read, and nothing breaks.
    Receipt.update(printed="sealed:odd", buyer="sealed:odd").execute()
    for browser, path in ((stranger, receipt), (stranger, "/receipts"), (coach, "/dashboard/payments")):
        assert browser.get(path).status_code == 200
    assert "cannot be read" in stranger.get(note).text


@pytest.mark.one_database
def test_a_coach_sees_a_month_and_takes_it_along(store, alice, bob, browser_of):
    other = factories.make_store(alice, slug="echo", name="Echo")
    bob.name = "=HYPERLINK(1)"
    bob.save()
    first = paid(seat_in(store, bob), 4900)
    refunded(first, 500, state="by_hand")
    refunded(first, 600, state="owed", due_at=NOW + timedelta(days=2))
    paid(seat_in(other, bob), 2500)
    write_receipts(NOW)
    coach = browser_of(alice)
    page = coach.get("/dashboard/payments").text
    for words in (
        "March 2027",
        "€74.00",
        "€5.00 to =HYPERLINK(1)",
        "You send it yourself",
        "Goes out Wed 3 Mar, 09:00",
        "2 rows",
        "<span>Paid, ",
    ):
        assert words in page
    assert "went back to an older backup" not in page
    note("database restored", NOW)
    assert "their numbers are given again" in coach.get("/dashboard/payments").text
    assert "their numbers are given again" not in coach.get("/dashboard/payments?month=2027-02").text
    answer = coach.get("/dashboard/payments.csv?month=2027-03")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="payments-2027-03.csv"'
    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(StringIO(answer.data.decode("utf-8-sig"))))
    assert [(row["Student"], row["Amount"]) for row in rows] == [
        *(("'=HYPERLINK(1)", "49.00"), ("'=HYPERLINK(1)", "25.00")),
    ]
    text = coach.get("/dashboard/payments?month=2027-03&store=echo&show=paid").text
    assert ("€25.00" in text, "€49.00" in text) == (True, False)
    assert "None of these" in coach.get("/dashboard/payments?show=given_back").text
    assert "Nothing moved in February 2027" in coach.get("/dashboard/payments?month=2027-02").text
    for odd in (
        "month=0001-01",
        "month=9999-12",
        "month=x",
        "store=nobodys",
        "show=x",
        "page=-3",
        f"page={10**20}",
        "page=9",
    ):
        assert coach.get(f"/dashboard/payments?{odd}").status_code == 200
    # Nobody sees another's: the address names a store that is not theirs, and is taken for none.
    stranger = browser_of(bob)
    assert "Nothing is sold yet" in stranger.get("/dashboard/payments?store=nova").text
    assert len(stranger.get("/dashboard/payments.csv?store=nova&month=2027-03").text.splitlines()) == 1
    assert browser_of(None).get("/dashboard/payments.csv").status_code == 303


def test_who_sells_is_said_once_for_all_receipts_to_come(store, alice, bob, browser_of):
    paid(seat_in(store, bob))
    write_receipts(NOW)
    coach = browser_of(alice)
    assert browser_of(bob).get("/store/nova/receipts").status_code == 404
    assert "/store/nova/receipts" in coach.get("/store/nova/settings").text
    fields = form_to(coach.get("/store/nova/receipts").text, "/store/nova/receipts").fields
    assert fields["seller_address"].splitlines() == ["Lane 1", "Berlin"]
    long = coach.post("/store/nova/receipts", data=fields | {"tax_note": "x" * 401, "seller_name": "Alice Ltd"})
    assert (long.status_code, "At most 400 characters." in long.text, 'value="Alice Ltd"' in long.text) == (
        *(422, True, True),
    )
    assert coach.post("/store/nova/receipts", data=fields | {"seller_name": "Alice Ltd"}).status_code == 303
    # A second window that was opened before asks.
    late = coach.post("/store/nova/receipts", data=fields | {"seller_name": "Alice & Co"})
    assert (late.status_code, "Alice Ltd" in late.text, "Alice &amp; Co" in late.text) == (409, True, True)
    paid(seat_in(Store.get_by_id(store.id), bob))
    write_receipts(NOW)
    assert [row.seller for row in Receipt.select().order_by(Receipt.id)] == [
        *("Nova\nLane 1\nBerlin", "Alice Ltd\nLane 1\nBerlin"),
    ]


@pytest.mark.one_database
def test_what_to_pay_directly_can_be_copied(store, alice, bob, browser_of):
    seat = seat_in(store, bob, pay_text="IBAN DE00 1234")
    code = seat.coaching_session.code
    student, coach = browser_of(bob), browser_of(alice)
    page = student.get(f"/sessions/{code}").text
    for words in ("€49.00", 'data-copy="49.00"', f"<b>{code[:6].upper()}</b>", "IBAN DE00 1234"):
        assert words in page
    assert f"They quote {code[:6].upper()}" in coach.get(f"/sessions/{code}").text
    # They say so once; the coach finds nothing, and they say it again.
    assert student.post(f"/sessions/{code}/payment-notice").status_code == 303
    assert "I have paid" not in student.get(f"/sessions/{code}").text
    assert "They say that they have paid" in coach.get(f"/sessions/{code}").text
    assert "Bob says that they have paid" in coach.get("/dashboard").text
    assert Notice.select().where(Notice.kind == "coach_paid").count() == 1
    assert coach.post(f"/sessions/{code}/confirmation", data={"is_received": "no"}).status_code == 303
    page = student.get(f"/sessions/{code}").text
    assert ("I have paid" in page, "Alice has not received your payment for “Mixing call”" in page) == (True, True)
    # A tick is a payment with its receipt; the tick taken back takes back both, and the next one has the next number.
    for is_paid, state in (("yes", "paid"), ("yes", "paid"), ("no", "failed"), ("yes", "paid")):
        assert coach.post(f"/sessions/{code}/payment", data={"is_paid": is_paid}).status_code == 303
        assert Payment.select().order_by(Payment.id.desc()).get().state == state
    assert [(row.number, row.amount_cents) for row in Receipt.select().order_by(Receipt.id)] == [
        *((1, 4900), (2, -4900), (3, 4900)),
    ]
    assert student.post(f"/sessions/{code}/payment-notice").status_code == 303  # it is known
    page = student.get(f"/sessions/{code}").text
    assert ("I have paid" in page, "Receipt 2027-0003" in page) == (False, True)
    # What goes back is said to both, until it has been sent, and then it has its credit note.
    refund = owe_refund(Payment.get(Payment.state == "paid"), Cause.BY_COACH, 4900, "back", NOW)
    assert "Alice sends you €49 back directly" in student.get(f"/sessions/{code}").text
    assert coach.post(f"/sessions/{code}/refunds/{refund.id}", data={"how": "by_hand"}).status_code == 303
    page = student.get(f"/sessions/{code}").text
    assert ("Alice has sent you €49 back" in page, "Credit note to receipt 2027-0003</a>, €49," in page) == (True, True)
