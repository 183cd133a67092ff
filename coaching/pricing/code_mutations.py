"""Changes of discount codes. Each waits for the store's owner, behind whom bookings queue up, too."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from peewee import IntegrityError

from coaching.accounts.form_key_mutations import keep_result
from coaching.accounts.form_key_queries import find_result
from coaching.accounts.lock_mutations import lock_person
from coaching.catalog import store_mutations
from coaching.catalog.details import StoreDetails
from coaching.catalog.models import Product, Store
from coaching.catalog.queries import get_own_store
from coaching.db import database
from coaching.errors import ChangedMeanwhile, CodeInUse, LimitReached
from coaching.money import in_other_currency
from coaching.pricing.code_queries import codes_of, get_code_by_id, kept_code
from coaching.pricing.code_rules import MOST_CODES
from coaching.pricing.details import CodeDetails
from coaching.pricing.models import DiscountCode, DiscountProduct


def add_code(store: Store, details: CodeDetails, form_key: str, now: datetime) -> DiscountCode:
    """A new code; the same form sent twice gives the first one again. CodeInUse where the store has it already."""
    with database.atomic():
        lock_person(store.owner)
        if number := find_result(store.owner, "discount code", form_key):
            return get_code_by_id(store, int(number))
        if len(codes_of(store)) >= MOST_CODES:
            raise LimitReached(f"A store can have at most {MOST_CODES} codes. Change one that is over.")
        discount = DiscountCode(store=store, made_at=now)
        _write(discount, store, details)
        keep_result(store.owner, "discount code", form_key, str(discount.id), now)
        return discount


def save_code(store: Store, number: int, details: CodeDetails, seen: CodeDetails | None = None) -> DiscountCode:
    """The code counts like this from now on. ChangedMeanwhile when another one than `seen` is kept."""
    with database.atomic():
        lock_person(store.owner)
        discount = get_code_by_id(store, number)
        if seen is not None and kept_code(discount) not in (seen, details):
            raise ChangedMeanwhile
        _write(discount, store, details)
        return discount


def switch_code(store: Store, number: int, is_active: bool) -> None:
    """The code counts, or counts no more; what was booked with it stays as it is."""
    with database.atomic():
        lock_person(store.owner)
        discount = get_code_by_id(store, number)
        DiscountCode.update(is_active=is_active).where(DiscountCode.id == discount.id).execute()


def save_store(store: Store, details: StoreDetails, now: datetime, seen: str | None = None) -> None:
    """The store's settings, as in catalog/store_mutations.py; its codes keep their numbers in another currency.

    Prices do so there; the catalog lies below and knows of no codes.
    """
    with database.atomic():
        before = get_own_store(store.owner, store.slug).currency
        store_mutations.save_store(store, details, now, seen)
        if before == details.currency:
            return
        for discount_code in DiscountCode.select().where(
            DiscountCode.store == store, DiscountCode.amount_cents.is_null(False)
        ):
            discount_code.amount_cents = in_other_currency(discount_code.amount_cents or 0, before, details.currency)
            discount_code.save(only=[DiscountCode.amount_cents])


def _write(discount: DiscountCode, store: Store, details: CodeDetails) -> None:
    zone = ZoneInfo(store.zone)
    discount.code = details.code
    discount.percent, discount.amount_cents = details.percent, details.amount_cents
    discount.from_at = _start_of(details.from_on, zone) if details.from_on else None
    discount.until_at = _start_of(details.until_on + timedelta(days=1), zone) if details.until_on else None
    discount.most_uses, discount.most_per_person = details.most_uses, details.most_per_person
    discount.first_booking_only = details.first_booking_only
    try:
        with database.atomic():
            discount.save()
    except IntegrityError:
        raise CodeInUse from None
    DiscountProduct.delete().where(DiscountProduct.discount_code == discount).execute()
    own = Product.select(Product.id).where(Product.store == store, Product.id.in_(details.product_ids))
    for product in own:
        DiscountProduct.create(discount_code=discount, product=product)


def _start_of(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
