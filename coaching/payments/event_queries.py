"""What a provider has told of by itself."""

from datetime import datetime

from peewee import ModelSelect

from coaching.payments.models import ProviderEvent
from coaching.reading import Selection, given


def dispute_events(since: datetime) -> dict[int, datetime]:
    """When the providers of accounts last told of a dispute since then, by account: they are to be read again."""
    return _events_of(since, "charge.dispute.")


def refund_events(since: datetime) -> dict[int, datetime]:
    """When the providers of accounts last told of a refund since then, by account."""
    return _events_of(since, "refund.")


def _events_of(since: datetime, kinds: str) -> dict[int, datetime]:
    return dict(_LATELY.all(since=since, kinds=f"{kinds}%"))


def _lately() -> "ModelSelect[ProviderEvent]":
    events = ProviderEvent.select(ProviderEvent.payment_account, ProviderEvent.heard_at)
    lately = events.where(ProviderEvent.heard_at >= given("since"), ProviderEvent.kind ** given("kinds"))
    return lately.order_by(ProviderEvent.heard_at).tuples()


_LATELY: Selection[tuple[int, datetime]] = Selection(_lately)
