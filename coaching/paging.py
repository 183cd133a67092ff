"""One page of a list that is read from the database. Foundation."""

from typing import Any


def page_of(query: Any, number: int, size: int) -> tuple[list[Any], bool]:
    """The rows of this page, counted from 1, and whether there are more: one more is asked for than it shows."""
    rows = list(query.limit(size + 1).offset((number - 1) * size))
    return rows[:size], len(rows) > size
