"""Changes of the extras that are sold with a product."""

from datetime import datetime

from coaching.accounts.form_key_mutations import keep_result
from coaching.accounts.form_key_queries import find_result
from coaching.catalog.bump_queries import bumps_of, get_bump
from coaching.catalog.details import MOST_BUMPS, BumpDetails
from coaching.catalog.models import Bump, Product
from coaching.catalog.mutations import staying_complete
from coaching.catalog.picture_mutations import drop_if_unused, keep_picture
from coaching.catalog.queries import facts_of
from coaching.catalog.steps import payment_of
from coaching.errors import ChangedMeanwhile, LimitReached


def add_bump(product: Product, details: BumpDetails, form_key: str, now: datetime) -> Bump:
    """A new extra, behind the others; the same form sent twice gives the first one again.

    NotReadyToPublish where a call on sale would cost something by it, and nobody would know how to pay.
    """
    coach = product.store.owner
    with staying_complete([product]):
        if result := find_result(coach, "bump", form_key):
            first: Bump = Bump.get_by_id(int(result))
            return first
        others = bumps_of(product)
        if len(others) >= MOST_BUMPS:
            raise LimitReached(f"A call can have at most {MOST_BUMPS} extras. Remove one first.")
        bump = _insert(product, details, None, others[-1].position + 1 if others else 0, now)
        keep_result(coach, "bump", form_key, str(bump.id), now)
        _keep_payment(product, now)
        return bump


def save_bump(product: Product, bump_id: int, details: BumpDetails, now: datetime) -> Bump:
    """The extra is this from now on. What students have read is never changed in place: then it is another row.

    ChangedMeanwhile when it was changed or removed in another window since.
    """
    with staying_complete([product]):
        old = next((bump for bump in bumps_of(product) if bump.id == bump_id), None)
        if old is None:
            raise ChangedMeanwhile
        picture_id = old.picture_id
        if not details.picture and not details.removes_picture and _reads_the_same(old, details):
            Bump.update(gives=details.gives).where(Bump.id == old.id).execute()
            return get_bump(product, old.id)
        bump = _insert(product, details, old, old.position, now)
        Bump.update(retired_at=now).where(Bump.id == old.id).execute()
        if picture_id is not None and bump.picture_id != picture_id:
            drop_if_unused(picture_id)
        _keep_payment(product, now)
        return bump


def remove_bump(product: Product, bump_id: int, now: datetime) -> None:
    """It is offered no more; what was booked keeps it. Twice does no harm."""
    with staying_complete([product]):
        gone = Bump.update(retired_at=now).where(Bump.id == bump_id, Bump.product == product, Bump.retired_at.is_null())
        if gone.execute():
            _keep_payment(product, now)


def _reads_the_same(old: Bump, details: BumpDetails) -> bool:
    return (old.title, old.words, old.price_cents, old.is_refundable) == (
        *(details.title, details.words, details.price_cents, details.is_refundable),
    )


def _insert(product: Product, details: BumpDetails, old: Bump | None, position: int, now: datetime) -> Bump:
    picture = None if old is None or details.removes_picture else old.picture_id
    if details.picture:
        picture = keep_picture(product.store.owner, details.picture, now).id
    return Bump.create(
        product=product,
        title=details.title,
        words=details.words,
        price_cents=details.price_cents,
        picture=picture,
        position=position,
        is_refundable=details.is_refundable,
        gives=details.gives,
    )


def _keep_payment(product: Product, now: datetime) -> None:
    # A free call with a paid extra costs something from now on, or nothing any more.
    kept = Product.get_by_id(product.id)
    payment = payment_of(facts_of(kept).costs_money, kept.payment)
    Product.update(payment=payment, updated_at=now).where(Product.id == product.id).execute()
