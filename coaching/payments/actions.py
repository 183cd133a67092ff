"""Paying by card: a payment is begun, asked about, and ended. No transaction is open while a provider is waited for.

Return page, webhook and sweep all come to `settle_payment`, which may run any number of times.
"""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from time import monotonic, sleep

from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession
from coaching.errors import PaymentUnavailable
from coaching.payments.account_mutations import record_key_fault
from coaching.payments.begin_mutations import intend_payment, record_refused_begin
from coaching.payments.checkout_rules import (
    A_MINUTE,
    PACE_OF_TROUBLE,
    TROUBLE,
    UNDER_WAY,
    ReturnAddresses,
    page_ends_at,
    was_asked_lately,
)
from coaching.payments.models import Payment, PaymentAccount
from coaching.payments.payment_queries import is_wanted, order_of
from coaching.payments.provider import AccountProvider, Checkout, CheckoutState, Fault, Order, ProviderError, ProviderOf
from coaching.payments.recording_mutations import (
    claim_due,
    record_checkout,
    record_fault,
    record_missing,
)
from coaching.vault import Unreadable

logger = logging.getLogger(__name__)

AT_ONCE = 4
LONGEST_RUN = timedelta(seconds=40)
# Who waits for the page waits for no second try behind a slow first one.
PATIENCE = 5.0
A_MOMENT = 0.5
NO_KEY = "no_key"
BROKEN = "broken"
_OF_THE_KEY = (Fault.KEY_REFUSED, Fault.LACKS_RIGHT)


def begin_payment(
    coaching_session: CoachingSession,
    student: Person,
    addresses: ReturnAddresses,
    provider_of: ProviderOf,
    now: datetime,
) -> Payment:
    """The payment that the student can make now, or has made: an open one has the address of its page.

    1. What is meant is written down first, with the key that makes its provider begin it once.
    2. A page that is open already is led to again, as long as it is; of one whose answer was lost the provider is
       asked before anything is repeated.
    PaymentUnavailable where there is no page to be had; TooLate where nothing is to be paid any more.
    """
    payment = intend_payment(coaching_session, student, now)
    if was_asked_lately(payment, now):
        return payment
    if payment.state != "begun" or payment.tries:
        payment = settle_payment(payment, provider_of, now)
        if payment.state in ("open", "pending", "paid"):
            return payment
        payment = intend_payment(coaching_session, student, now)
    order = order_of(payment, addresses)
    try:
        provider = _provider(payment, provider_of)
        checkout = _begin(provider, payment, order, monotonic)
    except ProviderError as error:
        _note(payment, error)
        is_final = not error.is_outcome_unknown and error.fault is not Fault.BUSY
        # What was answered is not on its way any more, whatever the answer was worth.
        fault = TROUBLE if error.is_outcome_unknown and error.code else error.fault
        record_refused_begin(payment, fault, error.message, is_final=is_final, now=now)
        raise PaymentUnavailable from None
    begun = record_checkout(payment, checkout, now)
    if begun.state == "begun" or (begun.state == "open" and not begun.page_url):
        raise PaymentUnavailable
    return begun


def settle_payment(payment: Payment, provider_of: ProviderOf, now: datetime) -> Payment:
    """The payment as its provider has it now, and its seat as follows from that; one that cannot be asked about is as
    before, with the `fault`. A page that is open for what cannot be paid any more is ended."""
    if payment.state not in UNDER_WAY:
        return payment
    return _record(payment, _question(payment, provider_of, is_wanted(payment, now)), now)


def settle_due(provider_of: ProviderOf, now: datetime, longest: timedelta = LONGEST_RUN) -> int:
    """Every payment that is due was asked about, or as many as there was time for; how many were settled.

    One that cannot be read, or breaks what reads it, keeps no other waiting.
    """
    ends_at, settled = monotonic() + longest.total_seconds(), 0
    if not (claimed := claim_due(now, AT_ONCE)):
        return 0
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="payment") as threads:
        while claimed:
            asked = []
            for payment in claimed:
                try:
                    question = _question(payment, provider_of, is_wanted(payment, now))
                except Exception:
                    logger.exception("a payment cannot be asked about", extra={"payment": payment.id})
                    record_fault(payment, BROKEN, now, PACE_OF_TROUBLE)
                    continue
                asked.append((payment, threads.submit(question)))
            settled += sum(_settled(payment, answer.result, now) for payment, answer in asked)
            claimed = claim_due(now, AT_ONCE) if monotonic() < ends_at else []
    return settled


