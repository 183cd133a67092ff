"""What the copy of a schedule is called, so that no two have one name. Pure."""

import re
from collections.abc import Iterable
from itertools import count

LONGEST_NAME = 60
_MARK = re.compile(r" \(copy(?: [0-9]+)?\)$")


def name_of_copy(name: str, taken: Iterable[str]) -> str:
    """“Evenings (copy)”, then “Evenings (copy 2)”: the first that is not `taken`, whatever letters are capital."""
    known, plain = {key_of(other) for other in taken}, _MARK.sub("", name)
    marks = (f" (copy{f' {number}' if number > 1 else ''})" for number in count(1))
    names = (f"{plain[: LONGEST_NAME - len(mark)].rstrip()}{mark}" for mark in marks)
    return next(candidate for candidate in names if key_of(candidate) not in known)


def key_of(name: str) -> str:
    """What two names that read the same have in common."""
    return " ".join(name.split()).casefold()
