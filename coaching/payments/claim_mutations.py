"""What a worker had claimed when it ended is taken up by the next one at once."""

from coaching.payments.models import Payment, Refund


def free_claims() -> int:
    """Whatever is claimed is free; how much was. Call it when a worker starts.

    Should another one be at it, both ask with the same key, which has its effect once.
    """
    payments = Payment.update(claimed_until=None).where(Payment.claimed_until.is_null(False)).execute()
    return int(payments) + int(Refund.update(claimed_until=None).where(Refund.claimed_until.is_null(False)).execute())
