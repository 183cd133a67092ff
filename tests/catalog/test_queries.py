"""Who finds which store, product and picture."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from coaching.accounts.models import Person
from coaching.catalog import guild_mutations, mutations, queries
from coaching.catalog.details import ThumbnailDetails
from coaching.catalog.models import Offer, Picture, Product, Store
from coaching.catalog.picture_queries import get_picture, is_public
from coaching.catalog.steps import missing
from coaching.catalog.web_pictures import WebPicture
from coaching.errors import NotFound
from tests import factories
from tests.factories import MADE_AT


@pytest.fixture
def store(alice: Person) -> Store:
    return factories.make_store(alice, slug="nova")


@pytest.fixture
def product(store: Store) -> Product:
    return factories.make_product(store, slug="mixing-call")


def give_picture(product: Product) -> Picture:
    """A picture that the product shows."""
    mutations.save_thumbnail(product, ThumbnailDetails(picture=WebPicture(b"RIFF", 160, 90)), MADE_AT)
    assert product.picture is not None
    return product.picture


def test_only_the_owner_finds_a_store_by_its_address(store: Store, alice: Person, mallory: Person) -> None:
    assert queries.get_own_store(alice, "nova") == store
    with pytest.raises(NotFound):
        queries.get_own_store(mallory, "nova")


@pytest.mark.parametrize("state", ["draft", "published", "archived"])
def test_mallory_finds_alices_product_in_no_state(store: Store, alice: Person, mallory: Person, state: str) -> None:
    product = factories.make_product(store, state=state)
    assert queries.get_own_product(alice, product.code) == product
    with pytest.raises(NotFound):
        queries.get_own_product(mallory, product.code)


def test_lists_show_each_state_where_it_belongs(store: Store) -> None:
    draft, published, archived = (
        factories.make_product(store, state=state) for state in ("draft", "published", "archived")
    )
    assert set(queries.products_of_store(store)) == {draft, published}
    assert queries.published_products(store) == [published]
    assert queries.archived_products(store) == [archived]


def test_a_draft_is_seen_by_its_owner_and_admins_only(store: Store, alice: Person, mallory: Person) -> None:
    factories.make_product(store, slug="draft", state="draft")
    admin = factories.make_person("Ada", is_admin=True)
    for person in (alice, admin):
        assert queries.get_visible_product("nova", "draft", person).slug == "draft"
    for stranger in (mallory, None):
        with pytest.raises(NotFound):
            queries.get_visible_product("nova", "draft", stranger)


def test_an_archived_product_is_seen_by_nobody(store: Store, alice: Person) -> None:
    factories.make_product(store, slug="old", state="archived")
    with pytest.raises(NotFound):
        queries.get_visible_product("nova", "old", alice)


def test_a_product_is_not_found_under_another_store(product: Product, mallory: Person) -> None:
    factories.make_store(mallory, slug="other")
    with pytest.raises(NotFound):
        queries.get_visible_product("other", "mixing-call", None)


def test_retired_offers_are_neither_listed_nor_bookable(product: Product) -> None:
    (offer,) = queries.offers_of(product)
    Offer.update(is_retired=True).execute()
    assert queries.offers_of(product) == []
    assert queries.offers_by_product([product]) == {product.id: []}
    assert queries.find_retired_offer(product, offer.id) == offer


def test_an_offer_is_found_through_its_own_product_only(product: Product, mallory: Person) -> None:
    other = factories.make_product(factories.make_store(mallory))
    (offer,) = queries.offers_of(other)
    Offer.update(is_retired=True).execute()
    assert queries.find_retired_offer(product, offer.id) is None


def test_a_published_picture_is_everybodys(product: Product) -> None:
    picture = give_picture(product)
    assert get_picture(picture.code, None) == picture
    assert is_public(picture)


def test_a_drafts_picture_is_its_owners_and_admins(store: Store, alice: Person, mallory: Person) -> None:
    picture = give_picture(factories.make_product(store, state="draft"))
    admin = factories.make_person("Ada", is_admin=True)
    for person in (alice, admin):
        assert get_picture(picture.code, person) == picture
    for stranger in (mallory, None):
        with pytest.raises(NotFound):
            get_picture(picture.code, stranger)


def test_a_list_of_products_loads_no_picture_bytes(product: Product, store: Store) -> None:
    give_picture(product)
    (listed,) = queries.products_of_store(store)
    assert listed.picture.__data__.keys() == {"id", "code", "width", "height"}


def test_a_complete_product_lacks_nothing(product: Product) -> None:
    assert missing(queries.facts_of(product)) == ()


@pytest.mark.parametrize(
    ("spoil", "place"),
    [
        (lambda product: Store.update(guild=None, guild_verified_at=None).execute(), "store"),
        (lambda product: Store.update(guild_verified_at=None).execute(), "store"),
        (lambda product: product.store.owner.discord_links.get().delete_instance(recursive=True), "checkout"),
        (lambda product: product.schedule.weekly_spans.get().delete_instance(), None),
        (lambda product: Offer.update(is_retired=True).execute(), "checkout"),
    ],
    ids=["no guild", "verification lost", "no Discord", "one day less", "no offer"],
)
def test_facts_follow_what_changes(product: Product, spoil: Callable[[Product], object], place: str | None) -> None:
    spoil(product)
    fresh = queries.get_own_product(product.store.owner, product.code)
    assert [thing.place for thing in missing(queries.facts_of(fresh))] == ([place] if place else [])


def test_a_coach_who_left_the_guild_is_no_member(store: Store) -> None:
    person = factories.make_person("Gone", linked_as="77", is_member=False)
    product = factories.make_product(factories.make_store(person))
    assert not queries.facts_of(product).is_member


def test_a_guild_is_due_again_when_its_time_has_come(store: Store) -> None:
    guild_mutations.record_guild_verification(store, factories.GUILD_ID, "Nova", MADE_AT)
    assert queries.guilds_to_recheck(MADE_AT + timedelta(hours=23)) == []
    assert queries.guilds_to_recheck(MADE_AT + timedelta(hours=24)) == [store]


def test_stores_without_a_guild_are_never_due(alice: Person) -> None:
    factories.make_store(alice, guild=None, guild_verified_at=None)
    assert queries.guilds_to_recheck(MADE_AT + timedelta(days=9)) == []


def test_a_taken_address_gets_a_number(store: Store) -> None:
    first = factories.make_product(store, slug="mixing")
    assert queries.free_slug(store, "Mixing", "k7f3") == "mixing-2"
    assert queries.free_slug(store, "Mixing", "k7f3", but=first) == "mixing"
    assert queries.free_slug(store, "🎧", "k7f3") == "k7f3"
