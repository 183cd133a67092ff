"""A file that keeps room on the disk: it goes when nothing else is free, so that rooms and bookings go on."""

import logging
import os
from pathlib import Path

from coaching.checks import LEAST_FREE_BYTES

logger = logging.getLogger(__name__)

NAME = "reserve"
RESERVE_BYTES = 32 * 1024 * 1024
# With less than this the next write may be the one that fails.
ALMOST_NOTHING = 8 * 1024 * 1024


def keep_reserve(data_dir: Path, free_bytes: int) -> None:
    """The reserve is there where there is room for it, and given up where nearly nothing else is left."""
    if free_bytes < ALMOST_NOTHING:
        drop_reserve(data_dir)
    elif free_bytes >= LEAST_FREE_BYTES + RESERVE_BYTES and not (data_dir / NAME).exists():
        _make(data_dir)


def drop_reserve(data_dir: Path) -> bool:
    """The room it kept is free; False when there was none to give up."""
    try:
        (data_dir / NAME).unlink()
    except OSError:
        return False
    logger.error("the disk is full: the reserve in DATA_DIR was given up, make room there")
    return True


def _make(data_dir: Path) -> None:
    # Beside its place first: two workers that make it at once are both right.
    new = data_dir / f"{NAME}.{os.getpid()}"
    try:
        with new.open("wb") as file:
            # Blocks of its own: a file with nothing in it keeps no room.
            os.posix_fallocate(file.fileno(), 0, RESERVE_BYTES)
        new.replace(data_dir / NAME)
    except OSError as problem:
        new.unlink(missing_ok=True)
        logger.warning("no reserve could be made in DATA_DIR: %s", problem.strerror)
