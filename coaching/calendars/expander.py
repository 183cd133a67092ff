"""The process in which an outside calendar is worked through: it can be ended, and takes little of the machine.

    python -m coaching.calendars.expander < question.json > answer.json

It has no settings, no keys and no database. Action.
"""

import json
import os
import resource
import sys
from contextlib import suppress
from datetime import datetime

from coaching.calendars.events import Frame, read_events
from coaching.calendars.faults import FeedError

LONGEST = 15  # seconds of the processor
MOST_MEMORY = 1024 * 1024 * 1024  # bytes of addresses; about a tenth of it is in use


def limit_self() -> None:
    """This process gets little of the machine, as far as the machine lets it say so."""
    with suppress(OSError, ValueError):
        os.nice(10)
    for limit, most in ((resource.RLIMIT_CPU, LONGEST), (resource.RLIMIT_AS, MOST_MEMORY)):
        with suppress(OSError, ValueError):
            resource.setrlimit(limit, (most, most))


def answer(question: dict[str, str]) -> dict[str, object]:
    """What the calendar in the question says, or the fault in it."""
    from_at, until_at = (datetime.fromisoformat(question[name]) for name in ("from_at", "until_at"))
    frame = Frame(from_at, until_at, question["zone"], question["own_host"], question["owner"])
    try:
        reading = read_events(question["essence"], frame)
    except FeedError as error:
        return {"fault": error.fault.value}
    busy = [(start.isoformat(), end.isoformat()) for start, end in reading.busy]
    return {"busy": busy, "events": reading.events, "remark": reading.remark}


if __name__ == "__main__":
    limit_self()
    json.dump(answer(json.load(sys.stdin)), sys.stdout)
