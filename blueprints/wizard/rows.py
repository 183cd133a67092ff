"""Rows of a form (offers, questions) added, removed and moved in what was typed, before anything is kept. Pure."""

import re
from collections.abc import Mapping, Sequence

from werkzeug.datastructures import MultiDict

Row = dict[str, str]
Fields = MultiDict[str, str]

ACT = re.compile(r"(add|remove|up|down)-(offers|questions)(?:-([0-9]{1,2}))?")


DONE = {"add": "added", "remove": "removed", "up": "moved up", "down": "moved down"}
NAMES = {"offers": "Length", "questions": "Question"}


def rearranged(fields: Fields, blanks: Mapping[str, Row]) -> tuple[Fields, str, str] | None:
    """The fields after the pressed button's act, the id of what to focus, and a sentence; None after other buttons."""
    act = ACT.fullmatch(fields.get("act", ""))
    if act is None:
        return None
    verb, name, index = act[1], act[2], int(act[3] or 0)
    rows = rows_in(fields, name)
    changed, focused = acted(rows, verb, index, blanks[name])
    first_field = next(iter(blanks[name]))
    focus = f"{name}-{focused}-{first_field}" if changed else name
    said = f"{NAMES[name]} {len(changed) if verb == 'add' else index + 1} {DONE[verb]}."
    return with_rows(fields, name, changed), focus, said if changed != rows else ""


def acted(rows: Sequence[Row], verb: str, index: int, blank: Row) -> tuple[list[Row], int]:
    """The rows after one act, and which row to look at then."""
    changed = list(rows)
    if verb == "add":
        changed.append(dict(blank))
        return changed, len(changed) - 1
    if not 0 <= index < len(changed):
        return changed, 0
    row = changed.pop(index)
    if verb == "remove":
        return changed, min(index, max(len(changed) - 1, 0))
    target = max(0, index - 1) if verb == "up" else min(len(changed), index + 1)
    changed.insert(target, row)
    return changed, target


def rows_in(fields: Fields, name: str) -> list[Row]:
    """The typed rows in their order; keys that no page of ours sends are left out."""
    key = re.compile(rf"{name}-([0-9]{{1,3}})-([a-z_]+)")
    rows: dict[int, Row] = {}
    for typed in fields:
        if parts := key.fullmatch(typed):
            rows.setdefault(int(parts[1]), {})[parts[2]] = fields[typed]
    return [rows[index] for index in sorted(rows)]


def with_rows(fields: Fields, name: str, rows: Sequence[Row]) -> Fields:
    """The fields with these rows, numbered from 0, in the place of those that were there."""
    changed = MultiDict([(key, value) for key, value in fields.items(multi=True) if not key.startswith(f"{name}-")])
    for index, row in enumerate(rows):
        for part, value in row.items():
            changed[f"{name}-{index}-{part}"] = value
    return changed
