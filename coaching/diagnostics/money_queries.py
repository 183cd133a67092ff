"""How money stands on the whole site, as checks: what failed, is stuck or belongs to no booking; and how the accounts
stand on which cards are taken, with what is sold by card where none can be.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from peewee import JOIN

from coaching.catalog.models import Store
from coaching.checks import LOOK_AGAIN, Check, State, bad, good, warning
from coaching.payments.account_keys import rights_lacking
from coaching.payments.account_queries import can_take_cards, current_account, is_key_lost
from coaching.payments.models import Payment, PaymentAccount
from coaching.payments.provider_parts import Fault
from coaching.payments.selling_queries import on_sale_by_card
from coaching.payments.trouble_queries import Kind, money_troubles
from coaching.remedies import LOG, change

MONEY, PAYMENTS = "Money", "Payments"
# An event is there within seconds; one that has not come for so long after a payment does not come.
LATE_NEWS = timedelta(hours=1)
SEE = "See them: `/admin/money`"


def money_checks(now: datetime) -> Iterator[Check]:
    """One check for each thing that is wrong, the gravest first; one that all is well, if it is."""
    checks = list(checks_of(Counter(trouble.kind for trouble in money_troubles(None, now))))
    yield from checks or [good(MONEY, "No refund has failed, and nothing is stuck.")]


def checks_of(count: Mapping[Kind, int]) -> Iterator[Check]:
    """The checks for so many troubles of each kind."""
    if failed := count.get(Kind.REFUND_FAILED):
        which = "A refund" if failed == 1 else f"{failed} refunds"
        yield bad(MONEY, f"{which} could not be sent back to students. Their coaches see it, too.", SEE)
    if unlike := count.get(Kind.UNLIKE):
        which = "A payment is" if unlike == 1 else f"{unlike} payments are"
        sentence = f"{which} in Stripe with another amount, currency, mode or booking than here. Nothing of it counts."
        yield bad("Unlike payment", sentence, SEE)
    if unseated := count.get(Kind.UNSEATED):
        which = "A payment belongs" if unseated == 1 else f"{unseated} payments belong"
        remedy = "Their coaches see it, too. Seat them again or give them back: `/dashboard/unbooked-payments`"
        yield bad("Paid without a booking", f"{which} to no booking, as after an older backup was restored.", remedy)
    if stuck := count.get(Kind.STUCK):
        which = "A payment or refund is" if stuck == 1 else f"{stuck} payments and refunds are"
        yield bad("Stuck money", f"{which} stuck for an hour or more. The log says why: {LOG}", SEE)
    if count.get(Kind.UNREAD):
        sentence = (
            "After a restore, or a silence of the worker, what Stripe did since is still to be read. Until then no "
            "money goes back on those accounts."
        )
        yield warning("Reading Stripe", sentence, f"It is tried each minute. If it stays so, the log says why: {LOG}")


def accounts_in_use() -> list[PaymentAccount]:
    """The accounts on which new payments are made, the site's first."""
    order = (PaymentAccount.store.is_null(False), PaymentAccount.id)
    with_store = PaymentAccount.select(PaymentAccount, Store).join(Store, JOIN.LEFT_OUTER)
    return list(with_store.where(PaymentAccount.state == "current").order_by(*order))


def account_check(account: PaymentAccount) -> Check:
    """How the account's key did when it was tried last. A store's own is its coach's to mend, and nothing bad here."""
    whose, remedy = _whose(account)
    mode = "live" if account.livemode else "test"
    key = f"The {mode} key of {whose} that ends in {account.key_last4}"
    if is_key_lost(account):
        check = bad(PAYMENTS, f"{key} cannot be read.", "Bring back the key it was encrypted with, or paste it anew.")
    elif account.fault == Fault.KEY_REFUSED:
        check = bad(PAYMENTS, f"{key} is not taken by Stripe any more: no card is.", remedy)
    elif lacks := rights_lacking(account.lacks):
        check = bad(PAYMENTS, f"{key} lacks {', '.join(lacks)}: no card is taken.", remedy)
    elif account.fault:
        check = warning(PAYMENTS, f"Stripe did not say whether the key of {whose} works.", f"{LOOK_AGAIN}.")
    elif _is_news_missing(account):
        check = warning(
            PAYMENTS,
            f"{key} works, but Stripe has never told of a payment by itself, though it is to. Payments are seen a "
            "minute late at most.",
            "In Stripe look at the endpoint's failures, under Developers, Webhooks: address and signing secret.",
        )
    else:
        check = good(PAYMENTS, f"{key} works.")
    is_theirs = account.store is not None and check.state == State.BAD
    return replace(check, state=State.WARN) if is_theirs else check


def further_checks(accounts: Collection[PaymentAccount], has_site_key: bool, is_demo: bool) -> Iterator[Check]:
    """The site's key that is not known yet, live and test side by side, and products for which no card is taken."""
    if has_site_key and current_account(None) is None:
        yield warning(PAYMENTS, "STRIPE_SECRET_KEY is set, but was not tried yet.", "The worker does within a minute.")
    modes = {account.livemode for account in accounts}
    if len(modes) == 2:
        yield warning(
            PAYMENTS,
            "Some stores take real money and some only test payments.",
            "If one was forgotten, its coach pastes a live key: Card payments, in the store.",
        )
    elif modes == {False} and not is_demo:
        yield warning(
            PAYMENTS, "All keys are test keys: no real money is paid.", "Coaches paste a live key: Card payments."
        )
    for store, on_sale in on_sale_by_card(None).items():
        if can_take_cards(store):
            continue
        products = "one product" if len(on_sale) == 1 else f"{len(on_sale)} products"
        yield warning(
            PAYMENTS,
            f"“{store.name}” sells {products} by card, and no card can be taken for it.",
            f"Its coach connects an account: `/store/{store.slug}/payments`. Or lend it the site's: "
            "`/admin/payment-accounts`",
        )


def _whose(account: PaymentAccount) -> tuple[str, str]:
    """Whose account it is, and what mends its key."""
    if account.store is None:
        return "this site", f"Make one at Stripe, under Developers, API keys. {change('STRIPE_SECRET_KEY')}"
    return f"“{account.store.name}”", f"Its coach looks at it: `/store/{account.store.slug}/payments`"


def _is_news_missing(account: PaymentAccount) -> bool:
    """True where events are to come, a payment was made long enough ago, and nothing ever came."""
    if not account.webhook_secret or account.webhook_heard_at or not account.checked_at:
        return False
    before = account.checked_at - LATE_NEWS
    mine = Payment.payment_account == account, Payment.state == "paid", Payment.paid_at < before
    return bool(Payment.select().where(*mine, Payment.begun_at > account.added_at).exists())
