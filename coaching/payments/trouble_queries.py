"""Money that needs a hand: what failed or is stuck, what a coach sends, and what no booking is known of."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from peewee import JOIN

from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession, Seat
from coaching.catalog.models import Store
from coaching.payments.account_queries import is_key_lost, is_usable
from coaching.payments.checkout_rules import MISMATCH, UNDER_WAY, refusal_in
from coaching.payments.models import Payment, PaymentAccount, Refund
from coaching.payments.provider_parts import Fault
from coaching.payments.refund_queries import is_settled_otherwise
from coaching.payments.restore_queries import given_back_and_booked, unseated_payments
from coaching.payments.selling_queries import find_refused, on_sale_by_card, prices_too_low, stores_without_cards

# What has a fault for so long does not come right by itself.
STUCK_AFTER = timedelta(hours=1)
MOST_LOOKED_AT = 200


class Kind(StrEnum):
    """What is wrong, the gravest first."""

    REFUND_FAILED = "refund_failed"
    KEY = "key"
    UNLIKE = "unlike"  # what its provider has is another payment than the one that was begun
    REFUSED = "refused"  # the provider lets no payment begin
    NO_CARDS = "no_cards"  # on sale by card, and no key
    PRICE = "price"  # on sale by card, for less than a card can pay
    STUCK = "stuck"
    UNSEATED = "unseated"
    UNREAD = "unread"  # after a restore, and its provider cannot be read
    STILL_BOOKED = "still_booked"
    BY_HAND = "by_hand"


_IN_ORDER = list(Kind)
# These are for the coach to do, or pass by themselves.
AMBER = (Kind.UNREAD, Kind.STILL_BOOKED, Kind.BY_HAND)
_KINDS = {"failed": Kind.REFUND_FAILED, "by_hand": Kind.BY_HAND}


@dataclass(frozen=True)
class MoneyTrouble:
    """One thing that is wrong; amounts in the currency's smallest unit. `waiting`: how much else waits for it;
    `titles`: the calls of the `store` that nobody can pay for; `refusal`: the provider's words."""

    kind: Kind
    amount_cents: int = 0
    currency: str = ""
    coaching_session: CoachingSession | None = None
    student: Person | None = None
    account: PaymentAccount | None = None
    waiting: int = 0
    store: Store | None = None
    titles: Sequence[str] = ()
    refusal: str = ""

    @property
    def is_grave(self) -> bool:
        return self.kind not in AMBER


def money_troubles(coach: Person | None, now: datetime) -> list[MoneyTrouble]:
    """What needs this coach's hand, the gravest first; without one what needs anybody's.

    What there is much of is never gone through: what is wrong is found by indexes, and is little.
    """
    accounts, refunds = _accounts_of(coach), _refunds(coach, now)
    # Where nobody can pay by card nothing else can be wrong.
    by_card = (
        [
            *_stuck_payments(coach, now),
            *(
                MoneyTrouble(Kind.UNSEATED, payment.left_cents, payment.payment.currency)
                for payment in unseated_payments(coach)
            ),
            *(
                MoneyTrouble(Kind.STILL_BOOKED, coaching_session=session)
                for session in given_back_and_booked(coach, now)
            ),
        ]
        if accounts
        else []
    )
    own = [account for account in accounts if coach is None or account.store_id]
    troubles = [*refunds, *_key_troubles(own), *by_card, *_unpayable(coach, own, now)]
    return sorted(troubles, key=lambda trouble: _IN_ORDER.index(trouble.kind))


def seats_with_payments(seats: Sequence[Seat]) -> set[int]:
    """The ids of those seats of which any payment is known."""
    payments = Payment.select(Payment.seat).where(Payment.seat.in_(list(seats)))
    return {row.seat_id for row in payments if row.seat_id}


