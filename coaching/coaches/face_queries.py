"""Reads of coaches as other pages show them, in one small statement each."""

from peewee import JOIN

from coaching.accounts.models import Person
from coaching.catalog.models import Picture
from coaching.coaches.faces import Face
from coaching.coaches.models import Coach
from coaching.errors import NotFound
from coaching.reading import Statement, given


def face_of(person: Person) -> Face:
    """The person as a coach; their name alone where they are none, and no way to their page while they may not sell."""
    for slug, headline, stopped_at, portrait in _FACE.rows(person=person.id):
        return Face(person.name, None if stopped_at else slug, headline, portrait)
    return Face(person.name)


def get_portrait(code: str) -> Picture:
    """The picture of a coach, which stands on public pages; NotFound for any other picture."""
    picture: Picture | None = (
        Picture.select().join(Coach, on=(Coach.portrait == Picture.id)).where(Picture.code == code).first()
    )
    if picture is None:
        raise NotFound
    return picture


# Each page that can be booked asks for it.
_FACE = Statement(
    lambda: (
        Coach.select(Coach.slug, Coach.headline, Coach.stopped_at, Picture.code)
        .join(Picture, JOIN.LEFT_OUTER, on=(Coach.portrait == Picture.id))
        .where(Coach.person == given("person"))
    )
)
