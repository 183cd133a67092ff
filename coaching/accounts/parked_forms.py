"""Parked forms: what somebody typed lies here while they sign in or link, and is given back once."""

from datetime import datetime, timedelta

from peewee import Expression

from coaching.accounts.models import ParkedForm, Person
from coaching.accounts.tokens import digest
from coaching.db import database
from coaching.vault import Unreadable

KEPT_FOR = timedelta(days=1)
LONGEST_FIELDS = 128 * 1024
LONGEST_ADDRESS = 400
MOST_IN_A_BROWSER = 8


def park_form(key: str, address: str, fields: str, person: Person | None, now: datetime) -> bool:
    """`fields` lie parked for the page at `address`; False when they are too much to keep."""
    if len(fields) > LONGEST_FIELDS or len(address) > LONGEST_ADDRESS:
        return False
    with database.atomic():
        ParkedForm.delete().where(ParkedForm.expires_at <= now).execute()
        ParkedForm.delete().where(_is_here(key, address)).execute()
        if ParkedForm.select().where(ParkedForm.key_sha256 == digest(key)).count() >= MOST_IN_A_BROWSER:
            return False
        ParkedForm.create(
            key_sha256=digest(key), person=person, address=address, fields=fields, expires_at=now + KEPT_FOR
        )
    return True


def is_parked(key: str, address: str, now: datetime) -> bool:
    """True while something lies parked for the page at `address`."""
    return ParkedForm.select().where(_is_here(key, address), ParkedForm.expires_at > now).exists()


def take_parked_form(key: str, address: str, person: Person | None, now: datetime) -> str | None:
    """The fields that lay parked for the page at `address`; they are given back once, and only to whom they belong.

    None too for fields whose key is missing.
    """
    with database.atomic():
        is_theirs = ParkedForm.person.is_null() | (ParkedForm.person == person)
        row = ParkedForm.get_or_none(_is_here(key, address), is_theirs, ParkedForm.expires_at > now)
        if row is None:
            return None
        taken = ParkedForm.delete().where(ParkedForm.id == row.id).execute()
    return row.fields if taken and not isinstance(row.fields, Unreadable) else None


def move_parked_forms(old_key: str, new_key: str, person: Person) -> None:
    """What lay parked under the old key is `person`'s now, under the new one; other people's forms are dropped."""
    with database.atomic():
        is_old = ParkedForm.key_sha256 == digest(old_key)
        ParkedForm.delete().where(is_old, ParkedForm.person.is_null(False), ParkedForm.person != person).execute()
        ParkedForm.update(key_sha256=digest(new_key), person=person).where(is_old).execute()


def drop_parked_forms(key: str) -> None:
    """Nothing lies parked under this key any more."""
    ParkedForm.delete().where(ParkedForm.key_sha256 == digest(key)).execute()


def _is_here(key: str, address: str) -> Expression:
    return (ParkedForm.key_sha256 == digest(key)) & (ParkedForm.address == address)
