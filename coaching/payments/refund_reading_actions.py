"""Asking providers about refunds that were made in their own pages: once an hour, and when one was told of."""

import logging
from datetime import datetime
from itertools import islice

from coaching.payments.models import PaymentAccount
from coaching.payments.provider import ProviderError, ProviderOf
from coaching.payments.refund_queries import accounts_with_refunds_due, refunds_since, unknown_payment_of
from coaching.payments.refund_recording_mutations import record_made_outside, record_refunds_read

logger = logging.getLogger(__name__)

MOST_LISTED = 5_000


def read_refunds(provider_of: ProviderOf, now: datetime) -> int:
    """Whatever has gone back is known of, whoever sent it; how many refunds are new here."""
    return sum(_read(account, provider_of, now) for account in accounts_with_refunds_due(now))


def _read(account: PaymentAccount, provider_of: ProviderOf, now: datetime) -> int:
    try:
        refunds = list(islice(provider_of(account.key).refunds_since(refunds_since(account)), MOST_LISTED))
    except ProviderError as error:
        # Whatever is wrong with the key is found out by what needs it more; asked each minute it would be refused so.
        logger.warning("refunds were not read", extra={"account": account.code, "fault": error.fault})
        record_refunds_read(account, account.refunds_read_at, now)
        return 0
    new = 0
    for made in refunds:
        payment = unknown_payment_of(account, made.reference, made.charge_reference, made.facts.get("refund", ""))
        if payment:
            new += record_made_outside(payment.id, made.reference, made.state, made.amount_cents, made.made_at, now)
    record_refunds_read(account, now, now)
    return new
