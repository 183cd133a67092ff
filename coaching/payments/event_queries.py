"""What a provider has told of by itself."""

from datetime import datetime

from coaching.db import rows
from coaching.payments.models import ProviderEvent


def disputes_told_of(since: datetime) -> dict[int, datetime]:
    """When the providers of accounts last told of a dispute since then, by account: they are to be read again."""
    return _told_of(since, "charge.dispute.")


def refunds_told_of(since: datetime) -> dict[int, datetime]:
    """When the providers of accounts last told of a refund since then, by account."""
    return _told_of(since, "refund.")


def _told_of(since: datetime, kinds: str) -> dict[int, datetime]:
    told = ProviderEvent.select(ProviderEvent.payment_account, ProviderEvent.heard_at)
    lately = told.where(ProviderEvent.heard_at >= since, ProviderEvent.kind.startswith(kinds))
    return dict(rows(lately.order_by(ProviderEvent.heard_at)))
