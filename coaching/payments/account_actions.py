"""Trying keys at their provider, and having events sent here; no transaction is open while it is asked."""

import logging
from datetime import datetime, timedelta
from hashlib import sha256

from coaching.accounts.models import Person
from coaching.catalog.models import Store
from coaching.errors import PaymentKeyRefused
from coaching.payments.account_keys import KeyResult, is_live
from coaching.payments.account_mutations import (
    forget_key,
    forget_spent_keys,
    put_aside,
    record_try,
    record_webhook,
    save_signing_secret,
    save_site_key,
    save_store_key,
)
from coaching.payments.account_queries import accounts_to_try, current_account, is_key_lost, is_usable
from coaching.payments.event_mutations import forget_events
from coaching.payments.models import PaymentAccount
from coaching.payments.provider import Fault, ProviderError, ProviderOf
from coaching.vault import Unreadable

TRY_AGAIN_AFTER = timedelta(hours=1)
MOST_TRIED = 3  # a minute
LOST = "This key cannot be read: the key of this site that it was encrypted with is missing. Paste it once more."

logger = logging.getLogger(__name__)

REFUSED = "Stripe does not know this key. Nothing was kept. Copy it once more: all of it, and from the right account."
NO_ANSWER = "Stripe gives no answer right now, so the key could not be tried. Nothing was kept. Try again in a minute."
STILL_LACKS = (
    "This key lacks {}. Nothing was kept, and the key that you have goes on working. Give the new one that right in "
    "Stripe, then paste it again."
)
NO_ENDPOINT = "Stripe did not make the endpoint ({}). Everything works without; or make it by hand, as it says below."


def connect_key(
    provider_of: ProviderOf, store: Store, key: str, seen: str, form_key: str, person: Person, now: datetime
) -> tuple[PaymentAccount, KeyResult]:
    """The store's new payments are made with this key, which has been tried; PaymentKeyRefused with what is wrong.

    One that lacks a right is kept only where no other one works: then its owner can mend it and try again.
    """
    result = try_out(provider_of, key, now)
    if result.fault:
        raise PaymentKeyRefused(REFUSED if result.fault == Fault.KEY_REFUSED else NO_ANSWER)
    present = current_account(store)
    if result.lacks and present and present.key != key and is_usable(present):
        raise PaymentKeyRefused(STILL_LACKS.format(" and ".join(f"“{right}”" for right in result.lacks)))
    return save_store_key(store, key, result, seen, form_key, person, now), result


def try_again(provider_of: ProviderOf, account: PaymentAccount, now: datetime) -> KeyResult:
    """What the account's key can do now, written down."""
    if is_key_lost(account):
        return KeyResult(now, account.livemode, fault=Fault.KEY_REFUSED)
    result = try_out(provider_of, account.key, now)
    record_try(account, result)
    return result


def try_out(provider_of: ProviderOf, key: str, now: datetime) -> KeyResult:
    """What the key can do; `fault` where its provider refuses it, or says nothing."""
    try:
        report = provider_of(key).try_key()
    except ProviderError as error:
        logger.info("payment key not tried", extra={"fault": error.fault, "reason": error.message})
        return KeyResult(now, is_live(key), fault=error.fault)
    return KeyResult(
        now,
        report.livemode,
        account_id=report.account_id,
        name=report.name,
        lacks=report.lacks,
        can_make_webhooks=report.can_make_webhooks,
    )


def make_endpoint(provider_of: ProviderOf, account: PaymentAccount, address: str) -> None:
    """The provider sends its events to `address`, or PaymentKeyRefused. One that was made before is removed."""
    if is_key_lost(account):
        raise PaymentKeyRefused(LOST)
    provider, before = provider_of(account.key), account.webhook_id
    try:
        # The same for a second press, and where the answer was lost; another one after each that was made.
        where = sha256(address.encode()).hexdigest()[:16]
        made = provider.make_webhook(address, f"endpoint {account.code} {before} {where}")
    except ProviderError as error:
        raise PaymentKeyRefused(NO_ENDPOINT.format(error.message or error.fault)) from None
    record_webhook(account, made.reference, made.secret)
    if before != made.reference:
        _remove_endpoint(provider_of, account.key, before)


def stop_taking(provider_of: ProviderOf, account: PaymentAccount, person: Person, now: datetime) -> None:
    """No new payments are begun on the account; one on which nothing was paid is gone."""
    key = account.key
    put_aside(account, person, now)
    if account.state == "removed":
        _remove_endpoint(provider_of, key, account.webhook_id)


def remove_key(provider_of: ProviderOf, account: PaymentAccount, person: Person, now: datetime) -> None:
    """The account's key is gone, and with it the endpoint that was made by it."""
    key = account.key
    forget_key(account, person, now)
    _remove_endpoint(provider_of, key, account.webhook_id)


def look_after_accounts(provider_of: ProviderOf, key: str | None, webhook_secret: str | None, now: datetime) -> None:
    """The site's own account is that of the environment, and keys and events that nothing needs are forgotten.

    What kept a key from working may have been mended at its provider: now and then it is tried again.
    """
    keep_site_account(provider_of, key, webhook_secret, now)
    for account in accounts_to_try(now - TRY_AGAIN_AFTER, MOST_TRIED):
        try_again(provider_of, account, now)
    forget_spent_keys(now)
    forget_events(now)


def keep_site_account(provider_of: ProviderOf, key: str | None, webhook_secret: str | None, now: datetime) -> None:
    """The site's own account is that of the environment. Asks nobody while it is: it may be called each minute."""
    present = current_account(None)
    if key is None:
        if present:
            put_aside(present, None, now)
        return
    if present is None or present.key != key:
        result = try_out(provider_of, key, now)
        if result.fault not in ("", Fault.KEY_REFUSED):
            return  # the next minute asks again
        present = save_site_key(key, result, now)
    if webhook_secret and present.webhook_secret != webhook_secret:
        save_signing_secret(present, webhook_secret)


def _remove_endpoint(provider_of: ProviderOf, key: str, reference: str) -> None:
    """It is gone, if the key still may. Otherwise what it sends is sent to nobody."""
    if not key or not reference or isinstance(key, Unreadable):
        return
    try:
        provider_of(key).remove_webhook(reference)
    except ProviderError as error:
        logger.info("payment endpoint not removed", extra={"fault": error.fault, "reason": error.message})
