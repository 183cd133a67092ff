"""Which provider a payment account's key opens: today each is one of Stripe's."""

from collections.abc import Callable
from datetime import timedelta
from functools import cache

from coaching.payments.provider import AccountProvider, ProviderOf


def no_offset() -> timedelta:
    """The product's clock is the machine's."""
    return timedelta(0)


def open_provider_of(stripe_url: str, ahead: Callable[[], timedelta] = no_offset) -> ProviderOf:
    """What gives the provider of a key. `ahead` says how far the product's clock stands before the machine's."""

    @cache
    def opened() -> ProviderOf:
        # Imported at the first call: it takes half a second and 30 MB, which a site that sells nothing by card has not
        # to spare.
        from gateways.stripe import StripeProvider
        from gateways.stripe_transport import Transport

        transport = Transport()
        return lambda key: StripeProvider(key, stripe_url, transport, ahead())

    def provider_of(key: str) -> AccountProvider:
        return opened()(key)

    return provider_of
