"""Two versions side by side: what somebody typed, and what was saved in another window meanwhile."""

from collections.abc import Mapping
from dataclasses import dataclass

Words = Mapping[str, str]


@dataclass(frozen=True)
class Difference:
    """One thing that the two versions say differently."""

    label: str
    yours: str
    saved: str


def between(yours: Words, saved: Words) -> list[Difference]:
    """The lines that are not the same."""
    return [
        Difference(label, yours.get(label) or "Nothing", saved.get(label) or "Nothing")
        for label in dict.fromkeys([*yours, *saved])
        if yours.get(label) != saved.get(label)
    ]