def _refunds(coach: Person | None, now: datetime) -> list[MoneyTrouble]:
    is_stuck = (Refund.fault != "") & (Refund.due_at < now - STUCK_AFTER)
    is_wrong = Refund.state.in_(tuple(_KINDS)) | is_stuck
    # In these states are few, and the index on them finds them.
    unfinished = Refund.state.in_((*_KINDS, "owed", "asked", "pending"))
    ids = [row.id for row in Refund.select(Refund.id).where(unfinished, is_wrong).limit(MOST_LOOKED_AT)]
    if not ids:
        return []
    mine = _of_coach(Refund.select(Refund, Payment, Seat, CoachingSession, Person).join(Payment), coach)
    refunds = mine.where(Refund.id.in_(ids)).order_by(Refund.id.desc())
    unsettled = (refund for refund in refunds if not is_settled_otherwise(refund))
    return [_about(_KINDS.get(refund.state, Kind.STUCK), refund.amount_cents, refund.payment) for refund in unsettled]


def _stuck_payments(coach: Person | None, now: datetime) -> Iterator[MoneyTrouble]:
    payments = _of_coach(Payment.select(Payment, Seat, CoachingSession, Person), coach)
    is_asked = Payment.next_ask_at.is_null(False) & Payment.state.in_(UNDER_WAY) & (Payment.fault != "")
    # Another payment than ours is an answer, and no silence that may pass.
    is_clear = (Payment.begun_at < now - STUCK_AFTER) | (Payment.fault == MISMATCH)
    for payment in payments.where(is_asked, is_clear).limit(MOST_LOOKED_AT):
        yield _about(Kind.UNLIKE if payment.fault == MISMATCH else Kind.STUCK, payment.amount_cents, payment)


def _accounts_of(coach: Person | None) -> list[PaymentAccount]:
    """The accounts on which students of this coach may have paid: those of their stores, and the site's."""
    accounts = PaymentAccount.select(PaymentAccount, Store).join(Store, JOIN.LEFT_OUTER)
    if coach:
        accounts = accounts.where((Store.owner == coach) | PaymentAccount.store.is_null())
    return list(accounts.where(PaymentAccount.state != "removed").order_by(PaymentAccount.id))


def _key_troubles(accounts: Sequence[PaymentAccount]) -> Iterator[MoneyTrouble]:
    for account in accounts:
        is_broken = bool(account.lacks) or account.fault == Fault.KEY_REFUSED or is_key_lost(account)
        if not (is_broken or account.read_since):
            continue
        waiting = _waiting_on(account)
        if is_broken and (account.state == "current" or waiting):
            yield MoneyTrouble(Kind.KEY, account=account, waiting=waiting)
        elif account.read_since:
            yield MoneyTrouble(Kind.UNREAD, account=account, waiting=waiting)


def _unpayable(coach: Person | None, own: Sequence[PaymentAccount], now: datetime) -> Iterator[MoneyTrouble]:
    """What keeps students from paying though every key works; of all coaches only what the site's account refuses."""
    current = [account for account in own if is_usable(account) and (coach or account.store_id is None)]
    for account in current:
        if refused := find_refused(account, now):
            yield MoneyTrouble(Kind.REFUSED, account=account, refusal=refusal_in(refused.facts))
    if coach is None:
        return
    on_sale = on_sale_by_card(coach)
    for unpayable in stores_without_cards(on_sale):
        yield MoneyTrouble(Kind.NO_CARDS, store=unpayable.store, titles=unpayable.titles)
    for unpayable in prices_too_low(on_sale):
        yield MoneyTrouble(
            Kind.PRICE, unpayable.least_cents, unpayable.store.currency, store=unpayable.store, titles=unpayable.titles
        )


def _waiting_on(account: PaymentAccount) -> int:
    """How many payments and refunds wait for the account's provider."""
    mine = Payment.payment_account == account
    payments = Payment.select().where(mine, Payment.next_ask_at.is_null(False), Payment.state.in_(UNDER_WAY))
    refunds = Refund.select().join(Payment).where(mine, Refund.state.in_(("owed", "asked", "pending")))
    return int(payments.count() + refunds.count())


def _about(kind: Kind, amount_cents: int, payment: Payment) -> MoneyTrouble:
    seat = payment.seat
    assert seat is not None
    return MoneyTrouble(kind, amount_cents, payment.currency, seat.coaching_session, seat.student)


def _of_coach(query: Any, coach: Person | None) -> Any:
    """The query over those of this coach's sessions, each with its seat, student and session."""
    joined = query.join(Seat).join(Person).switch(Seat).join(CoachingSession)
    return joined.where(CoachingSession.coach == coach) if coach else joined
