"""Addresses of a product's page that ask for what stands on it, and keep what the present one brings along."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from flask import url_for

from blueprints import zones
from blueprints.storefront.again import asked_again
from blueprints.storefront.extras import carried
from coaching.catalog.models import Product

# Where the times begin.
BOOKING = "#booking"


def addresses_of(product: Product, brought: Mapping[str, str]) -> Callable[..., str]:
    """What makes the addresses of the product's page: of one picker dozens, which would cost more than its times.

    Each has what the present one, or a form that was filled in, has `brought` along.
    """
    plain = url_for("storefront.product", store=product.store.slug, product=product.slug)
    zone = None if zones.own_zone() else zones.asked_zone()
    kept = {name: value for name, value in (("zone", zone), ("again", asked_again())) if value}
    kept |= brought

    def address(**to: Any) -> str:
        asked = [f"{name}={quote(str(value), '/:')}" for name, value in (kept | to).items() if value is not None]
        return plain + ("?" + "&".join(asked) if asked else "")

    return address


def button_address(product: Product) -> str:
    """Where to come back to with a filled-in form: the page, down at its times; the bar is in sight from there."""
    return addresses_of(product, carried())() + BOOKING
