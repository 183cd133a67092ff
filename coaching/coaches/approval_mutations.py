"""Somebody becomes a coach."""

import re
from collections.abc import Iterator
from datetime import datetime

from peewee import IntegrityError

from coaching.accounts.models import Person
from coaching.catalog.slugs import is_slug, numbered, slug_of
from coaching.coaches.models import Coach, FormerSlug
from coaching.coaches.standing_queries import coach_of
from coaching.db import database

LONGEST_NAMED = 55


def approve(person: Person, now: datetime) -> Coach:
    """The person's row as a coach, made with a free address unless there is one. Call it inside a transaction.

    It gives no approval back that was taken: see standing_mutations.resume_coach.
    """
    if known := coach_of(person):
        return known
    for slug in _slugs(person.name):
        if not _is_taken(slug) and (made := _insert(person, slug, now)):
            return made
    raise AssertionError("numbers never run out")


def _slugs(name: str) -> Iterator[str]:
    """Addresses to try, the plainest first."""
    plain = re.sub(r"-+$", "", slug_of(name)[:LONGEST_NAMED]) or "coach"
    first = plain if is_slug(plain) else f"coach-{plain}"
    yield first
    number = 2
    while True:
        yield numbered(first, number)
        number += 1


def _is_taken(slug: str) -> bool:
    is_own = Coach.select().where(Coach.slug == slug).exists()
    return bool(is_own or FormerSlug.select().where(FormerSlug.slug == slug).exists())


def _insert(person: Person, slug: str, now: datetime) -> Coach | None:
    """The row; None where somebody else was faster with this address."""
    try:
        with database.atomic():
            return Coach.create(person=person, slug=slug, approved_at=now, avatar_due_at=now, updated_at=now)
    except IntegrityError:
        if known := coach_of(person):
            return known
        return None
