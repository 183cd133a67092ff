"""What is made of a row is what peewee makes of it, whatever of its joined rows is there."""

from typing import Any

import pytest
from peewee import JOIN, fn

from coaching.accounts.models import Person
from coaching.catalog import queries
from coaching.catalog.models import Guild, Picture, Product, Store
from coaching.db import database
from coaching.model_rows import row_maker
from tests.factories import MADE_AT, make_product, make_store

STORES_PAST_THEIR_OWNERS = (
    Store.select(Store.id, Store.name, Guild.id, Picture.code)
    .join(Guild, JOIN.LEFT_OUTER)
    .switch(Store)
    .join(Person)
    .join(Picture, JOIN.LEFT_OUTER, on=(Picture.owner == Person.id), attr="picture")
)


@pytest.fixture
def products(alice: Person) -> list[Product]:
    """One with all that a product may have, and one with nothing."""
    picture = Picture.create(code="p", owner=alice, sha256="s", width=3, height=2, webp=b"", made_at=MADE_AT)
    bare_store = make_store(alice, guild=None, guild_verified_at=None)
    bare = make_product(bare_store, schedule=None, state="draft", published_at=None)
    return [make_product(make_store(alice, cover=picture), picture=picture), bare]


@pytest.mark.parametrize("query", [queries._products(), queries._stores(), STORES_PAST_THEIR_OWNERS])
def test_a_row_is_made_into_what_peewee_makes_of_it(products: list[Product], query: Any) -> None:
    read, rows = asked(query)
    make = row_maker(read)
    assert make != read.process_row
    assert [contents_of(make(row)) for row in rows] == [contents_of(read.process_row(row)) for row in rows]
    assert len(rows) == 2


def test_tuples_and_values_beside_the_columns_are_left_to_peewee(products: list[Product]) -> None:
    counted = Store.select(Store, fn.COUNT(Product.id).alias("count")).join(Product).group_by(Store.id)
    for query in (Store.select().tuples(), counted):
        read, rows = asked(query)
        assert row_maker(read) == read.process_row
        assert len(rows) == 2


def test_what_is_known_to_be_nothing_is_asked_for_by_nobody(products: list[Product]) -> None:
    read, rows = asked(queries._products())
    bare = next(made for made in map(row_maker(read), rows) if made.id == products[1].id)
    assert (bare.picture, bare.schedule, bare.store.guild) == (None, None, None)
    assert bare.dirty_fields == bare.store.dirty_fields == []


def asked(query: Any) -> tuple[Any, list[Any]]:
    """Peewee's cursor after it has read its rows, and the rows themselves."""
    read = query.clone()._get_cursor_wrapper(database.execute_sql(*query.sql()))
    list(read)
    return read, database.execute_sql(*query.sql()).fetchall()


def contents_of(made: Any) -> Any:
    """All that a model knows, with those that are joined to it."""
    if not hasattr(made, "__data__"):
        return made
    joined = {name: contents_of(other) for name, other in made.__rel__.items()}
    others = {
        name: contents_of(value) for name, value in vars(made).items() if name not in ("__data__", "__rel__", "_dirty")
    }
    return type(made), dict(made.__data__), set(made._dirty), joined, others
