"""Makes the files that people asked for beside the database, and removes them when their time is over."""

import logging
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from coaching.checks import LEAST_FREE_BYTES
from coaching.errors import Refused
from coaching.messages.sender import Sender
from coaching.now import Now
from coaching.own_data.archive_actions import write_archive
from coaching.own_data.export_models import Export
from coaching.own_data.export_mutations import claim_next, forget_ended, keep_claim, record_made, record_not_made
from coaching.own_data.export_queries import wanted_names
from coaching.own_data.export_rules import MOST_TRIES, RENEW

logger = logging.getLogger(__name__)

EXPORTS = "exports"  # the folder beside the database
ENDINGS = (".zip", ".part")  # whole, and while it is written
# Those that come after them wait for the next minute.
MOST_AT_ONCE = 20


class NotWanted(Exception):
    """Its person is gone, or another worker makes the file by now."""


def make_exports(
    folder: Path, sender: Sender, free_bytes: int, clock: Callable[[], Now], most: int = MOST_AT_ONCE
) -> int:
    """Make what was asked for, and remove what is over; how many files became ready comes back."""
    forget_ended(clock().machine)
    made = 0
    for _ in range(most):
        export = claim_next(clock().machine)
        if export is None:
            break
        made += _make(export, folder, sender, free_bytes, clock)
    remove_unwanted(folder)
    return made


def export_path(folder: Path, name: str) -> Path:
    """Where the file of this name lies."""
    return folder / f"{name}.zip"


def remove_unwanted(folder: Path) -> None:
    """No file is left that nobody writes and nobody may download: over, dropped, or begun by a worker that died."""
    lying = list(folder.iterdir()) if folder.is_dir() else []
    wanted = wanted_names() if lying else set()  # after the look: a name is wanted before its file is there
    for path in lying:
        if path.suffix in ENDINGS and path.stem not in wanted:
            path.unlink(missing_ok=True)


def _make(export: Export, folder: Path, sender: Sender, free_bytes: int, clock: Callable[[], Now]) -> bool:
    """True when the file lies ready; otherwise it is tried again, given up, or nobody wants it."""
    path = export_path(folder, export.claim)
    begun = path.with_suffix(".part")
    try:
        if export.tries > MOST_TRIES:
            raise Refused("a worker was ended over it each time")
        if free_bytes < LEAST_FREE_BYTES:
            raise Refused(f"only {free_bytes // 1024**2} MB are free")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_archive(begun, export.person, sender.name, clock().machine, _renewing(export, clock))
        os.replace(begun, path)
    except NotWanted:
        begun.unlink(missing_ok=True)
        return False
    except Exception:
        begun.unlink(missing_ok=True)
        logger.exception("a person's data could not be put together", extra={"export": export.id})
        record_not_made(export, sender.url, clock().machine)
        return False
    if not record_made(export, path.stat().st_size, sender.url, clock().machine):
        path.unlink(missing_ok=True)
        return False
    logger.info("a person's data is ready", extra={"export": export.id, "bytes": path.stat().st_size})
    return True


def _renewing(export: Export, clock: Callable[[], Now]) -> Callable[[], None]:
    """Keeps the claim while the file is written; raises NotWanted once it is lost."""
    kept_at = [clock().machine]

    def renew() -> None:
        now: datetime = clock().machine
        if now - kept_at[0] >= RENEW:
            kept_at[0] = now
            if not keep_claim(export, now):
                raise NotWanted

    return renew
