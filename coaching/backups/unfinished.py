"""A backup is there whole, under its name, or it is not there. Foundation."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def written(target: Path) -> Iterator[Path]:
    """A new file that takes the place of `target` once the block has gone well."""
    unfinished = target.with_name(f"{target.name}.unfinished")
    try:
        os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        yield unfinished
        unfinished.replace(target)
    finally:
        with suppress(OSError):  # told by whoever calls, where it is what stands in the way
            unfinished.unlink(missing_ok=True)
