"""Uploads made into pictures, one at a time on the whole machine: each takes up to 200 MB while it is decoded."""

import ctypes
import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import BoundedSemaphore
from typing import IO

from coaching.catalog.web_pictures import WebPicture
from coaching.errors import PictureRefused

LOCK = "pictures.lock"
PATIENCE_SECONDS = 5.0
POLL_SECONDS = 0.05
M_MMAP_THRESHOLD = -3  # malloc.h
LARGEST_KEPT_BLOCK = 256 * 1024
# In each process: one at work and some that wait, so that most threads are left for other pages.
_inside = BoundedSemaphore(4)


def prepare_picture(file: IO[bytes], folder: Path, patience: float = PATIENCE_SECONDS) -> WebPicture:
    """The uploaded file as a WebPicture; PictureRefused says why not, also when too many are being made just now.

    All processes with the same `folder` take turns. The file is read only once it is its turn.
    """
    from coaching.catalog.pictures import MOST_BYTES, encode_picture  # Pillow, for whoever uploads one

    with _permit(folder, patience):
        return encode_picture(file.read(MOST_BYTES + 1))


@contextmanager
def _permit(folder: Path, patience: float) -> Iterator[None]:
    if not _inside.acquire(blocking=False):
        raise _busy()
    try:
        with (folder / LOCK).open("w") as file:
            _wait_for(file, patience)
            _give_back_what_is_freed()
            yield  # closing the file lets go of it, and so does the end of the process
    finally:
        _inside.release()


def _wait_for(file: IO[str], patience: float) -> None:
    deadline = time.monotonic() + patience
    while True:
        with suppress(BlockingIOError):
            return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if time.monotonic() > deadline:
            raise _busy()
        time.sleep(POLL_SECONDS)


def _give_back_what_is_freed() -> None:
    # By itself the C library keeps freed blocks of up to 32 MB for the thread that had them: a few threads of both
    # workers then hold more than one picture takes. Only glibc has this knob, and only glibc needs it.
    with suppress(AttributeError):
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, LARGEST_KEPT_BLOCK)


def _busy() -> PictureRefused:
    return PictureRefused("Other pictures are being made ready right now. Choose yours again in a few seconds.")
