"""The port to payment providers: what we ask of one, what comes back, and how it can fail. Port."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Protocol

from coaching.payments.provider_parts import (
    Checkout,
    CheckoutState,
    Fault,
    KeyReport,
    Order,
    OrderLine,
    ProviderDispute,
    ProviderError,
    ProviderRefund,
    RefundState,
    Webhook,
)

# Mutations and pure files, which may not know a port, find these in provider_parts.py.
__all__ = [
    "AccountProvider",
    "Checkout",
    "CheckoutState",
    "Fault",
    "KeyReport",
    "Order",
    "OrderLine",
    "Provider",
    "ProviderDispute",
    "ProviderError",
    "ProviderOf",
    "ProviderRefund",
    "RefundState",
    "Webhook",
]


class Provider(Protocol):
    """What Greenroom asks of whoever takes money for a seat: each method is one call and may raise ProviderError.

    `key` makes a call that is sent twice have its effect once. What a provider cannot do its answers say: without a
    page to pay on `page_url` is empty, and what the coach has to send themselves is a refund BY_HAND. Two of them keep
    no books of their own (own_providers.py).
    """

    def begin(self, order: Order, key: str, expires_at: datetime) -> Checkout:
        """A payment that can be made from now on."""

    def look_up(self, reference: str) -> Checkout:
        """The payment as it is now."""

    def expire(self, reference: str) -> Checkout:
        """The payment can be made no more. ProviderError with NOT_OPEN where it ended or was made before."""

    def refund(
        self, charge_reference: str, amount_cents: int, currency: str, facts: dict[str, str], key: str
    ) -> ProviderRefund:
        """So much of it goes back. ProviderError with NOTHING_LEFT where more would than was paid."""


class AccountProvider(Provider, Protocol):
    """One account at a provider that keeps books of its own, as its key opens it: what is in them can be read again."""

    def look_up_refund(self, reference: str) -> ProviderRefund:
        """The refund as it is now."""

    def checkouts_since(self, at: datetime) -> Iterator[Checkout]:
        """Every payment begun since then, newest first; pages are asked for as they are needed."""

    def refunds_since(self, at: datetime) -> Iterator[ProviderRefund]:
        """Every refund made since then, newest first."""

    def disputes_since(self, at: datetime) -> Iterator[ProviderDispute]:
        """Every dispute opened since then, newest first."""

    def try_key(self) -> KeyReport:
        """Whose the key is, and which of the rights that we need it lacks. Nothing is changed by trying."""

    def make_webhook(self, address: str, key: str) -> Webhook:
        """An endpoint to which the provider sends the events that we listen to."""

    def remove_webhook(self, reference: str) -> None:
        """It sends no more. One that is gone already does no harm."""


# The provider of an account, by its key. Whoever starts the process hands it on, as with Discord.
ProviderOf = Callable[[str], AccountProvider]
