"""Reading what providers did since a backup that was put back. No transaction is open while they are waited for."""

import logging
from datetime import datetime, timedelta
from time import monotonic

from coaching.now import Now
from coaching.payments.account_mutations import record_key_fault
from coaching.payments.models import PaymentAccount
from coaching.payments.provider import AccountProvider, Fault, ProviderError, ProviderOf
from coaching.payments.restore_mutations import (
    notice_silence,
    record_found_checkout,
    record_found_refund,
    record_read,
)
from coaching.payments.restore_queries import accounts_to_read
from coaching.payments.restore_rules import given_back_by_charge
from coaching.runtime.mutations import claim_lease, release_lease
from coaching.vault import Unreadable

logger = logging.getLogger(__name__)

READING = "payments since a restore"
LASTS_AT_MOST = timedelta(minutes=10)
# A list of ten thousand is read in that time. One that is not is begun anew: what it has shown stays written.
LONGEST_RUN = timedelta(seconds=40)


def read_since_restore(provider_of: ProviderOf, now: Now, longest: timedelta = LONGEST_RUN) -> int:
    """Every account that waits for it has been read, as far as its provider answers; how many were.

    One that cannot be read, or not in `longest`, keeps no other waiting, and is read a minute later. What has been
    written down before is found again, and changes nothing.
    """
    notice_silence(now.machine)
    accounts = accounts_to_read()
    claim = claim_lease(READING, now.machine, LASTS_AT_MOST) if accounts else None
    if claim is None:
        return 0
    try:
        return sum(_read_or_leave(account, provider_of, now.product, longest) for account in accounts)
    finally:
        release_lease(READING, claim)


def _read_or_leave(account: PaymentAccount, provider_of: ProviderOf, now: datetime, longest: timedelta) -> bool:
    facts = {"account": account.code}
    if isinstance(account.key, Unreadable) or not account.key:
        return False
    try:
        _read(account, provider_of(account.key), now, longest)
    except ProviderError as error:
        logger.warning("a provider was not read", extra=facts | {"fault": error.fault, "reason": error.message})
        if error.fault in (Fault.KEY_REFUSED, Fault.LACKS_RIGHT):
            record_key_fault(account, error.fault, error.right)
        return False
    except Exception:
        logger.exception("a provider was not read", extra=facts)
        return False
    logger.info("a provider was read", extra=facts)
    return True


def _read(account: PaymentAccount, provider: AccountProvider, now: datetime, longest: timedelta) -> None:
    since, ends_at = account.read_since, monotonic() + longest.total_seconds()
    assert since is not None
    # Refunds first: what is paid back meanwhile by hand is paid back all the same, and a payment tells of it then.
    refunds = []
    for refund in provider.refunds_since(since):
        refunds.append(refund)
        _hurry(ends_at)
    given_back = given_back_by_charge(refunds)
    for checkout in provider.checkouts_since(since):
        _hurry(ends_at)
        record_found_checkout(account, checkout, given_back.get(checkout.charge_reference or "", 0), now)
    for refund in refunds:
        record_found_refund(account, refund, now)
    record_read(account)


def _hurry(ends_at: float) -> None:
    if monotonic() > ends_at:
        raise ProviderError("it takes too long", Fault.UNREACHABLE)
