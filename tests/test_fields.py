"""Our columns write the statements that peewee's own would write."""

import pytest

from coaching import schema
from coaching.db import database, insertion, is_sqlite, open_database
from coaching.fields import Named


@pytest.fixture(params=["sqlite:////nowhere.db", "postgresql://localhost/nowhere"])
def unconnected(request):
    database.initialize(open_database(request.param))


def statements(model):
    first, *_, last = model._meta.sorted_fields
    other = model.alias()
    yield model.select().where((first == 1) & last.is_null(), last.in_([model.select(first)]))
    yield model.select(last, other.id).join(other, on=model.id == other.id).order_by(last.desc()).group_by(first)
    yield model.select(first).where(last.in_(model.select(last).where(first == other.id)))
    yield model.insert({last: None}).on_conflict(
        conflict_target=[first], preserve=[last], update={last: last}, where=(first == 1)
    )
    yield model.update({last: first}).where(last == first)
    yield model.delete().where(first.in_([1, 2]) | last.is_null())
    for key in model._meta.refs:
        yield model.select(model, key.rel_model).join(key.rel_model, on=key).where(key == 3)


@pytest.mark.parametrize("model", schema.MODELS, ids=lambda model: model.__name__)
def test_every_column_is_one_of_ours(model):
    assert [field.name for field in model._meta.sorted_fields if not isinstance(field, Named)] == []


@pytest.mark.parametrize("model", schema.MODELS, ids=lambda model: model.__name__)
def test_a_statement_is_the_one_peewee_would_write(unconnected, model, monkeypatch):
    ours = [statement.sql() for statement in statements(model)]
    monkeypatch.delattr(Named, "__sql__")

    assert ours == [statement.sql() for statement in statements(model)]


@pytest.mark.parametrize("model", schema.MODELS, ids=lambda model: model.__name__)
def test_a_new_row_has_its_values_in_their_own_columns(unconnected, model):
    names = [field.name for field in model._meta.sorted_fields]

    for some in (names, names[::-2]):
        sql, fields = insertion(model, tuple(some), is_sqlite())

        assert sql.split(" VALUES ")[0].endswith("(" + ", ".join(f'"{field.column_name}"' for field in fields) + ")")
        assert {field.name for field in fields} >= set(some)
