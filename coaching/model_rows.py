"""Models made of rows as peewee makes them, without its detour over an attribute for each column. Foundation.

A product with its store has ninety columns, and each page that can be booked reads it first of all.
"""

from collections.abc import Callable, Sequence
from typing import Any

import peewee

Row = Sequence[Any]


def row_maker(read: Any) -> Callable[[Row], Any]:
    """What makes of a row what this cursor of peewee's, which has read one, makes of it."""
    # Tuples, and models with a value beside their columns, peewee makes itself.
    return _Maker(read).make if _is_plain(read) else read.process_row


def _is_plain(read: Any) -> bool:
    kind = type(read)
    return kind is peewee.ModelCursorWrapper and all(
        field is not None and key in read.key_to_constructor and name == field.name
        for field, (_, key, name, _) in zip(read.fields, read._row_spec, strict=True)
    )


class _Maker:
    def __init__(self, read: Any) -> None:
        self._model = read.model
        # Of each model where in the row its values stand, in which field each goes, and what that makes of it.
        cells: dict[Any, list[Any]] = {key: [] for key in read.key_to_constructor}
        for index, key, name, convert in read._row_spec:
            cells[key].append((index, name, convert))
        self._parts = [(key, make, cells[key]) for key, (make, _) in read.key_to_constructor.items()]
        nothing: frozenset[Any] = frozenset()
        self._joins = [(*join, {join[2], *read._dest_reachable.get(join[2], nothing)}) for join in read.src_to_dest]

    def make(self, row: Row) -> Any:
        """The row's model, with those that are joined to it."""
        made: dict[Any, Any] = {}
        present = set()
        for key, make, cells in self._parts:
            made[key] = instance = make(__no_default__=True)
            values = vars(instance)["__data__"]
            for index, name, convert in cells:
                value = row[index]
                if value is not None:
                    present.add(key)
                values[name] = value if convert is None else convert(value)
        for source, name, joined, _, is_outer, is_key, below in self._joins:
            is_there = not present.isdisjoint(below)
            if is_outer and source not in present and joined not in present:
                continue
            if is_there:
                setattr(made[source], name, made[joined])
            elif is_outer and is_key:
                # Known to be nothing, and its number as it stands in the row.
                vars(made[source])["__rel__"][name] = None
            elif is_outer:
                setattr(made[source], name, None)
        for instance in made.values():
            instance._dirty.clear()
        return made[self._model]
