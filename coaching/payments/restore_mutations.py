"""After a database was put back: what providers have done since is written down, so that nothing is done twice."""

import logging
from datetime import datetime, timedelta

from coaching.db import database
from coaching.now import Now
from coaching.payments.causes import Cause
from coaching.payments.checkout_rules import UNDER_WAY
from coaching.payments.claim_mutations import free_claims
from coaching.payments.models import Payment, PaymentAccount, Refund
from coaching.payments.provider_parts import Checkout, ProviderRefund, RefundState
from coaching.payments.restore_queries import (
    MARGIN,
    PAYMENTS,
    RESTORED_TO,
    find_sold_seat,
    is_same_account,
    last_alive_at,
)
from coaching.payments.restore_rules import OVER, is_ours, kept_facts, sold_by
from coaching.runtime.mutations import record_heartbeat
from coaching.runtime.queries import clock_offset, last_heartbeat

logger = logging.getLogger(__name__)

# A worker that was away for longer may have come back to an older database: a file that was copied by hand.
LONGEST_SILENCE = timedelta(minutes=10)
# Whoever is woken more often than once a minute need not say each time that they live.
LEAST_PAUSE = timedelta(seconds=50)
# These we have not seen at the provider, or not to their end.
_UNSENT = ("owed", "asked", "pending")
_STATES = {RefundState.PENDING: "pending", RefundState.SUCCEEDED: "succeeded", RefundState.FAILED: "failed"}


def read_again(now: Now) -> int:
    """Nothing is paid back on any account until what its provider did since the backup has been read; how many.

    What was claimed is free, and what was under way is asked about at once.
    """
    with database.atomic():
        since = last_alive_at()
        accounts = [
            payment_account.id for payment_account in PaymentAccount.select().where(PaymentAccount.state != "removed")
        ]
        _want_reading(since)
        Payment.update(claimed_until=None, next_ask_at=now.product).where(Payment.state.in_(UNDER_WAY)).execute()
        free_claims()
    return len(accounts)


def notice_silence(now: datetime) -> None:
    """Each minute: that providers are asked. After a silence their doings since are read before any money goes back."""
    last = last_heartbeat(PAYMENTS)
    if last and abs(now - last) < LEAST_PAUSE:
        return
    with database.atomic():
        if last and last < now - LONGEST_SILENCE:
            logger.info("providers were not asked for a while", extra={"since": last.isoformat()})
            _want_reading(last)
        record_heartbeat(PAYMENTS, now)


def record_found_checkout(account: PaymentAccount, checkout: Checkout, given_back_cents: int, now: datetime) -> None:
    """A payment of ours at its provider has its row, and is asked about next; what follows is for that to work out.

    One of which something has gone back already takes no time any more: its coach is asked what is to become of it.
    """
    if not is_ours(checkout.facts) or checkout.livemode != account.livemode:
        return
    with database.atomic():
        known = _known(checkout)
        if known and (known.state == "paid" or not is_same_account(known, account)):
            return
        if checkout.state in OVER:
            if known and known.state in UNDER_WAY:
                Payment.update(next_ask_at=now).where(Payment.id == known.id).execute()
            return
        values: dict[str, object] = {
            **{"reference": checkout.reference, "charge_reference": checkout.charge_reference},
            **{"next_ask_at": now, "claimed_until": None, "facts": kept_facts(checkout)},
        }
        if given_back_cents:
            values |= {"state": "paid", "paid_at": checkout.made_at, "next_ask_at": None, "seat": None}
        elif known is None or known.state not in UNDER_WAY:
            values["state"] = "open"
        if known:
            Payment.update(**values).where(Payment.id == known.id).execute()
        else:
            _add(account, checkout, values)


def record_found_refund(account: PaymentAccount, provider_refund: ProviderRefund, now: datetime) -> None:
    """A refund at its provider of a payment that we know has its row: so much has gone back, for whatever cause."""
    payment: Payment | None = Payment.get_or_none(Payment.charge_reference == provider_refund.charge_reference)
    if payment is None or not is_same_account(payment, account):
        return
    with database.atomic():
        state = _STATES[provider_refund.state]
        is_settled = state != "pending"
        reported: dict[str, object] = {
            **{"state": state, "reference": provider_refund.reference, "claimed_until": None},
            # What has succeeded can still fail, and is looked at again like any other.
            **{"settled_at": now if is_settled else None, "next_ask_at": None if state == "failed" else now},
        }
        known = _known_refund(payment, provider_refund)
        if known is None:
            Refund.create(
                payment=payment,
                key=_key_for(payment, provider_refund),
                cause=_cause_of(provider_refund),
                amount_cents=provider_refund.amount_cents,
                owed_at=provider_refund.made_at,
                due_at=provider_refund.made_at,
                asked_at=provider_refund.made_at,
                **reported,
            )
        elif known.state in _UNSENT:
            Refund.update(amount_cents=provider_refund.amount_cents, **reported).where(Refund.id == known.id).execute()


def record_read(account: PaymentAccount) -> None:
    """All since then has been read: money can go back again. Not where more has to be read meanwhile."""
    is_same = (PaymentAccount.id == account.id) & (PaymentAccount.read_since == account.read_since)
    PaymentAccount.update(read_since=None).where(is_same).execute()


def _want_reading(since: datetime | None) -> None:
    """`since` is the machine's; without it everything since an account was added is read."""
    for account in PaymentAccount.select().where(PaymentAccount.state != "removed"):
        from_at = since - MARGIN + clock_offset() if since else account.added_at
        read_since = min(from_at, account.read_since or from_at)
        PaymentAccount.update(read_since=read_since).where(PaymentAccount.id == account.id).execute()
    if since:
        record_heartbeat(RESTORED_TO, since)


def _known(checkout: Checkout) -> Payment | None:
    by_reference: Payment | None = Payment.get_or_none(Payment.reference == checkout.reference)
    by_key: Payment | None = Payment.get_or_none(Payment.key == checkout.facts["payment"], Payment.reference.is_null())
    return by_reference or by_key


def _add(account: PaymentAccount, checkout: Checkout, values: dict[str, object]) -> None:
    key = checkout.facts["payment"]
    if Payment.select().where(Payment.key == key).exists():
        key = f"restored:{checkout.reference}"
    Payment.create(
        **{"seat": find_sold_seat(account, sold_by(kept_facts(checkout)), checkout)} | values,
        payment_account=account,
        provider="stripe",
        amount_cents=checkout.amount_cents,
        currency=checkout.currency,
        livemode=checkout.livemode,
        key=key,
        begun_at=checkout.made_at,
    )


def _known_refund(payment: Payment, provider_refund: ProviderRefund) -> Refund | None:
    same: Refund | None = Refund.get_or_none(Refund.reference == provider_refund.reference)
    if same:
        return same
    key = provider_refund.facts.get("refund")
    meant: Refund | None = Refund.get_or_none(Refund.key == key, Refund.payment == payment, Refund.reference.is_null())
    return meant if key else None


def _key_for(payment: Payment, provider_refund: ProviderRefund) -> str:
    """The key under which it was owed, so that it is not owed again; of a seat that is gone one that nobody gives."""
    key = provider_refund.facts.get("refund")
    is_free = key and payment.seat_id and not Refund.select().where(Refund.key == key).exists()
    return key if key and is_free else f"restored:{provider_refund.reference}"


def _cause_of(provider_refund: ProviderRefund) -> str:
    cause = provider_refund.facts.get("cause", "")
    return cause if cause in Cause._value2member_map_ else Cause.BY_COACH
