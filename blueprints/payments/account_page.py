"""How a payment account stands, as its owner reads it: a pill, a sentence, and what to do."""

from dataclasses import dataclass, replace

from flask import current_app

from coaching.payments.account_keys import rights_lacking
from coaching.payments.account_queries import is_key_lost
from coaching.payments.models import PaymentAccount
from coaching.payments.provider import Fault


@dataclass(frozen=True)
class AccountView:
    """One account: `trouble` is a sentence, empty where all is well; `lacks` are rights as Stripe's page names them."""

    account: PaymentAccount
    pill: tuple[str, str]
    trouble: str
    lacks: list[str]
    webhook_address: str

    @property
    def mode(self) -> str:
        return "Live: real money" if self.account.livemode else "Test: no real money"


def view_of(account: PaymentAccount) -> AccountView:
    """The account as its page shows it."""
    lacks = rights_lacking(account.lacks)
    trouble = trouble_of(account, lacks)
    if account.state == "older":
        pill = ("neutral", "Older key")
    else:
        pill = ("bad", "Cannot be used") if trouble else ("good", "Works")
    return AccountView(account, pill, trouble, lacks, webhook_address(account))


def site_view(account: PaymentAccount) -> AccountView:
    """The site's own account, whose events come to an address without a code."""
    return replace(view_of(account), webhook_address=f"{current_app.extensions['settings'].app_url}/webhooks/stripe")


def trouble_of(account: PaymentAccount, lacks: list[str]) -> str:
    """What is wrong with its key; empty where nothing is."""
    if is_key_lost(account):
        return "It was encrypted with a key of this site that is missing. Whoever runs the site can bring it back."
    if account.fault == Fault.KEY_REFUSED:
        return "Stripe does not take this key any more: it was rolled, has run out, or was deleted there."
    if lacks:
        count = "a right" if len(lacks) == 1 else f"{len(lacks)} rights"
        return f"This key lacks {count}. Give it that in Stripe, under Developers, API keys, then try it again."
    if account.fault == Fault.LACKS_RIGHT:
        return "Stripe refused something for want of a right. Try the key again to see which."
    return ""


def webhook_address(account: PaymentAccount) -> str:
    """Where Stripe sends what it has to tell about this account."""
    return f"{current_app.extensions['settings'].app_url}/webhooks/stripe/{account.code}"
