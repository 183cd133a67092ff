"""Reads of parked forms: what somebody typed and left to sign in or link."""

from datetime import datetime

from peewee import Expression

from coaching.accounts.models import ParkedForm, Person
from coaching.accounts.tokens import digest
from coaching.vault import Unreadable


def is_parked(key: str, address: str, now: datetime) -> bool:
    """True while something lies parked for the page at `address`."""
    return ParkedForm.select().where(is_here(key, address), ParkedForm.expires_at > now).exists()


def find_waiting_address(key: str, person: Person | None, now: datetime) -> str | None:
    """The page for which something of `person`'s was parked last."""
    rows = ParkedForm.select().where(ParkedForm.key_sha256 == digest(key), is_for(person), ParkedForm.expires_at > now)
    newest = rows.order_by(ParkedForm.expires_at.desc(), ParkedForm.id.desc()).first()
    return newest.address if newest else None


def find_parked_form(key: str, address: str, person: Person | None, now: datetime) -> str | None:
    """What lies parked for `address`, if they are `person`'s; None too when their key is missing."""
    row = find_row(key, address, person, now)
    return row.fields if row and not isinstance(row.fields, Unreadable) else None


def is_here(key: str, address: str) -> Expression:
    """Under this key, for the page at `address`."""
    return (ParkedForm.key_sha256 == digest(key)) & (ParkedForm.address == address)


def is_for(person: Person | None) -> Expression:
    """A visitor's, or this person's."""
    return ParkedForm.person.is_null() | (ParkedForm.person == person)


def find_row(key: str, address: str, person: Person | None, now: datetime) -> ParkedForm | None:
    """The row of what lies parked for `address`, if it is `person`'s and has not run out."""
    row: ParkedForm | None = ParkedForm.get_or_none(is_here(key, address), is_for(person), ParkedForm.expires_at > now)
    return row
