"""Reads of coaches as other pages show them, in one small statement each."""

from collections.abc import Collection
from typing import Any

from peewee import JOIN, ModelSelect

from coaching.accounts.models import Person
from coaching.catalog.models import Picture
from coaching.coaches.faces import Face
from coaching.coaches.models import Coach
from coaching.errors import NotFound
from coaching.reading import Statement, given


def face_of(person: Person) -> Face:
    """The person as a coach; their name alone where they are none, and no way to their page while they may not sell."""
    rows = _FACE.rows(person=person.id)
    return _face(person.name, rows[0][1:]) if rows else Face(person.name)


def faces_of(people: Collection[Person]) -> dict[int, Face]:
    """face_of for many at once, by person id."""
    found = {person.id: Face(person.name) for person in people}
    names = {person.id: person.name for person in people}
    for person_id, *row in _faces().where(Coach.person.in_(list(names))).tuples() if names else ():
        found[person_id] = _face(names[person_id], row)
    return found


def get_portrait(code: str) -> Picture:
    """The picture of a coach, which stands on public pages; NotFound for any other picture."""
    found: Picture | None = (
        Picture.select().join(Coach, on=(Coach.portrait == Picture.id)).where(Picture.code == code).first()
    )
    if found is None:
        raise NotFound
    return found


def _face(name: str, row: Any) -> Face:
    slug, headline, stopped_at, portrait = row
    return Face(name, None if stopped_at else slug, headline, portrait)


def _faces() -> "ModelSelect[Any]":
    return Coach.select(Coach.person, Coach.slug, Coach.headline, Coach.stopped_at, Picture.code).join(
        Picture, JOIN.LEFT_OUTER, on=(Coach.portrait == Picture.id)
    )


# Each page that can be booked asks for it.
_FACE = Statement(lambda: _faces().where(Coach.person == given("person")))
