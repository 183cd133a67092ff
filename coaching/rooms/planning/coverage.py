"""Which parts of a time somebody was looked for, told from the instants of the looks. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta

# Between two looks no further apart than this the time counts as looked at.
LONGEST_GAP = timedelta(minutes=5)

Span = tuple[datetime, datetime]


def with_look(spans: Iterable[Span], at: datetime) -> tuple[Span, ...]:
    """The spans with one more look, joined with whatever was looked at shortly before or after it."""
    near = [span for span in spans if span[0] - LONGEST_GAP <= at <= span[1] + LONGEST_GAP]
    around = (min([at, *(since for since, _ in near)]), max([at, *(until for _, until in near)]))
    return tuple(sorted([*(span for span in spans if span not in near), around]))


def joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same time in as few spans as possible, in order."""
    found: tuple[Span, ...] = ()
    for since, until in sorted(spans):
        if found and since <= found[-1][1]:
            *before, (began, ended) = found
            found = (*before, (began, max(ended, until)))
        else:
            found = (*found, (since, until))
    return found


def unlooked(spans: Iterable[Span], since: datetime, until: datetime) -> tuple[Span, ...]:
    """The stretches from `since` to `until` that lie in no span, in order."""
    found, at = [], since
    for begin, end in sorted(spans):
        if at < min(begin, until):
            found.append((at, min(begin, until)))
        at = max(at, end)
    return (*found, (at, until)) if at < until else tuple(found)
