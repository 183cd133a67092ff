"""Reads of discount codes."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from coaching.catalog.models import Product, Store
from coaching.errors import NotFound
from coaching.pricing.code_rules import CodeLimits, normal
from coaching.pricing.details import CodeDetails
from coaching.pricing.models import DiscountCode, DiscountProduct
from coaching.reading import Selection, Statement, given


def codes_of(store: Store) -> list[DiscountCode]:
    """The store's codes: those that count before those that are switched off, the newest first."""
    codes = DiscountCode.select().where(DiscountCode.store == store)
    return list(codes.order_by(DiscountCode.is_active.desc(), DiscountCode.id.desc()))


def get_code_by_id(store: Store, number: int) -> DiscountCode:
    """The store's own code, or NotFound."""
    discount_code: DiscountCode | None = DiscountCode.get_or_none(
        DiscountCode.store == store, DiscountCode.id == number
    )
    if discount_code is None:
        raise NotFound
    return discount_code


def find_code(store: Store, typed: str) -> DiscountCode | None:
    """The store's code that is meant by what somebody typed, whether or not it counts."""
    return _CODE.first(store=store.id, code=normal(typed))


def has_codes(product: Product) -> bool:
    """Whether there are codes for the product that have not been switched off."""
    return bool(_ACTIVE.rows(store=product.store.id, product=product.id))


def product_ids_of(discount: DiscountCode) -> frozenset[int]:
    """The products that it counts for; none for all of its store."""
    return frozenset(
        row.product_id for row in DiscountProduct.select().where(DiscountProduct.discount_code == discount)
    )


def limits_of(discount: DiscountCode) -> CodeLimits:
    """Within which limits it counts."""
    return CodeLimits(
        from_at=discount.from_at,
        until_at=discount.until_at,
        most_uses=discount.most_uses,
        most_per_person=discount.most_per_person,
        first_booking_only=discount.first_booking_only,
        is_active=discount.is_active,
        product_ids=product_ids_of(discount),
    )


def kept_code(discount: DiscountCode) -> CodeDetails:
    """The code as its form ends in; its days in the store's zone."""
    zone = ZoneInfo(discount.store.zone)
    return CodeDetails(
        code=discount.code,
        percent=discount.percent,
        amount_cents=discount.amount_cents,
        from_on=discount.from_at.astimezone(zone).date() if discount.from_at else None,
        until_on=(discount.until_at - timedelta(seconds=1)).astimezone(zone).date() if discount.until_at else None,
        most_uses=discount.most_uses,
        most_per_person=discount.most_per_person,
        first_booking_only=discount.first_booking_only,
        product_ids=product_ids_of(discount),
    )


_CODE: Selection[DiscountCode] = Selection(
    lambda: DiscountCode.select().where(DiscountCode.store == given("store"), DiscountCode.code == given("code"))
)


def _active() -> Any:
    codes = DiscountCode.select(DiscountCode.id).where(DiscountCode.store == given("store"), DiscountCode.is_active)
    limited = DiscountProduct.select(DiscountProduct.discount_code)
    for_it = limited.where(DiscountProduct.product == given("product"))
    return codes.where(DiscountCode.id.not_in(limited) | DiscountCode.id.in_(for_it)).limit(1)


_ACTIVE = Statement(_active)
