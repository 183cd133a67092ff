from datetime import UTC, datetime
from io import BytesIO

import pytest
from PIL import Image

from coaching.catalog import bump_mutations as mutations
from coaching.catalog.bump_queries import bumps_of
from coaching.catalog.details import BumpDetails, StoreDetails
from coaching.catalog.models import Bump, Picture, Product
from coaching.catalog.picture_queries import get_picture
from coaching.catalog.store_mutations import move_stores
from coaching.catalog.web_pictures import WebPicture
from coaching.errors import ChangedMeanwhile, LimitReached, NotFound, NotReadyToPublish
from coaching.pricing.code_mutations import save_store
from coaching.pricing.models import DiscountCode
from tests import factories

NOW = datetime(2027, 3, 8, 8, 0, tzinfo=UTC)
NOTES = BumpDetails("Notes", 1500, "Two pages.", gives="https://example.com/a")


@pytest.fixture
def product(alice):
    return factories.make_product(coach=alice)


def picture_of(colour):
    data = BytesIO()
    Image.new("RGB", (8, 4), colour).save(data, "WEBP")
    return WebPicture(data.getvalue(), 8, 4)


def test_what_students_have_read_of_an_extra_is_never_changed_in_place(product):
    first = mutations.add_bump(product, NOTES, "key-1", NOW)
    assert mutations.add_bump(product, NOTES, "key-1", NOW) == first
    same = mutations.save_bump(product, first.id, BumpDetails("Notes", 1500, "Two pages.", gives="other"), NOW)
    assert (same.id, same.gives) == (first.id, "other")
    dearer = mutations.save_bump(product, first.id, BumpDetails("Notes", 2000, "Two pages."), NOW)
    assert dearer.id != first.id
    assert (Bump.get_by_id(first.id).price_cents, Bump.get_by_id(first.id).retired_at) == (1500, NOW)
    assert [bump.id for bump in bumps_of(product)] == [dearer.id]
    with pytest.raises(ChangedMeanwhile):
        mutations.save_bump(product, first.id, NOTES, NOW)
    for number in (2, 3):
        mutations.add_bump(product, NOTES, f"key-{number}", NOW)
    with pytest.raises(LimitReached):
        mutations.add_bump(product, NOTES, "key-4", NOW)
    mutations.remove_bump(product, dearer.id, NOW)
    mutations.remove_bump(product, dearer.id, NOW)
    assert len(bumps_of(product)) == 2


def test_a_paid_extra_makes_a_free_call_cost_something(alice):
    product = factories.make_product(coach=alice, payment="free", pay_text="", offers=((60, 0),))
    with pytest.raises(NotReadyToPublish) as refused:
        mutations.add_bump(product, NOTES, "key-1", NOW)
    assert [thing.place for thing in refused.value.missing] == ["options"]
    assert not Bump.select().exists()
    mutations.add_bump(product, BumpDetails("A hug", 0), "key-2", NOW)
    Product.update(pay_text="Cash.").execute()
    paid = mutations.add_bump(product, NOTES, "key-3", NOW)
    assert Product.get().payment == "outside"
    mutations.remove_bump(product, paid.id, NOW)
    assert Product.get().payment == "free"


def test_a_picture_is_kept_as_long_as_an_extra_shows_it(product, alice):
    first, second = (BumpDetails("Notes", 1500, picture=picture_of(colour)) for colour in ("#111111", "#222222"))
    bump = mutations.add_bump(product, first, "key-1", NOW)
    picture = bumps_of(product)[0].picture
    assert get_picture(picture.code, None) == picture
    kept = mutations.save_bump(product, bump.id, BumpDetails("Notes!", 1500), NOW)
    assert kept.picture_id == picture.id
    mutations.save_bump(product, kept.id, second, NOW)
    assert Picture.select().count() == 1
    Product.update(state="draft").execute()
    with pytest.raises(NotFound):
        get_picture(bumps_of(product)[0].picture.code, None)
    # Of one picture that both had uploaded one stays.
    other = factories.make_person("Other")
    same = Picture.get()
    Picture.create(code="x", owner=other, sha256=same.sha256, width=8, height=4, webp=same.webp, made_at=NOW)
    move_stores(alice, other)
    assert Picture.select().count() == 1
    assert Picture.get().owner_id == other.id


def test_extras_and_codes_keep_their_numbers_in_another_currency(product):
    mutations.add_bump(product, NOTES, "key-1", NOW)
    DiscountCode.create(store=product.store, code="FIVE", amount_cents=500, made_at=NOW)
    DiscountCode.create(store=product.store, code="HALF", percent=50, made_at=NOW)
    store = product.store
    save_store(store, StoreDetails(store.name, "", "JPY", store.zone, store.hue), NOW)
    assert bumps_of(product)[0].price_cents == 15
    assert [discount_code.amount_cents for discount_code in DiscountCode.select().order_by(DiscountCode.id)] == [
        5,
        None,
    ]
