"""Asking providers about disputes: once an hour, and when one was told of. No transaction is open meanwhile."""

import logging
from datetime import datetime

from coaching.payments.account_mutations import record_key_fault
from coaching.payments.dispute_mutations import record_dispute, record_disputes_read
from coaching.payments.dispute_queries import accounts_with_disputes_due, disputes_since
from coaching.payments.models import PaymentAccount
from coaching.payments.provider import Fault, ProviderError, ProviderOf
from coaching.vault import Unreadable

logger = logging.getLogger(__name__)


def read_disputes(provider_of: ProviderOf, now: datetime) -> int:
    """Disputes are as their providers have them, as far as those answer; how many have changed."""
    return sum(_read(account, provider_of, now) for account in accounts_with_disputes_due(now))


def _read(account: PaymentAccount, provider_of: ProviderOf, now: datetime) -> int:
    if isinstance(account.key, Unreadable) or not account.key:
        return 0
    try:
        disputes = list(provider_of(account.key).disputes_since(disputes_since(account, now)))
    except ProviderError as error:
        logger.warning("disputes were not read", extra={"account": account.code, "fault": error.fault})
        if error.fault == Fault.KEY_REFUSED:
            record_key_fault(account, error.fault, error.right)
        elif error.fault == Fault.LACKS_RIGHT:
            # The account's page says which right the key lacks. Asked each minute it would be refused each minute.
            record_disputes_read(account, now)
        return 0
    changed = sum(record_dispute(account, dispute, now) for dispute in disputes)
    record_disputes_read(account, now)
    return changed
