"""What could be wrong with taking cards, found out by trying keys; no transaction is open."""

from collections.abc import Iterator
from datetime import datetime

from coaching.checks import Check
from coaching.diagnostics.payment_queries import account_check, accounts_in_use, further_checks
from coaching.payments.account_actions import try_again
from coaching.payments.account_queries import is_key_lost
from coaching.payments.models import PaymentAccount
from coaching.payments.provider import ProviderOf
from coaching.payments.provider_parts import Fault

# Each takes about eight calls, and somebody waits.
MOST_KEYS = 10


def payment_checks(provider_of: ProviderOf, has_site_key: bool, is_demo: bool, now: datetime) -> Iterator[Check]:
    """The keys on which payments are made, and what is sold by card without one."""
    is_silent = False
    for number, account in enumerate(accounts_in_use()):
        # Of a provider that does not answer it is enough to know it once.
        if number < MOST_KEYS and not is_silent and not is_key_lost(account):
            is_silent = try_again(provider_of, account, now).fault == Fault.UNREACHABLE
        yield account_check(PaymentAccount.get_by_id(account.id))
    yield from further_checks(has_site_key, is_demo)
