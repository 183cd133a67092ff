"""How the accounts stand on which payments are made, and what is sold by card where none can be taken."""

from collections.abc import Iterator
from datetime import timedelta

from peewee import JOIN, fn

from coaching.catalog.models import Product, Store
from coaching.checks import Check, State, bad, good, warning
from coaching.db import rows
from coaching.payments.account_keys import rights_lacking
from coaching.payments.account_queries import can_take_cards, current_account, is_key_lost
from coaching.payments.models import Payment, PaymentAccount
from coaching.payments.provider_parts import Fault
from coaching.remedies import change

NAME = "Payments"
# An event is there within seconds; one that has not come for so long after a payment does not come.
LATE_NEWS = timedelta(hours=1)


def accounts_in_use() -> list[PaymentAccount]:
    """The accounts on which new payments are made, the site's first."""
    current = PaymentAccount.select(PaymentAccount, Store).join(Store, JOIN.LEFT_OUTER)
    return list(
        current.where(PaymentAccount.state == "current").order_by(
            PaymentAccount.store.is_null(False), PaymentAccount.id
        )
    )


def account_check(account: PaymentAccount) -> Check:
    """How the account's key did when it was tried last. A store's own is its coach's to mend, and nothing bad here."""
    whose, remedy = _whose(account)
    mode = "live" if account.livemode else "test"
    key = f"The {mode} key of {whose} that ends in {account.key_last4}"
    if is_key_lost(account):
        found = bad(NAME, f"{key} cannot be read.", "Bring back the key it was encrypted with, or paste it anew.")
    elif account.fault == Fault.KEY_REFUSED:
        found = bad(NAME, f"{key} is not taken by Stripe any more: no card is.", remedy)
    elif lacks := rights_lacking(account.lacks):
        found = bad(NAME, f"{key} lacks {', '.join(lacks)}: no card is taken.", remedy)
    elif account.fault:
        found = warning(NAME, f"Stripe did not say whether the key of {whose} works.", "Look again in a few minutes.")
    elif _is_news_missing(account):
        found = warning(
            NAME,
            f"{key} works, but Stripe has never told of a payment by itself, though it is to. Payments are seen a "
            "minute late at most.",
            "In Stripe look at the endpoint's failures, under Developers, Webhooks: address and signing secret.",
        )
    else:
        found = good(NAME, f"{key} works.")
    is_theirs = account.store is not None and found.state == State.BAD
    return warning(found.name, found.sentence, found.remedy) if is_theirs else found


def further_checks(has_site_key: bool, is_demo: bool) -> Iterator[Check]:
    """The site's key that is not known yet, live and test side by side, and products for which no card is taken."""
    if has_site_key and current_account(None) is None:
        yield warning(NAME, "STRIPE_SECRET_KEY is set, but was not tried yet.", "The worker does within a minute.")
    modes = {account.livemode for account in accounts_in_use()}
    if len(modes) == 2:
        yield warning(
            NAME,
            "Some stores take real money and some only test payments.",
            "If one was forgotten, its coach pastes a live key: Card payments, in the store.",
        )
    elif modes == {False} and not is_demo:
        yield warning(
            NAME, "All keys are test keys: no real money is paid.", "Coaches paste a live key: Card payments."
        )
    for store, count in _stores_without_account():
        products = "one product" if count == 1 else f"{count} products"
        yield warning(
            NAME,
            f"“{store.name}” sells {products} by card, and no card can be taken for it.",
            f"Its coach connects an account: `/store/{store.slug}/payments`. Or lend it the site's: "
            "`/admin/payment-accounts`",
        )


def _stores_without_account() -> list[tuple[Store, int]]:
    by_card = Product.payment == "stripe", Product.state == "published"
    counted = Product.select(Product.store, fn.COUNT(Product.id)).where(*by_card).group_by(Product.store)
    counts = {store_id: int(count) for store_id, count in rows(counted)}
    stores = Store.select().where(Store.id.in_(list(counts))).order_by(Store.id) if counts else []
    return [(store, counts[store.id]) for store in stores if not can_take_cards(store)]


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
