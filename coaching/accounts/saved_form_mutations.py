"""Saved forms: what somebody typed lies here while they sign in or link, and goes again."""

from datetime import datetime, timedelta
from typing import Any

from peewee import fn

from coaching.accounts import limit_mutations
from coaching.accounts.details import UNKNOWN, Visit
from coaching.accounts.limited import ROW_BYTES, kept_form_uses
from coaching.accounts.models import Person, SavedForm
from coaching.accounts.saved_form_queries import find_row, is_for, is_here
from coaching.accounts.tokens import digest
from coaching.db import database
from coaching.errors import RateLimited
from coaching.rate_limits.limits import NOT_KEPT, retry_label
from coaching.reading import Change, given
from coaching.vault import Unreadable, seal

KEPT_FOR = timedelta(days=1)
LONGEST_FIELDS = 128 * 1024
LONGEST_ADDRESS = 400
MOST_IN_A_BROWSER = 8
# Of all visitors together: anybody can be one, as often as they like.
MOST_OF_VISITORS = 64 * 1024 * 1024


def save_form(
    key: str, address: str, fields: str, person: Person | None, now: datetime, visit: Visit = UNKNOWN
) -> bool:
    """`fields` are saved for the page at `address`; False when they are too much to keep.

    Where too many lie in one browser, the oldest makes room. RateLimited where too much came from one place or one
    person, or lies here for visitors altogether: then nothing of anybody's makes room for it.
    """
    if len(fields) > LONGEST_FIELDS or len(address) > LONGEST_ADDRESS:
        return False
    size = len(fields.encode())
    limit_mutations.take(kept_form_uses(size, person.id if person else None, visit), now, person, visit)
    with database.atomic():
        _FORGET.run(now=now)
        if person is None:
            _refuse_beyond_all(size + ROW_BYTES, now)
        _SAVE.run(
            key=digest(key),
            person=person.id if person else None,
            address=address,
            fields=seal(fields),
            size=size + ROW_BYTES,
            expires_at=now + KEPT_FOR,
        )
        _MAKE_ROOM.run(key=digest(key))
    return True


def take_saved_form(key: str, address: str, person: Person | None, now: datetime) -> str | None:
    """The same fields; they lie there no longer."""
    with database.atomic():
        row = find_row(key, address, person, now)
        if row is None:
            return None
        taken = SavedForm.delete().where(SavedForm.id == row.id).execute()
    return row.fields if taken and not isinstance(row.fields, Unreadable) else None


def move_saved_forms(old_key: str, new_key: str, person: Person) -> None:
    """What was saved under the old key lies under the new one. What was nobody's is `person`'s now."""
    with database.atomic():
        is_old = SavedForm.key_sha256 == digest(old_key)
        SavedForm.update(person=person).where(is_old, SavedForm.person.is_null()).execute()
        SavedForm.update(key_sha256=digest(new_key)).where(is_old).execute()


def drop_saved_form(key: str, address: str, person: Person | None) -> None:
    """Nothing of `person`'s is saved for the page at `address` any more."""
    SavedForm.delete().where(is_here(key, address), is_for(person)).execute()


def drop_saved_forms(key: str) -> None:
    """Nothing is saved under this key any more."""
    SavedForm.delete().where(SavedForm.key_sha256 == digest(key)).execute()


def _refuse_beyond_all(size: int, now: datetime) -> None:
    is_visitors = SavedForm.person.is_null()
    kept = SavedForm.select(fn.COALESCE(fn.SUM(SavedForm.size), 0)).where(is_visitors).scalar()
    if kept + size > MOST_OF_VISITORS:
        first = SavedForm.select().where(is_visitors).order_by(SavedForm.expires_at).get()
        wait = first.expires_at - now
        raise RateLimited(NOT_KEPT.format(when=retry_label(wait)), wait, limit="kept forms of all visitors")


# --- What every form that is saved runs, each built once


def _save() -> Any:
    # One statement, since a second click of the same button may be doing the same.
    return SavedForm.insert(
        key_sha256=given("key"),
        person=given("person"),
        address=given("address"),
        fields=given("fields"),
        size=given("size"),
        expires_at=given("expires_at"),
    ).on_conflict(
        conflict_target=[SavedForm.key_sha256, SavedForm.address],
        preserve=[SavedForm.person, SavedForm.fields, SavedForm.size, SavedForm.expires_at],
    )


def _make_room() -> Any:
    is_of_browser = SavedForm.key_sha256 == given("key")
    newest = (
        SavedForm.select(SavedForm.id)
        .where(is_of_browser)
        .order_by(SavedForm.expires_at.desc(), SavedForm.id.desc())
        .limit(MOST_IN_A_BROWSER)
    )
    return SavedForm.delete().where(is_of_browser, SavedForm.id.not_in(newest))


_FORGET = Change(lambda: SavedForm.delete().where(SavedForm.expires_at <= given("now")))
_SAVE, _MAKE_ROOM = Change(_save), Change(_make_room)
