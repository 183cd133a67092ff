"""An outside calendar is worked through in a process of its own, which is ended when it takes too long."""

import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from coaching.calendars.events import Frame, Reading
from coaching.calendars.faults import Fault, FeedError

HOME = Path(__file__).parent.parent.parent
LASTS_AT_MOST = 20.0  # seconds
# All that the process may know of ours: where Python and its time zones lie.
HANDED_ON = ("PATH", "LD_LIBRARY_PATH", "PYTHONTZPATH", "SYSTEMROOT")


def expand(essence: str, frame: Frame, seconds: float = LASTS_AT_MOST) -> Reading:
    """When the calendar says that its owner is busy; FeedError where it cannot be told, or not in so many seconds."""
    question = {
        "essence": essence,
        "from_at": frame.from_at.isoformat(),
        "until_at": frame.until_at.isoformat(),
        "zone": frame.zone,
        "own_host": frame.own_host,
        "owner": frame.owner,
    }
    try:
        done = subprocess.run(
            [sys.executable, "-m", "coaching.calendars.expander"],
            input=json.dumps(question).encode(),
            capture_output=True,
            timeout=seconds,
            check=False,
            cwd=HOME,
            env={name: os.environ[name] for name in HANDED_ON if name in os.environ},
        )
    except subprocess.TimeoutExpired:
        raise FeedError(Fault.TOO_HARD) from None
    if done.returncode:
        # It was ended at its limit, or broke over a text that nobody foresaw.
        raise FeedError(Fault.TOO_HARD if done.returncode < 0 else Fault.BROKEN)
    return _reading(json.loads(done.stdout))


def _reading(answer: dict[str, Any]) -> Reading:
    if "fault" in answer:
        raise FeedError(Fault(answer["fault"]))
    times = tuple((datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in answer["busy"])
    return Reading(times, answer["events"], answer["remark"])
