"""What one file of a download holds: which rows of which table, and under which plain names its columns.

Its rows are read a part at a time, so that a person with a hundred thousand of them takes no more memory than others.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from peewee import Field

from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession, Invitation, Seat
from coaching.catalog.models import Picture
from coaching.db import BaseModel

AT_ONCE = 500
# Numbers alone take little room, and each time somebody's are looked for anew costs as much as they have.
IDS_AT_ONCE = 20_000
Row = dict[str, Any]
# By its code one entry names the session that it is about.
SESSION = {"session": CoachingSession.code}
# A time that was kept for somebody: the same for the one who kept it as for the other.
INVITED = SESSION | {
    "title": CoachingSession.title,
    "starts_at": CoachingSession.starts_at,
    "price_cents": Invitation.price_cents,
    "note": Invitation.note,
    "made_at": Invitation.made_at,
    "taken_at": Invitation.used_at,
}


@dataclass(frozen=True)
class Section:
    """One file. `rows` selects from `model`, with whatever it joins; `about` says in the list of files what it is.

    `as_entry` makes the entry of what was read, for this person; without one it stands as read.
    """

    name: str
    about: str
    model: type[BaseModel]
    rows: Callable[[Person], Any]
    columns: Mapping[str, Any]
    as_entry: Callable[[Row, Person], Row] | None = None
    is_one: bool = False  # at most one entry: the file is that entry, and no list

    @property
    def fields(self) -> set[str]:
        """The columns of tables that it reads, such as `seat.goals`."""
        fields = {getattr(column, "field", column) for column in self.columns.values()}
        return {f"{field.model._meta.table_name}.{field.name}" for field in fields if isinstance(field, Field)}


def of_seats(model: type[BaseModel], person: Person) -> Any:
    """Rows that belong to seats of this student, with their sessions."""
    return model.select().join(Seat).join(CoachingSession).where(Seat.student == person)


def entries_of(section: Section, person: Person) -> Iterator[list[Row]]:
    """All entries of this person's file, the oldest first, at most AT_ONCE at a time."""
    key, query = section.model.id, section.rows(person)
    columns = [column.alias(name) for name, column in section.columns.items()]
    for ids in _ids_of(query, key):
        # By its key each row is found at once; all of a part are theirs, and no row comes twice.
        rows = list(query.select(*columns).where(key.in_(ids)).order_by(key).dicts())
        yield [section.as_entry(row, person) for row in rows] if section.as_entry else rows


def _ids_of(query: Any, key: Any) -> Iterator[list[int]]:
    last = 0
    while ids := [row[0] for row in query.select(key).where(key > last).order_by(key).limit(IDS_AT_ONCE).tuples()]:
        last = ids[-1]
        yield from (ids[begin : begin + AT_ONCE] for begin in range(0, len(ids), AT_ONCE))


def find_webp(code: str) -> bytes | None:
    """The picture of this code; None where it has gone meanwhile."""
    picture = Picture.get_or_none(Picture.code == code)
    return bytes(picture.webp) if picture else None
