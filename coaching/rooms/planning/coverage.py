"""Which parts of a time somebody was looked for, told from the instants of the looks. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta

# Between two looks no further apart than this the time counts as looked at.
LONGEST_GAP = timedelta(minutes=5)

Span = tuple[datetime, datetime]


def with_look(spans: Iterable[Span], at: datetime) -> tuple[Span, ...]:
    """The spans with one more look, joined with whatever was looked at shortly before or after it."""
    return joined([*spans, (at, at)], LONGEST_GAP)


def joined(spans: Iterable[Span], gap: timedelta = timedelta()) -> tuple[Span, ...]:
    """The same time in as few spans as possible, in order; what lies no further apart than `gap` is joined."""
    known: list[Span] = []
    for since, until in sorted(spans):
        if known and since <= known[-1][1] + gap:
            began, ended = known.pop()
            since, until = began, max(ended, until)
        known.append((since, until))
    return tuple(known)


def unlooked(spans: Iterable[Span], since: datetime, until: datetime) -> tuple[Span, ...]:
    """The stretches from `since` to `until` that lie in no span, in order."""
    stretches, at = [], since
    for begin, end in [*sorted(spans), (until, until)]:
        if at < min(begin, until):
            stretches.append((at, min(begin, until)))
        at = max(at, end)
    return tuple(stretches)
