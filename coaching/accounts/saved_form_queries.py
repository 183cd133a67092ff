"""Reads of saved forms: what somebody typed and left to sign in or link."""

from datetime import datetime

from peewee import Expression

from coaching.accounts.models import Person, SavedForm
from coaching.accounts.tokens import digest
from coaching.vault import Unreadable


def is_saved(key: str, address: str, now: datetime) -> bool:
    """True while something is saved for the page at `address`."""
    return SavedForm.select().where(is_here(key, address), SavedForm.expires_at > now).exists()


def find_waiting_address(key: str, person: Person | None, now: datetime) -> str | None:
    """The page for which something of `person`'s was saved last."""
    rows = SavedForm.select().where(SavedForm.key_sha256 == digest(key), is_for(person), SavedForm.expires_at > now)
    newest = rows.order_by(SavedForm.expires_at.desc(), SavedForm.id.desc()).first()
    return newest.address if newest else None


def find_saved_form(key: str, address: str, person: Person | None, now: datetime) -> str | None:
    """What is saved for `address`, if they are `person`'s; None too when their key is missing."""
    row = find_row(key, address, person, now)
    return row.fields if row and not isinstance(row.fields, Unreadable) else None


def is_here(key: str, address: str) -> Expression:
    """Under this key, for the page at `address`."""
    return (SavedForm.key_sha256 == digest(key)) & (SavedForm.address == address)


def is_for(person: Person | None) -> Expression:
    """A visitor's, or this person's."""
    return SavedForm.person.is_null() | (SavedForm.person == person)


def find_row(key: str, address: str, person: Person | None, now: datetime) -> SavedForm | None:
    """The row of what is saved for `address`, if it is `person`'s and has not run out."""
    row: SavedForm | None = SavedForm.get_or_none(is_here(key, address), is_for(person), SavedForm.expires_at > now)
    return row
