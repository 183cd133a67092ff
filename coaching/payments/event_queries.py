"""What a provider has told of by itself."""

from datetime import datetime

from coaching.payments.models import PaymentAccount, ProviderEvent


def was_told_of_dispute(account: PaymentAccount, since: datetime) -> bool:
    """True where the account's provider has told of a dispute since then: they are to be read again."""
    return _was_told_of(account, since, "charge.dispute.")


def was_told_of_refund(account: PaymentAccount, since: datetime) -> bool:
    """True where the account's provider has told of a refund since then."""
    return _was_told_of(account, since, "refund.")


def _was_told_of(account: PaymentAccount, since: datetime, kinds: str) -> bool:
    told = ProviderEvent.select().where(ProviderEvent.payment_account == account, ProviderEvent.heard_at >= since)
    return bool(told.where(ProviderEvent.kind.startswith(kinds)).exists())
