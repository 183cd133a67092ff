"""Paying on a provider's page: what is asked of it, when it is asked again, and what it may say of a payment. Pure."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from coaching.payments.provider_parts import Checkout, OrderLine
from coaching.plain_text import clean

# In these a payment is not settled: its provider is asked about it.
UNDER_WAY = ("begun", "open", "pending")
A_MINUTE = timedelta(minutes=1)
# Less than the minute between two runs of the worker, so that each of them asks about all that somebody waits for.
PACE = timedelta(seconds=30)
ASKED_LATELY = timedelta(seconds=1)
# Longer than all calls of one question may take, so that nobody else asks meanwhile.
CLAIM = timedelta(minutes=2)
# A beginning without an answer that its provider does not list by then has come to nothing.
LOST_AFTER = timedelta(minutes=10)
# A key is remembered for a day. After that a beginning is not sent again.
REPEATED_FOR = timedelta(hours=23)
# A provider's own end stands behind ours, for we end it ourselves: the least it takes is half an hour.
SHORTEST_PAGE = timedelta(minutes=40)
LONGEST_PAGE = timedelta(hours=23)
# What takes days is asked about less often once nobody waits for it.
PACE_OF_DELAYED = timedelta(minutes=15)
LONGEST_PAUSE = timedelta(minutes=15)
# What cannot come right by itself soon: a key that is refused, an answer that does not fit.
PACE_OF_TROUBLE = timedelta(hours=1)
MISMATCH = "mismatch"
LONGEST_WORDS = 300
# A beginning that was answered with the provider's own trouble: nothing of it is on its way any more.
TROUBLE = "trouble"


class PaymentLike(Protocol):
    """What is known of a payment."""

    key: str
    reference: str | None
    amount_cents: int
    currency: str
    livemode: bool
    state: str
    fault: str
    next_ask_at: datetime | None


class LineLike(Protocol):
    """A line of what a seat costs."""

    title: str
    amount_cents: int


@dataclass(frozen=True)
class ReturnAddresses:
    """Where the provider's page leads: after the payment, and without one."""

    paid: str
    back: str


def mismatch_of(payment: PaymentLike, checkout: Checkout) -> str:
    """In what the provider's object is not that of this payment; empty where it is."""
    if payment.reference not in (None, checkout.reference):
        return "reference"
    if checkout.facts.get("payment") != payment.key:
        return "payment"
    if checkout.amount_cents != payment.amount_cents:
        return "amount"
    if checkout.currency != payment.currency:
        return "currency"
    return "mode" if checkout.livemode != payment.livemode else ""


def was_asked_lately(payment: PaymentLike, now: datetime) -> bool:
    """True for an open payment about which its provider has just been asked: who presses again is as well answered."""
    asked_at = payment.next_ask_at - PACE if payment.next_ask_at else None
    return payment.state == "open" and not payment.fault and asked_at is not None and asked_at > now - ASKED_LATELY


def page_ends_at(begun_at: datetime, hold_ends_at: datetime) -> datetime:
    """When the provider ends its page by itself. The same for the same payment, whenever it is asked for."""
    return min(max(hold_ends_at, begun_at + SHORTEST_PAGE), begun_at + LONGEST_PAGE)


def as_refusal(refusal: str) -> str:
    """What a payment keeps, as its facts, of why its provider did not let it begin."""
    return json.dumps({"refusal": clean(refusal)[:LONGEST_WORDS]})


def refusal_in(kept: str) -> str:
    """Those words again; empty where there are none."""
    return str(json.loads(kept).get("refusal") or "")


def pause_after(tries: int) -> timedelta:
    """How long nobody asks again after so many questions in a row without an answer."""
    return min(timedelta(minutes=2.0 ** min(tries, 10)), LONGEST_PAUSE)


def lines_to_pay(lines: Sequence[LineLike], title: str, total_cents: int) -> list[OrderLine]:
    """The lines as a provider takes them, none of them below zero: a discount is taken off the first ones.

    One line with the total where there are none, or where they do not come to it.
    """
    positive = [line for line in lines if line.amount_cents > 0]
    off = -sum(line.amount_cents for line in lines if line.amount_cents < 0)
    order_lines = []
    for line in positive:
        less = min(off, line.amount_cents)
        off -= less
        if left := line.amount_cents - less:
            order_lines.append(OrderLine(line.title or title, left))
    if not order_lines or sum(line.amount_cents for line in order_lines) != total_cents:
        return [OrderLine(title, total_cents)]
    return order_lines
