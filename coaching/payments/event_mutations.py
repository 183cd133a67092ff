"""What a provider has told of is written down, and the rows that it is about are asked about next."""

from datetime import datetime, timedelta
from typing import Any

from peewee import Expression

from coaching.db import REFUSED, database
from coaching.payments.checkout_rules import UNDER_WAY
from coaching.payments.events import WebhookEvent
from coaching.payments.models import Payment, PaymentAccount, ProviderEvent, Refund
from coaching.reading import Change, given

# Providers repeat an event for three days; twice is once for longer than that.
KEPT = timedelta(days=30)
MOST_FORGOTTEN = 1_000


def record_event(account: PaymentAccount, event: WebhookEvent, now: datetime) -> bool:
    """Whatever the event is about is asked about at once; False for one that was told before, and for another mode.

    Nothing else is believed of it. What belongs to another account, or is not known here, is left alone.
    """
    if event.livemode != account.livemode:
        return False
    with database.atomic():
        try:
            with database.atomic():
                ProviderEvent.create(event_id=event.event_id, kind=event.kind, payment_account=account, heard_at=now)
        except REFUSED:
            return False
        PaymentAccount.update(webhook_heard_at=now).where(PaymentAccount.id == account.id).execute()
        mine = Payment.payment_account == account
        # What is settled stays so; of a dispute the row of the event itself is the hint (event_queries.py).
        Payment.update(next_ask_at=now).where(mine, Payment.state.in_(UNDER_WAY), _names_payment(event)).execute()
        on_it = Payment.select(Payment.id).where(mine)
        Refund.update(next_ask_at=now).where(Refund.payment.in_(on_it), Refund.reference == event.object_id).execute()
    return True


def forget_events(now: datetime) -> int:
    """Events told of long ago are forgotten, so many at a time; how many were."""
    return _FORGET.run(before=now - KEPT)


def _forget() -> Any:
    old = ProviderEvent.select(ProviderEvent.id).where(ProviderEvent.heard_at < given("before")).limit(MOST_FORGOTTEN)
    return ProviderEvent.delete().where(ProviderEvent.id.in_(old))


_FORGET = Change(_forget)


def _names_payment(event: WebhookEvent) -> Expression:
    is_named = Payment.reference == event.object_id
    return is_named | (Payment.charge_reference == event.charge_reference) if event.charge_reference else is_named
