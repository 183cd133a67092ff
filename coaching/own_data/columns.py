"""How the list of what is kept about people is written (people_columns.py). Foundation."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType
from typing import Any

from peewee import Expression, Field

from coaching.db import BaseModel

Path = tuple[Field, ...]
NOTHING: Mapping[str, Any] = MappingProxyType({})

# What takes the place of names.
FORMER = "Former student"
FORMER_COACH = "Former coach"
CLOSED_STORE = "A closed store"
# Why something stays.
RECORD = "The record of a call is the other side’s as well."
MONEY = "The law wants records of money to be kept."


class Becomes(Enum):
    """What becomes of a row when the account of its person is deleted."""

    GOES = auto()
    LET_GO = auto()  # it stays, and leads to nobody any more
    STAYS = auto()  # it leads to a person without a name


@dataclass(frozen=True)
class Way:
    """One way from a table to a person: by these fields, one after the other; none of the person's own row.

    `download` are the columns that the person's own download holds of the rows found by it. Of a row that is not
    deleted `cleared` says which columns get another value (a callable is given the row's id), `kept` which words stay,
    and `why`. With `where` only such rows are meant.
    """

    path: Path
    becomes: Becomes
    download: str
    cleared: Mapping[str, Any]
    kept: str = ""
    why: str = ""
    where: Callable[[], Expression] | None = None


@dataclass(frozen=True)
class About:
    """A table that says something about people: each way to them, and its other columns, which no download holds."""

    model: type[BaseModel]
    ways: tuple[Way, ...]
    inner: str

    @property
    def named(self) -> list[str]:
        """Every column that is spoken of."""
        return [*self.inner.split(), *{name for way in self.ways for name in way.download.split()}]


def goes(*path: Field, download: str = "", where: Callable[[], Expression] | None = None) -> Way:
    return Way(path, Becomes.GOES, download, NOTHING, where=where)


def let_go(
    *path: Field, download: str = "", cleared: Mapping[str, Any] = NOTHING, kept: str = "", why: str = ""
) -> Way:
    return Way(path, Becomes.LET_GO, download, cleared, kept, why)


def stays(*path: Field, download: str = "", cleared: Mapping[str, Any] = NOTHING, kept: str = "", why: str = "") -> Way:
    return Way(path, Becomes.STAYS, download, cleared, kept, why)


def closed(row_id: int) -> str:
    """What takes the place of an address that said something, and that no two rows may have."""
    return f"closed-{row_id}"
