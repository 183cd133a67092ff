"""Which payment accounts there are, on which of them a new payment is made, and what an older one is still for."""

from dataclasses import dataclass
from datetime import datetime

from peewee import JOIN, ModelSelect, fn

from coaching.booking.models import Seat
from coaching.catalog.models import Store
from coaching.errors import NotFound
from coaching.payments.checkout_rules import UNDER_WAY
from coaching.payments.models import Payment, PaymentAccount, Refund
from coaching.payments.money_queries import left_of
from coaching.payments.provider_parts import Fault
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
    found: PaymentAccount | None = _accounts(store).where(PaymentAccount.state == "current").first()
    return found


def accounts_of(store: Store | None) -> list[PaymentAccount]:
    """The accounts whose keys are kept, the newest first; None means the site's own."""
    return list(_accounts(store).where(PaymentAccount.state != "removed"))


def find_account(code: str) -> PaymentAccount | None:
    """The account with this code, of whomever, unless its key has been removed."""
    return PaymentAccount.get_or_none(PaymentAccount.code == code, PaymentAccount.state != "removed")


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


def stores_with_accounts(page: int, size: int) -> list[StoreAccount]:
    """All stores page by page, the newest first."""
    stores = list(Store.select().order_by(Store.id.desc()).paginate(page, size))
    current = PaymentAccount.select().where(PaymentAccount.store.in_(stores), PaymentAccount.state == "current")
    own = {account.store_id: account for account in current} if stores else {}
    return [StoreAccount(store, own.get(store.id)) for store in stores]


@dataclass(frozen=True)
class Remainder:
    """A payment on an account that could still be given back: `left_cents` of it, of which `owed_cents` are owed."""

    payment: Payment
    left_cents: int
    owed_cents: int


@dataclass(frozen=True)
class Remainders:
    """What removing an account's key would leave to be done by hand."""

    under_way: int  # payments of which it is not known yet what becomes of them
    refunds_under_way: int
    payments: list[Remainder]


def remainders_of(account: PaymentAccount) -> Remainders:
    """What could still come of the account's payments, the newest first."""
    mine = Payment.payment_account == account
    paid = Payment.select().where(mine, Payment.state == "paid").order_by(Payment.paid_at.desc())
    found = [Remainder(payment, left_of(payment), owed_of(payment)) for payment in paid]
    return Remainders(
        under_way=Payment.select().where(mine, Payment.state.in_(UNDER_WAY)).count(),
        refunds_under_way=Refund.select().join(Payment).where(mine, Refund.state.in_(("asked", "pending"))).count(),
        payments=[one for one in found if one.left_cents or one.owed_cents],
    )


def owed_of(payment: Payment) -> int:
    """What is owed of one payment and has not been sent, in the currency's smallest unit."""
    sums = Refund.select(fn.SUM(Refund.amount_cents)).where(Refund.payment == payment, Refund.state == "owed")
    return int(sums.scalar() or 0)


def has_payments(account: PaymentAccount) -> bool:
    """True where something was begun on the account that could have been paid."""
    tried = Payment.payment_account == account, Payment.state.not_in(("expired", "failed"))
    return bool(Payment.select().where(*tried).exists())


def spent_accounts(before: datetime) -> list[PaymentAccount]:
    """Older accounts on which nothing is under way or owed, and the last call that was paid ended before then."""
    older = PaymentAccount.select().where(PaymentAccount.state == "older")
    return [account for account in older if not _is_needed(account, before)]


def _is_needed(account: PaymentAccount, before: datetime) -> bool:
    mine = Payment.select().where(Payment.payment_account == account)
    if mine.where(Payment.state.in_(UNDER_WAY)).exists():
        return True
    unsent = Refund.state.in_(("owed", "asked", "pending"))
    if Refund.select().join(Payment).where(Payment.payment_account == account, unsent).exists():
        return True
    is_late = (Seat.ends_at > before) | (Payment.seat.is_null() & (Payment.paid_at > before))
    return bool(mine.join(Seat, JOIN.LEFT_OUTER).where(Payment.state == "paid", is_late).exists())


def _accounts(store: Store | None) -> "ModelSelect[PaymentAccount]":
    whose = PaymentAccount.store == store if store else PaymentAccount.store.is_null()
    return PaymentAccount.select().where(whose).order_by(PaymentAccount.id.desc())
