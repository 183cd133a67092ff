"""Refunds are sent: what is owed is asked for, and what is not final is asked about."""

import logging
from datetime import datetime, timedelta
from itertools import islice

from coaching.payments.account_queries import is_key_lost
from coaching.payments.dispute_rules import DISPUTED
from coaching.payments.models import Payment, PaymentAccount, Refund
from coaching.payments.own_provider_queries import own_provider_for
from coaching.payments.provider import AccountProvider, Fault, ProviderError, ProviderOf, ProviderRefund
from coaching.payments.refund_queries import due_refund_ids, is_owed_with
from coaching.payments.refund_recording_mutations import (
    ASKABLE,
    claim_refund,
    fit_into_rest,
    hand_over,
    postpone,
    record_answer,
    record_asked_anew,
    record_fault,
    record_made_outside,
    record_nothing_left_to_ask,
    record_refused,
)
from coaching.payments.refund_sending import LONGEST_PAUSE, WAITS_FOR_RESTORE, call_key, is_key_forgotten

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 50
MOST_LISTED = 2_000
# Their clocks and ours differ.
LEEWAY = timedelta(minutes=10)
# Asking again the same way will never help.
HOPELESS = (Fault.REFUSED, Fault.NOT_FOUND, Fault.NOT_OPEN)
# https://docs.stripe.com/error-codes
CHARGE_DISPUTED = "charge_disputed"
HAD_NO_EFFECT = (Fault.BUSY, Fault.KEY_REFUSED, Fault.LACKS_RIGHT)


def refund_due(provider_of: ProviderOf, now: datetime) -> int:
    """Ask for and about what is due, so many at a time; how many that were. One that fails keeps no other waiting."""
    due = due_refund_ids(now, MOST_AT_ONCE)
    for refund_id in due:
        try:
            _attend_to(refund_id, provider_of, now)
        except Exception:
            logger.exception("refund left aside", extra={"refund": refund_id})
            postpone(refund_id, now + LONGEST_PAUSE)
    return len(due)


def facts_of(refund: Refund) -> dict[str, str]:
    """What a provider keeps with a refund of ours, by which it is found again."""
    return {"refund": refund.key, "payment": refund.payment.key, "cause": refund.cause}


def _attend_to(refund_id: int, provider_of: ProviderOf, now: datetime) -> None:
    refund: Refund = Refund.get_by_id(refund_id)
    payment: Payment = refund.payment
    account: PaymentAccount | None = payment.payment_account
    if refund.state not in ASKABLE:
        record_nothing_left_to_ask(refund_id)
    elif own := own_provider_for(payment):
        sent = own.refund("", refund.amount_cents, payment.currency, facts_of(refund), refund.key)
        record_answer(refund_id, sent.reference, sent.state, now)
    elif account is None or account.state == "removed" or not payment.charge_reference:
        hand_over(refund_id, now)
    elif account.read_since:
        # After a restore: what has gone back since the backup is to be known first.
        postpone(refund_id, now + WAITS_FOR_RESTORE)
    elif is_key_lost(account):
        postpone(refund_id, now + LONGEST_PAUSE)
    elif claimed := claim_refund(refund_id, now):
        _ask(claimed, payment, provider_of(account.key), now)


def _ask(refund: Refund, payment: Payment, provider: AccountProvider, now: datetime) -> None:
    """Ask for the refund, or about it; `refund` is as it was before it was claimed."""
    try:
        if refund.reference:
            provider_refund: ProviderRefund | None = provider.look_up_refund(refund.reference)
        elif refund.state == "asked":
            # An answer that says nothing may be kept with the key for a day: the list tells sooner.
            provider_refund = _look_for(refund, payment, provider, now)
        else:
            provider_refund = None
        if provider_refund is None:
            asked_at = refund.asked_at if refund.state == "asked" and refund.asked_at else now
            if is_key_forgotten(asked_at, now):
                asked_at = now
                record_asked_anew(refund.id, now)
            provider_refund = provider.refund(
                str(payment.charge_reference),
                refund.amount_cents,
                payment.currency,
                facts_of(refund),
                call_key(payment.key, refund.key, asked_at),
            )
    except ProviderError as error:
        _record_error(error, refund, payment, provider, now)
    else:
        record_answer(refund.id, provider_refund.reference, provider_refund.state, now)


def _record_error(
    error: ProviderError, refund: Refund, payment: Payment, provider: AccountProvider, now: datetime
) -> None:
    logger.warning("refund not sent", extra={"refund": refund.id, "fault": error.fault, "answer": error.message[:200]})
    if error.fault is Fault.NOTHING_LEFT:
        _settle_rest(refund, payment, provider, now)
    elif error.fault in HOPELESS and not refund.reference:
        record_refused(refund.id, DISPUTED if error.code == CHARGE_DISPUTED else error.fault, now)
    else:
        record_fault(refund, error.fault, now, had_no_effect=error.fault in HAD_NO_EFFECT)


def _settle_rest(refund: Refund, payment: Payment, provider: AccountProvider, now: datetime) -> None:
    """More was to go back than is left there: it went already, by us or in the provider's own pages."""
    try:
        ours = _look_for(refund, payment, provider, now)
    except ProviderError as error:
        record_fault(refund, error.fault, now, had_no_effect=False)
        return
    if ours:
        record_answer(refund.id, ours.reference, ours.state, now)
    else:
        fit_into_rest(refund.id, Fault.NOTHING_LEFT, now)


def _look_for(refund: Refund, payment: Payment, provider: AccountProvider, now: datetime) -> ProviderRefund | None:
    """The refund, if the provider has it; others of the same payment that are not known are written down."""
    since = (payment.paid_at or payment.begun_at) - LEEWAY
    ours = None
    for made in islice(provider.refunds_since(since), MOST_LISTED):
        if made.charge_reference != payment.charge_reference:
            continue
        if made.facts.get("refund") == refund.key:
            ours = made
        elif not is_owed_with(made.facts.get("refund", "")):
            record_made_outside(payment.id, made.reference, made.state, made.amount_cents, made.made_at, now)
    return ours
