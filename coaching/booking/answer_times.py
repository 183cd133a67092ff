"""How quickly a coach answers requests, in a number and in words. Pure."""

import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

FEWEST = 3
COUNTED = timedelta(days=90)
# Events of a session that was requested; the first of the latter kinds after the first says how it went.
ASKED = "requested"
ANSWERED = ("accepted", "declined")
UNANSWERED = ("lapsed",)
# A student who takes the request back has waited for nothing that could be counted.
ENDINGS = (*ANSWERED, *UNANSWERED, "cancelled", "moved")


def waits_of(events: Iterable[tuple[int, str, datetime]]) -> list[timedelta | None]:
    """How long each request waited, None for one that nobody answered; `events` of sessions by their ids, in order."""
    asked: dict[int, datetime] = {}
    waits: list[timedelta | None] = []
    for session_id, kind, at in events:
        if kind == ASKED:
            asked[session_id] = at
        elif kind in ENDINGS and (since := asked.pop(session_id, None)):
            if kind in ANSWERED:
                waits.append(max(at - since, timedelta()))
            elif kind in UNANSWERED:
                waits.append(None)
    return waits


def usual_wait(waits: Sequence[timedelta | None]) -> int | None:
    """Within how many minutes half of the requests were answered; None for fewer than three, or where most were not."""
    if len(waits) < FEWEST:
        return None
    in_order = sorted(waits, key=lambda wait: timedelta.max if wait is None else wait)
    middle = in_order[(len(in_order) - 1) // 2]
    return None if middle is None else math.ceil(middle / timedelta(minutes=1))


def wait_label(minutes: int | None) -> str:
    """`170` -> "usually within 3 hours"; empty for None."""
    if minutes is None:
        return ""
    hours = max(1, math.ceil(minutes / 60))
    if hours == 1:
        return "usually within an hour"
    if hours <= 24:
        return f"usually within {hours} hours" if hours < 24 else "usually within a day"
    return f"usually within {math.ceil(hours / 24)} days"
