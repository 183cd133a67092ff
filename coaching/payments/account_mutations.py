"""Payment accounts: keys are kept, tried, replaced, put aside and forgotten; who may use the site's own."""

from datetime import datetime

from coaching.accounts import event_mutations as events
from coaching.accounts.form_key_mutations import keep_result
from coaching.accounts.form_key_queries import find_result
from coaching.accounts.models import Person
from coaching.catalog.models import Store
from coaching.db import database, new_code
from coaching.errors import ChangedMeanwhile
from coaching.payments.account_keys import KeyResult, right_named, rights_lacking
from coaching.payments.account_queries import (
    accounts_of,
    current_account,
)
from coaching.payments.checkout_rules import UNDER_WAY
from coaching.payments.models import Payment, PaymentAccount
from coaching.payments.provider_parts import Fault
from coaching.payments.remainder_queries import has_payments, spent_accounts
from coaching.payments.restore_queries import unread_since

FOUND_BY_TRYING = (
    *(PaymentAccount.fault, PaymentAccount.checked_at, PaymentAccount.lacks),
    *(PaymentAccount.provider_account_id, PaymentAccount.name),
)


def save_store_key(
    store: Store,
    key: str,
    result: KeyResult,
    seen: str,
    form_key: str,
    person: Person,
    now: datetime,
) -> PaymentAccount:
    """New payments for the store are made with this key; `result` is what trying it has shown.

    1. A form sent twice gives the first account again; ChangedMeanwhile when the page showed another one than is kept.
    2. A key of an account that is known takes the place of its older one: what was paid on it can still be refunded.
    3. Otherwise it is a new account, and the one before it stays for looking up and refunding what was paid on it.
    """
    with database.atomic():
        _queue_up(store)
        if code := find_result(person, "payment key", form_key):
            return PaymentAccount.get(PaymentAccount.code == code)
        before = current_account(store)
        if seen != (before.code if before else ""):
            raise ChangedMeanwhile("Another key was saved in another window meanwhile. Nothing was kept. Look at it.")
        account = _adopt(store, key, result, now)
        keep_result(person, "payment key", form_key, account.code, now)
        events.note("payment key saved", now, store.owner, _described(account), actor=person)
    return account


def save_site_key(key: str, result: KeyResult, now: datetime) -> PaymentAccount:
    """New payments on the site's own account are made with this key of the environment."""
    with database.atomic():
        account = _adopt(None, key, result, now)
        events.note("payment key saved", now, detail=_described(account))
    return account


def record_try(account: PaymentAccount, result: KeyResult) -> None:
    """What trying the account's key again has shown, unless it has another key by now."""
    with database.atomic():
        current: PaymentAccount = PaymentAccount.get_by_id(account.id)
        if current.key != account.key:
            return
        _copy_result(account, result)
        account.save(only=FOUND_BY_TRYING)


def record_key_fault(account: PaymentAccount, fault: str, right: str = "") -> None:
    """A call with the account's key was refused: the key itself, or for lack of this right."""
    values: dict[object, object] = {PaymentAccount.fault: fault}
    if right:
        values[PaymentAccount.lacks] = ",".join(sorted({*rights_lacking(account.lacks), right_named(right)}))
    PaymentAccount.update(values).where(PaymentAccount.id == account.id).execute()


def put_aside(account: PaymentAccount, person: Person | None, now: datetime) -> None:
    """No new payments are begun on it. It can be looked up and refunded; with nothing paid on it, its key is gone."""
    with database.atomic():
        _put_aside(account, now)
        events.note("payment key put aside", now, _owner(account), _described(account), actor=person)


def forget_key(account: PaymentAccount, person: Person | None, now: datetime) -> None:
    """The account's key is gone. What was under way on it has come to nothing here.

    What is owed on it is handed to its coach when it is due: refunds look at the account's state.
    """
    with database.atomic():
        unknown = Payment.payment_account == account, Payment.state.in_(UNDER_WAY)
        Payment.update(state="failed", fault="key_removed", next_ask_at=None).where(*unknown).execute()
        described = _described(account)
        _forget(account, now)
        events.note("payment key removed", now, _owner(account), described, actor=person)


def forget_spent_keys(now: datetime) -> int:
    """Older keys with which nothing can be refunded any more are gone; how many were."""
    spent = spent_accounts(now)
    for account in spent:
        forget_key(account, None, now)
    return len(spent)


def save_signing_secret(account: PaymentAccount, secret: str) -> None:
    """Events about this account are signed with this secret."""
    PaymentAccount.update(webhook_secret=secret).where(PaymentAccount.id == account.id).execute()
    account.webhook_secret = secret


def record_webhook(account: PaymentAccount, reference: str, secret: str) -> None:
    """The provider sends its events to an endpoint that was made for us."""
    account.webhook_id, account.webhook_secret, account.webhook_heard_at = reference, secret, None
    account.save(only=[PaymentAccount.webhook_id, PaymentAccount.webhook_secret, PaymentAccount.webhook_heard_at])


def allow_site_account(store: Store, is_allowed: bool, admin: Person, reason: str, now: datetime) -> None:
    """Students of the store pay on the site's own account, or do so no longer; `admin` has said why."""
    with database.atomic():
        unlike = Store.may_use_site_account != is_allowed
        if Store.update(may_use_site_account=is_allowed).where(Store.id == store.id, unlike).execute():
            kind = "site account allowed" if is_allowed else "site account withdrawn"
            events.note(kind, now, store.owner, f"{store.slug}: {reason}", actor=admin)


def _adopt(store: Store | None, key: str, result: KeyResult, now: datetime) -> PaymentAccount:
    known = accounts_of(store)
    account = next((account for account in known if _is_same(account, key, result)), None)
    if account is None:
        account = PaymentAccount(code=new_code(20), store=store, added_at=now, read_since=unread_since(now))
    for other in known:
        if other.id != account.id and other.state == "current":
            _put_aside(other, now)
    account.key, account.key_last4, account.livemode, account.state = key, key[-4:], result.livemode, "current"
    _copy_result(account, result)
    account.save()
    return account


def _is_same(known: PaymentAccount, key: str, result: KeyResult) -> bool:
    """True where a key opens an account that is known: it is the same key, or its provider says so."""
    is_known = bool(result.account_id) and known.provider_account_id == result.account_id
    return known.key == key or (is_known and known.livemode == result.livemode)


def _copy_result(account: PaymentAccount, result: KeyResult) -> None:
    account.checked_at = result.at
    # A provider that says nothing does not take back that it has refused the key, or what the key lacks.
    if result.fault in ("", Fault.KEY_REFUSED) or account.fault != Fault.KEY_REFUSED:
        account.fault = result.fault
    if not result.fault:
        account.lacks = ",".join(result.lacks)
        account.provider_account_id = result.account_id or account.provider_account_id
        account.name = result.name or account.name


def _put_aside(account: PaymentAccount, now: datetime) -> None:
    if has_payments(account):
        PaymentAccount.update(state="older").where(PaymentAccount.id == account.id).execute()
        account.state = "older"
    else:
        _forget(account, now)


def _forget(account: PaymentAccount, now: datetime) -> None:
    account.key, account.webhook_secret, account.state, account.removed_at = "", "", "removed", now
    account.save()


def _queue_up(store: Store) -> None:
    Store.update(slug=Store.slug).where(Store.id == store.id).execute()


def _owner(account: PaymentAccount) -> Person | None:
    return account.store.owner if account.store else None


def _described(account: PaymentAccount) -> str:
    whose = account.store.slug if account.store else "the site"
    return f"{whose}: {'live' if account.livemode else 'test'}, ends in {account.key_last4}"
