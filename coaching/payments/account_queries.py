"""Which payment accounts there are, how they stand, and on which of them a new payment is made."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from peewee import Expression, Field, ModelSelect, fn

from coaching.catalog.models import Store
from coaching.db import is_among
from coaching.errors import NotFound
from coaching.paging import page_of
from coaching.payments.models import Payment, PaymentAccount
from coaching.payments.provider_parts import Fault
from coaching.reading import Selection, given
from coaching.vault import Unreadable


def can_take_cards(store: Store) -> bool:
    """True where a student of the store can be sent to pay by card now."""
    return account_for(store) is not None


def account_for(store: Store) -> PaymentAccount | None:
    """The account on which a new payment for the store is made; None where cards cannot be taken now.

    It is the store's own, once it has one: money for a store whose key does not work must not go elsewhere. Without
    one it is the site's, where an admin allows it.
    """
    account = current_account(store)
    if account is None and store.may_use_site_account:
        account = current_account(None)
    return account if account and is_usable(account) else None


def is_usable(account: PaymentAccount) -> bool:
    """True where new payments can be begun on it, and given back."""
    return (
        account.state == "current"
        and not account.lacks
        and account.fault != Fault.KEY_REFUSED
        and not is_key_lost(account)
    )


def is_key_lost(account: PaymentAccount) -> bool:
    """True where the key that the account's key was encrypted with is missing."""
    return isinstance(account.key, Unreadable)


def current_account(store: Store | None) -> PaymentAccount | None:
    """The newest account of the store that is not an older one, whether it works or not; None means the site's own."""
    if store is None:
        return _OF_SITE.first()
    payment_account: PaymentAccount | None = _current(store).first()
    return payment_account


def accounts_of(store: Store | None) -> list[PaymentAccount]:
    """The accounts whose keys are kept, the newest first; None means the site's own."""
    return list(_accounts(store).where(PaymentAccount.state != "removed"))


def find_account(code: str) -> PaymentAccount | None:
    """The account with this code, of whomever, unless its key has been removed."""
    return PaymentAccount.get_or_none(PaymentAccount.code == code, PaymentAccount.state != "removed")


def accounts_to_try(before: datetime, most: int) -> list[PaymentAccount]:
    """Accounts on which nothing can be paid though it ought to be, and whose keys were last tried before then."""
    return [account for account in _TO_TRY.all(before=before, most=most) if not is_key_lost(account)]


def accounts_paid_on(ids: Collection[int]) -> list[PaymentAccount]:
    """Those of the accounts on which something was paid."""
    if not ids:
        return []
    paid = Payment.select().where(Payment.payment_account == PaymentAccount.id, Payment.state == "paid")
    payment_accounts = PaymentAccount.select().where(PaymentAccount.id.in_(ids), fn.EXISTS(paid))
    return list(payment_accounts.order_by(PaymentAccount.id))


def may_be_to_read(read_at: Field) -> Expression:
    """`is_to_read` is worth asking, in a statement that is handed `now`, an hour `before`, and which are `reported`."""
    is_lately: Expression = (read_at <= given("now")) & (read_at > given("before"))
    may_be: Expression = read_at.is_null() | ~is_lately | is_among(PaymentAccount.id, given("reported"))
    return may_be


def get_account_of(store: Store, code: str) -> PaymentAccount:
    """The store's account with this code, or NotFound."""
    account = find_account(code)
    if account is None or account.store_id != store.id:
        raise NotFound
    return account


@dataclass(frozen=True)
class StoreAccount:
    """A store, and the account of its own, if it has one, on which its new payments are made."""

    store: Store
    own: PaymentAccount | None


def stores_with_accounts(page: int, size: int) -> tuple[list[StoreAccount], bool]:
    """All stores page by page, the newest first; and whether there are more."""
    stores, has_more = page_of(Store.select().order_by(Store.id.desc()), page, size)
    current = PaymentAccount.select().where(PaymentAccount.store.in_(stores), PaymentAccount.state == "current")
    own = {account.store_id: account for account in current} if stores else {}
    return [StoreAccount(store, own.get(store.id)) for store in stores], has_more


def _accounts(store: Store | None) -> "ModelSelect[PaymentAccount]":
    whose = PaymentAccount.store == store if store else PaymentAccount.store.is_null()
    return PaymentAccount.select().where(whose).order_by(PaymentAccount.id.desc())


def _current(store: Store | None) -> "ModelSelect[PaymentAccount]":
    return _accounts(store).where(PaymentAccount.state == "current")


def _to_try() -> "ModelSelect[PaymentAccount]":
    is_in_trouble = (PaymentAccount.lacks != "") | (PaymentAccount.fault != "")
    is_due = PaymentAccount.checked_at.is_null() | (PaymentAccount.checked_at < given("before"))
    payment_accounts = PaymentAccount.select().where(PaymentAccount.state == "current", is_in_trouble, is_due)
    return payment_accounts.order_by(PaymentAccount.checked_at).limit(given("most"))


_OF_SITE: Selection[PaymentAccount] = Selection(lambda: _current(None).limit(1))
_TO_TRY: Selection[PaymentAccount] = Selection(_to_try)
