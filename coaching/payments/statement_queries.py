"""Reads of a coach's money: the movements of a month, what they come to, and what is still on its way back."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Literal

from peewee import JOIN, fn

from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession, Seat
from coaching.booking.month import next_month
from coaching.catalog.models import Product, Store
from coaching.errors import NotFound
from coaching.payments.models import Payment, Receipt, Refund
from coaching.payments.receipt_rules import number_text, read_printed, reference_of
from coaching.payments.refund_queries import is_settled_otherwise
from coaching.payments.statement_rules import Movement, Total, kind_of

Side = Literal["all", "paid", "given_back"]
A_BATCH = 500
# All that a movement shows: whole rows of all these tables take twice as long.
_SHOWN = (
    *(Receipt.id, Receipt.issued_on, Receipt.code, Receipt.year, Receipt.number, Receipt.printed, Receipt.buyer),
    *(Receipt.currency, Receipt.amount_cents, Refund.id, Refund.reference, Seat.id),
    *(Payment.id, Payment.provider, Payment.livemode, Payment.reference, Payment.charge_reference),
    *(CoachingSession.id, CoachingSession.code, CoachingSession.title),
)
# Refunds in these are owed to a student and not with them yet; by_hand ones wait for the coach.
ON_THEIR_WAY = ("owed", "asked", "pending", "by_hand", "failed")


def movements_of(
    stores: Sequence[Store], first_on: date, side: Side = "all", most: int | None = None, skip: int = 0
) -> list[Movement]:
    """What moved in the month that begins on `first_on`, the oldest first; with `most` a page of the newest first."""
    if most is None:
        return list(each_movement(stores, first_on, side))
    return [_movement(row) for row in _rows(stores, first_on, side, Receipt.id.desc()).limit(most).offset(skip)]


def each_movement(stores: Sequence[Store], first_on: date, side: Side = "all") -> Iterator[Movement]:
    """The same, the oldest first, some hundred rows at a time: a month may be larger than memory likes."""
    after = 0
    while receipts := list(_rows(stores, first_on, side, Receipt.id).where(Receipt.id > after).limit(A_BATCH)):
        yield from map(_movement, receipts)
        after = receipts[-1].id


def totals_of(stores: Sequence[Store], first_on: date, side: Side = "all") -> list[Total]:
    """What the month's movements come to, by currency."""
    columns = Receipt.currency, Payment.provider, Payment.livemode, Receipt.refund.is_null()
    query = _in_month(Receipt.select(*columns, fn.SUM(Receipt.amount_cents)), stores, first_on, side)
    sums = Counter[tuple[str, bool, bool]]()
    for currency, provider, livemode, is_of_payment, amount in query.group_by(*columns).tuples():
        sums[currency, provider != "outside" and not livemode, bool(is_of_payment)] += int(amount)
    return [
        Total(currency, is_test, sums[currency, is_test, True], -sums[currency, is_test, False])
        for currency, is_test in sorted({(currency, is_test) for currency, is_test, _ in sums})
    ]


def count_of(stores: Sequence[Store], first_on: date, side: Side = "all") -> int:
    """How many movements the month has."""
    return int(_in_month(Receipt.select(), stores, first_on, side).count())


def refunds_on_their_way(coach: Person, most: int = 50) -> list[Refund]:
    """What goes back to students of the coach's and is not with them yet, the oldest first, each with its session."""
    has_receipt = False  # a part of the index, and true of all of them
    refunds = (
        Refund.select(Refund, Payment, Seat, Person, CoachingSession)
        .join(Payment)
        .join(Seat)
        .join(Person)
        .switch(Seat)
        .join(CoachingSession)
        .join(Product)
        .join(Store)
        .where(Refund.has_receipt == has_receipt, Refund.state.in_(ON_THEIR_WAY), Store.owner == coach)
        .order_by(Refund.owed_at, Refund.id)
        .limit(most)
    )
    return [refund for refund in refunds if not is_settled_otherwise(refund)]


def _rows(stores: Sequence[Store], first_on: date, side: Side, order: Any) -> Any:
    return _in_month(Receipt.select(*_SHOWN), stores, first_on, side).order_by(order)


def _in_month(query: Any, stores: Sequence[Store], first_on: date, side: Side) -> Any:
    following = next_month(first_on)
    rows = (
        query.join(Store)
        .switch(Receipt)
        .join(Payment)
        .join(Seat)
        .join(CoachingSession)
        .join_from(Receipt, Refund, JOIN.LEFT_OUTER)
        .where(Receipt.store.in_(list(stores)), Receipt.issued_on >= first_on, Receipt.issued_on < following)
    )
    return rows if side == "all" else rows.where(Receipt.refund.is_null(side == "paid"))


def _movement(receipt: Receipt) -> Movement:
    payment, seat = receipt.payment, receipt.payment.seat
    if seat is None:
        raise NotFound  # by now: only what has a seat is given a receipt
    printed, coaching_session = read_printed(receipt.printed), seat.coaching_session
    provider = payment.provider
    paid_as = payment.charge_reference or payment.reference or ""
    sent_as = receipt.refund.reference if receipt.refund else paid_as
    return Movement(
        on=receipt.issued_on,
        code=receipt.code,
        number=number_text(receipt.year, receipt.number),
        about=printed.about if printed else "",
        kind=kind_of(receipt.amount_cents, receipt.refund is not None),
        title=printed.call.title if printed else coaching_session.title,
        session_code=coaching_session.code,
        student=receipt.buyer,
        provider=provider,
        reference=reference_of(coaching_session.code) if provider == "outside" else sent_as or "",
        currency=receipt.currency,
        amount_cents=receipt.amount_cents,
        is_test=payment.is_test,
    )