def _settled(payment: Payment, answer: Callable[[], Checkout | None], now: datetime) -> bool:
    """True where the payment has become another by the answer."""
    try:
        return bool(_record(payment, answer, now).state != payment.state)
    except Exception:
        logger.exception("a payment was not recorded", extra={"payment": payment.id})
        record_fault(payment, BROKEN, now, PACE_OF_TROUBLE)
        return False


def _record(payment: Payment, question: Callable[[], Checkout | None], now: datetime) -> Payment:
    try:
        checkout = question()
    except ProviderError as error:
        _note(payment, error)
        is_slow = error.fault in (*_OF_THE_KEY, Fault.NOT_FOUND, Fault.REFUSED)
        return record_fault(payment, error.fault, now, PACE_OF_TROUBLE if is_slow else None)
    return record_checkout(payment, checkout, now) if checkout else record_missing(payment, now)


def _question(payment: Payment, provider_of: ProviderOf, wanted: bool) -> Callable[[], Checkout | None]:
    """What asks the provider about the payment, in whatever thread: it knows no database."""
    try:
        provider = _provider(payment, provider_of)
    except ProviderError as error:
        return partial(_raise, error)
    return partial(_ask, provider, payment.reference, payment.key, payment.begun_at, wanted)


def _raise(error: ProviderError) -> Checkout | None:
    raise error


def _ask(
    provider: AccountProvider, reference: str | None, key: str, begun_at: datetime, wanted: bool
) -> Checkout | None:
    checkout = provider.look_up(reference) if reference else _find(provider, key, begun_at)
    if checkout is None or checkout.state is not CheckoutState.OPEN or wanted:
        return checkout
    try:
        return provider.expire(checkout.reference)
    except ProviderError as error:
        if error.fault is not Fault.NOT_OPEN:
            raise
    # Somebody paid that very second, or it had ended by itself.
    return provider.look_up(checkout.reference)


def _find(provider: AccountProvider, key: str, begun_at: datetime) -> Checkout | None:
    """The payment that was begun with this key, though its answer was lost."""
    # Their clock and ours need not agree to the second.
    since = begun_at - 10 * A_MINUTE
    return next(
        (checkout for checkout in provider.checkouts_since(since) if checkout.facts.get("payment") == key), None
    )


def _begin(provider: AccountProvider, payment: Payment, order: Order, clock: Callable[[], float]) -> Checkout:
    """The page, by one call; where its answer was lost by the same call with the same key once more."""
    began, ends_at = clock(), page_ends_at(payment.begun_at, payment.expires_at or payment.begun_at)
    try:
        return provider.begin(order, payment.key, ends_at)
    except ProviderError as error:
        if error.code == "idempotency_error":
            # It was begun, and something of what it is for is another by now.
            if checkout := _find(provider, payment.key, payment.begun_at):
                return checkout
            raise
        is_busy = error.fault is Fault.BUSY
        if not (error.is_outcome_unknown or is_busy) or clock() - began > PATIENCE:
            raise
        if is_busy:
            # Pressed twice: the first press is still at it, and a moment later the same key gives its answer.
            sleep(A_MOMENT)
    return provider.begin(order, payment.key, ends_at)


def _provider(payment: Payment, provider_of: ProviderOf) -> AccountProvider:
    account: PaymentAccount | None = payment.payment_account
    if account is None or isinstance(account.key, Unreadable) or not account.key:
        raise ProviderError("the account has no key", Fault.KEY_REFUSED, code=NO_KEY)
    return provider_of(account.key)


def _note(payment: Payment, error: ProviderError) -> None:
    """Keep what a call has shown of the account's key."""
    fields = {"payment": payment.id, "fault": error.fault.value, "code": error.code, "words": error.message}
    logger.warning("the payment provider did not answer as it should", extra=fields)
    if error.fault in _OF_THE_KEY and error.code != NO_KEY and payment.payment_account:
        record_key_fault(payment.payment_account, error.fault, error.right)
