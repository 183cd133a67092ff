"""Reads of a coach's public page."""

from typing import Any

from peewee import JOIN, ModelSelect, fn

from coaching.accounts.models import Person
from coaching.catalog.models import Picture, Product, Store
from coaching.coaches.models import Coach, FormerSlug
from coaching.errors import NotFound


def get_shown_coach(slug: str, viewer: Person | None = None) -> Coach:
    """The coach at a public address, with person and portrait, or NotFound.

    Strangers find whoever may sell and has published something once; the coach and admins find the page before that.
    """
    coach: Coach | None = _coaches().where(Coach.slug == slug).first()
    if coach is None:
        raise NotFound
    is_preview = viewer is not None and (viewer.is_admin or viewer.id == coach.person_id)
    if not is_preview and not is_shown(coach):
        raise NotFound
    return coach


def is_shown(coach: Coach) -> bool:
    """True while strangers find the coach's page."""
    if not coach.may_sell:
        return False
    once = Product.select(fn.COUNT(Product.id)).join(Store).where(Store.owner == coach.person_id)
    return bool(once.where(Product.published_at.is_null(False)).scalar())


def find_present_slug(slug: str) -> str | None:
    """Where the page has moved to that was at this address once."""
    former = FormerSlug.select(FormerSlug, Coach).join(Coach).where(FormerSlug.slug == slug).first()
    return former.coach.slug if former else None


def find_coach(person: Person) -> Coach | None:
    """The person as a coach, stopped ones too, with person and portrait."""
    found: Coach | None = _coaches().where(Coach.person == person).first()
    return found


def _coaches() -> "ModelSelect[Any]":
    # The portrait without its bytes.
    return (
        Coach.select(Coach, Person, Picture.id, Picture.code, Picture.width, Picture.height)
        .join(Person)
        .switch(Coach)
        .join(Picture, JOIN.LEFT_OUTER, on=(Coach.portrait == Picture.id), attr="portrait")
    )
