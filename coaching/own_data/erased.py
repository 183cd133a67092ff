"""The list of deleted accounts as a file: a line each, with a number and two instants, and no names. Pure.

After them stand the digests of those who stay suspended.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

NAME = "deleted-accounts.txt"
HEAD = (
    "# Accounts that were deleted: number, signed up, deleted. Keep this file beside every backup:\n"
    "# `flask db restore` deletes these accounts again in an older one. “suspended” goes before the digests by which\n"
    "# somebody is known again whose account was suspended and deleted.\n"
)
SUSPENDED = "suspended "


@dataclass(frozen=True, order=True)
class Erased:
    """Somebody who deleted their account."""

    erased_at: datetime
    person_id: int
    created_at: datetime


def as_text(people: Iterable[Erased], barred: Iterable[str] = ()) -> str:
    """The file, in the order of deletion; then the digests of those who stay suspended."""
    lines = [
        f"{person.person_id} {_instant(person.created_at)} {_instant(person.erased_at)}\n"
        for person in sorted(set(people))
    ]
    return "".join([HEAD, *lines, *(f"{SUSPENDED}{digest}\n" for digest in sorted(barred))])


def read_barred(text: str) -> set[str]:
    """The digests in the file of those who stay suspended."""
    return {line.removeprefix(SUSPENDED).strip() for line in text.splitlines() if line.startswith(SUSPENDED)}


def read_list(text: str) -> tuple[list[Erased], int]:
    """Who stands in the file, and how many of its lines cannot be read."""
    erased, unreadable = [], 0
    for line in text.splitlines():
        if not line.strip() or line.startswith(("#", SUSPENDED)):
            continue
        try:
            number, created_at, erased_at = line.split()
            erased.append(Erased(_parsed(erased_at), int(number), _parsed(created_at)))
        except ValueError:
            unreadable += 1
    return erased, unreadable


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _parsed(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("an instant needs its zone")
    return at.astimezone(UTC)
