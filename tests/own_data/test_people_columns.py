"""The list of what is kept about people is whole: no table and no column is forgotten."""

from peewee import BlobField, CharField, ForeignKeyField, TextField

from coaching import schema
from coaching.accounts.models import Person
from coaching.own_data.columns import Becomes
from coaching.own_data.people_columns import ABOUT_NOBODY, ABOUT_PEOPLE

HOW = "every column has its place in coaching/own_data/people_columns.py"


def test_every_column_of_every_table_is_listed_once():
    listed = {about.model: about.named for about in ABOUT_PEOPLE} | {
        model: names.split() for model, names in ABOUT_NOBODY.items()
    }
    assert len(listed) == len(ABOUT_PEOPLE) + len(ABOUT_NOBODY), "a table stands twice in the list"
    assert set(listed) == set(schema.MODELS), HOW
    for model, names in listed.items():
        assert sorted(names) == sorted(model._meta.fields), f"{model.__name__}: {HOW}"


def test_every_pointer_to_a_person_is_a_way_that_is_decided_on():
    for model in schema.MODELS:
        pointers = {field for field in model._meta.sorted_fields if isinstance(field, ForeignKeyField)}
        pointers = {field for field in pointers if field.rel_model is Person}
        ways = {way.path[0] for about in ABOUT_PEOPLE if about.model is model for way in about.ways if way.path}
        assert pointers <= ways, f"{model.__name__} points to people: {HOW}"


def test_each_way_leads_from_its_table_to_a_person():
    for about in ABOUT_PEOPLE:
        for way in about.ways:
            models = [about.model, *(field.rel_model for field in way.path[:-1])]
            assert [field.model for field in way.path] == models[: len(way.path)]
            last = way.path[-1] if way.path else None
            assert last is None or getattr(last, "rel_model", Person) is Person


def test_of_what_stays_each_word_is_cleared_or_kept_with_a_reason():
    for about in ABOUT_PEOPLE:
        for way in about.ways:
            fields = about.model._meta.fields
            assert {*way.cleared, *way.kept.split(), *way.download.split()} <= set(fields)
            assert bool(way.kept) == bool(way.why)
            if way.becomes is Becomes.GOES:
                assert not way.cleared
                assert not way.kept
                continue
            words = {
                name for name in way.download.split() if isinstance(fields[name], CharField | TextField | BlobField)
            }
            assert words <= {*way.cleared, *way.kept.split()}, f"{about.model.__name__}: say what becomes of the words"


def test_no_download_holds_a_secret():
    secret = ("sha256", "password", "secret", "token", "webhook", "_key")
    for about in ABOUT_PEOPLE:
        for way in about.ways:
            assert not [name for name in way.download.split() if any(word in name for word in secret)]
            assert "key" not in way.download.split()
