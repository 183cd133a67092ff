"""What of an outside calendar matters for when somebody is busy: a fraction of its text. Pure.

Reading all of it would take ten times as long, and stumble over a broken line in a description. What is left out is
also kept by nobody here.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

_FOLD = re.compile(r"\r?\n[ \t]")
_KEPT = re.compile(
    r"(BEGIN|END|UID|DTSTART|DTEND|DURATION|RRULE|RDATE|EXDATE|RECURRENCE-ID|SEQUENCE|STATUS|TRANSP|FREEBUSY"
    r"|X-MICROSOFT-CDO-BUSYSTATUS|X-WR-TIMEZONE|X-WR-CALNAME|TZID|TZOFFSETFROM|TZOFFSETTO)[;:]",
    re.IGNORECASE,
)
_DECLINED = re.compile(r"ATTENDEE;.*PARTSTAT=\"?DECLINED", re.IGNORECASE)
_REPEATS = re.compile(r"(RRULE|RDATE|RECURRENCE-ID)[;:]", re.IGNORECASE)
_END_ON = re.compile(r"DTEND(?:;.*)?:(\d{8})(?:T\d{6}Z?)?$", re.IGNORECASE)
# What ended on such a day is over in every zone.
OVER = timedelta(days=3)


def essence_of(text: str) -> str:
    """The lines that say when somebody is busy, unfolded."""
    # By line feeds alone: other signs that part lines may stand in what others have typed.
    lines = (line.rstrip("\r") for line in _FOLD.sub("", text).split("\n"))
    return "\n".join(line for line in lines if _KEPT.match(line) or _DECLINED.match(line)) + "\n"


def without_past(essence: str, from_at: datetime) -> str:
    """The same without the events that took place once and are over: of years only what is to come is left."""
    last_on = f"{from_at - OVER:%Y%m%d}"
    return "\n".join(_current(essence.split("\n"), last_on))


def _current(lines: Iterable[str], last_on: str) -> Iterator[str]:
    event: list[str] | None = None
    for line in lines:
        word = line.upper()
        if word == "BEGIN:VEVENT" and event is None:
            event = [line]
        elif event is None:
            yield line
        else:
            event.append(line)
            if word == "END:VEVENT":
                if not _is_over(event, last_on):
                    yield from event
                event = None
    yield from event or ()


def _is_over(event: Iterable[str], last_on: str) -> bool:
    ends = ""
    for line in event:
        if _REPEATS.match(line):
            return False
        if end := _END_ON.match(line):
            ends = max(ends, end[1])
    return "" < ends < last_on
