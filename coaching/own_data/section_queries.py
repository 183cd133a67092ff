"""What one file of a download holds: which rows of which table, and under which plain names its columns.

Its rows are read a part at a time, so that a person with a hundred thousand of them takes no more memory than others.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from peewee import Field

from coaching.accounts.models import Person
from coaching.catalog.models import Picture
from coaching.db import BaseModel

AT_ONCE = 500
Row = dict[str, Any]
KEY = "_key"


@dataclass(frozen=True)
class Section:
    """One file. `rows` selects from `model`, with whatever it joins; `about` says in the list of files what it is.

    `as_told` makes the entry of what was read, for this person; without one it stands as read.
    """

    name: str
    about: str
    model: type[BaseModel]
    rows: Callable[[Person], Any]
    columns: Mapping[str, Any]
    as_told: Callable[[Row, Person], Row] | None = None
    is_one: bool = False  # at most one entry: the file is that entry, and no list

    @property
    def fields(self) -> set[str]:
        """The columns of tables that it reads, such as `seat.goals`."""
        found = {getattr(column, "field", column) for column in self.columns.values()}
        return {f"{one.model._meta.table_name}.{one.name}" for one in found if isinstance(one, Field)}


def entries_of(section: Section, person: Person) -> Iterator[list[Row]]:
    """All entries of this person's file, the oldest first, at most AT_ONCE at a time."""
    key = section.model.id
    columns = [column.alias(name) for name, column in section.columns.items()]
    query = section.rows(person).select(*columns, key.alias(KEY)).order_by(key).limit(AT_ONCE)
    last = 0
    while found := list(query.where(key > last).dicts()):
        last = found[-1][KEY]
        for row in found:
            del row[KEY]
        yield [section.as_told(row, person) for row in found] if section.as_told else found


def find_webp(code: str) -> bytes | None:
    """The picture of this code; None where it has gone meanwhile."""
    found = Picture.get_or_none(Picture.code == code)
    return bytes(found.webp) if found else None
