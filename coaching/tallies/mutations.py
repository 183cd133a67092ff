"""Changes of tallies."""

from collections.abc import Sequence
from functools import cache

from peewee import EXCLUDED

from coaching.db import for_one_statement
from coaching.reading import Change, given
from coaching.tallies.models import Tally

# Of what, of which kind of it, and by how many it is to be higher.
Count = tuple[str, str, int]


def count(name: str, label: str, by: int = 1) -> None:
    """The tally of `name` and `label` is higher by so many, whoever else counts at the same time."""
    count_all([(name, label, by)])


def count_all(counts: Sequence[Count]) -> None:
    """Raise several tallies, each of them once. Inside another transaction they count only if that one is kept.

    In the same order everywhere: on PostgreSQL two orders could wait for each other.
    """
    values = {
        f"{column}{row}": value
        for row, tally in enumerate(counts)
        for column, value in zip(COLUMNS, tally, strict=True)
    }
    with for_one_statement():
        _counting(len(counts)).run(**values)


COLUMNS = ("name", "label", "total")


@cache
def _counting(number: int) -> Change:
    rows = [{name: given(f"{name}{row}") for name in COLUMNS} for row in range(number)]
    return Change(
        lambda: Tally.insert_many(rows).on_conflict(
            conflict_target=[Tally.name, Tally.label], update={Tally.total: Tally.total + EXCLUDED.total}
        )
    )
