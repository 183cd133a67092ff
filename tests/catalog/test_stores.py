"""Stores and their guilds change as one act, or not at all."""

from dataclasses import replace
from datetime import timedelta

import pytest

from coaching.accounts.models import Person
from coaching.catalog import guild_mutations, queries, store_mutations
from coaching.catalog.details import StoreDetails
from coaching.catalog.models import Guild, Store
from coaching.errors import AddressInUse, LimitReached
from tests import factories
from tests.factories import MADE_AT

LATER = MADE_AT + timedelta(hours=1)
NOVA = StoreDetails("Nova", "nova", "EUR", "Europe/Berlin", 3)


@pytest.fixture
def store(alice: Person) -> Store:
    return factories.make_store(alice)


def test_a_store_belongs_to_who_opened_it(alice: Person) -> None:
    store = store_mutations.create_store(alice, NOVA, "key", MADE_AT)
    assert (store.owner, store.slug, store.currency, store.hue) == (alice, "nova", "EUR", 3)


def test_the_same_form_opens_one_store(alice: Person) -> None:
    first = store_mutations.create_store(alice, NOVA, "key", MADE_AT)
    assert store_mutations.create_store(alice, NOVA, "key", LATER) == first
    assert Store.select().count() == 1


def test_a_store_address_belongs_to_one_store(alice: Person, mallory: Person) -> None:
    store_mutations.create_store(alice, NOVA, "key", MADE_AT)
    with pytest.raises(AddressInUse):
        store_mutations.create_store(mallory, NOVA, "key", MADE_AT)


def test_a_fourth_store_is_one_too_many(alice: Person) -> None:
    for number in range(3):
        store_mutations.create_store(alice, replace(NOVA, slug=f"nova-{number}"), f"key {number}", MADE_AT)
    with pytest.raises(LimitReached):
        store_mutations.create_store(alice, replace(NOVA, slug="nova-9"), "key 9", MADE_AT)


def test_settings_change_and_the_address_stays(store: Store) -> None:
    store_mutations.save_store(store, StoreDetails("Other", "elsewhere", "USD", "Asia/Tokyo", 20), MADE_AT)
    fresh = queries.get_store(store.slug)
    assert (fresh.name, fresh.currency, fresh.zone, fresh.hue) == ("Other", "USD", "Asia/Tokyo", 20)


def test_a_verification_names_the_guild_and_when_to_ask_again(alice: Person) -> None:
    store = factories.make_store(alice, guild=None, guild_verified_at=None)
    guild_mutations.record_guild_verification(store, "123456789012345678", "Studio", MADE_AT)
    guild_mutations.record_guild_verification(store, "123456789012345678", "Studio Two", LATER)
    assert Guild.get(Guild.discord_guild_id == "123456789012345678").name == "Studio Two"
    assert queries.get_store(store.slug).guild_verified_at == LATER


def test_a_lost_verification_keeps_the_guild(store: Store) -> None:
    guild_mutations.record_verification_lost(store, MADE_AT)
    fresh = queries.get_store(store.slug)
    assert fresh.guild is not None
    assert fresh.guild_verified_at is None
