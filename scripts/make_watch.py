"""Whether the `make` that started this process is still there, and has not been told to stop."""

import os
import signal
from collections.abc import Callable
from pathlib import Path


def watch_over_make() -> Callable[[], bool]:
    """A question to ask now and then: has the `make` that started us gone, or been told to stop?

    On Ctrl-C a terminal tells everybody. A SIGINT to make alone is not passed on: make drops its handler and waits
    for us, who know nothing. That dropped handler can be seen.
    """
    parent = os.getppid()
    if _process_name(parent) not in ("make", "gmake"):
        return lambda: False
    did_catch = _catches_interrupts(parent)
    return lambda: os.getppid() != parent or (did_catch and not _catches_interrupts(parent))


def _process_name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def _catches_interrupts(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    caught = next((line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:")), "0")
    return bool(int(caught, 16) & 1 << (signal.SIGINT - 1))
