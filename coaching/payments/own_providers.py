"""What is paid to a coach directly, and what costs nothing: two providers that need no network to be asked. Pure.

They fill the port of provider.py, so that a seat's money is asked about, ended and given back the same way.
"""

from datetime import datetime

from coaching.payments.provider_parts import (
    Checkout,
    CheckoutState,
    Fault,
    Order,
    ProviderError,
    ProviderRefund,
    RefundState,
)


class OutsideProvider:
    """Money that a student gives their coach: that it came, `paid_at`, is known once the coach has ticked it.

    There is no page to pay on, and nothing can be sent back from here: a refund is the coach's to send and to tick.
    """

    def __init__(self, amount_cents: int, currency: str, begun_at: datetime, paid_at: datetime | None) -> None:
        self._amount_cents, self._currency = amount_cents, currency
        self._begun_at, self._paid_at = begun_at, paid_at

    def begin(self, order: Order, key: str, expires_at: datetime) -> Checkout:
        """What is asked for; paid already where the coach has ticked it."""
        return _checkout(key, self._state, order.total_cents, order.currency, order.facts, self._begun_at)

    def look_up(self, reference: str) -> Checkout:
        """What the coach has ticked."""
        return _checkout(reference, self._state, self._amount_cents, self._currency, {}, self._begun_at)

    def expire(self, reference: str) -> Checkout:
        """It is asked for no more; what has come stays."""
        if self._paid_at:
            raise ProviderError("the coach has the money", Fault.NOT_OPEN)
        return _checkout(reference, CheckoutState.EXPIRED, self._amount_cents, self._currency, {}, self._begun_at)

    def refund(
        self, charge_reference: str, amount_cents: int, currency: str, facts: dict[str, str], key: str
    ) -> ProviderRefund:
        """Owed, by hand."""
        if self._paid_at is None or amount_cents > self._amount_cents:
            raise ProviderError("more than the coach has", Fault.NOTHING_LEFT)
        return ProviderRefund(
            key, RefundState.BY_HAND, amount_cents, currency, charge_reference, facts, made_at=self._paid_at
        )

    @property
    def _state(self) -> CheckoutState:
        return CheckoutState.PAID if self._paid_at else CheckoutState.OPEN


class FreeProvider:
    """Nothing is to be paid: that is done from the beginning, and nothing of it can end or go back."""

    def __init__(self, currency: str, begun_at: datetime) -> None:
        self._currency, self._begun_at = currency, begun_at

    def begin(self, order: Order, key: str, expires_at: datetime) -> Checkout:
        if order.total_cents:
            raise ProviderError("what is free costs nothing", Fault.REFUSED)
        return _checkout(key, CheckoutState.PAID, 0, order.currency, order.facts, self._begun_at)

    def look_up(self, reference: str) -> Checkout:
        return _checkout(reference, CheckoutState.PAID, 0, self._currency, {}, self._begun_at)

    def expire(self, reference: str) -> Checkout:
        raise ProviderError("nothing is to be paid", Fault.NOT_OPEN)

    def refund(
        self, charge_reference: str, amount_cents: int, currency: str, facts: dict[str, str], key: str
    ) -> ProviderRefund:
        raise ProviderError("nothing was paid", Fault.NOTHING_LEFT)


OwnProvider = OutsideProvider | FreeProvider


def _checkout(
    reference: str, state: CheckoutState, amount_cents: int, currency: str, facts: dict[str, str], made_at: datetime
) -> Checkout:
    return Checkout(
        reference=reference,
        state=state,
        amount_cents=amount_cents,
        currency=currency,
        livemode=True,
        charge_reference=reference if state is CheckoutState.PAID and amount_cents else None,
        page_url="",
        facts=facts,
        made_at=made_at,
        expires_at=None,
    )
