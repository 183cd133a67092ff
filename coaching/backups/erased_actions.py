"""The list of deleted accounts lies beside the backups: who was deleted stays so when an older one is put back."""

from collections.abc import Iterable
from pathlib import Path

from coaching.backups.unfinished import written
from coaching.now import Now
from coaching.own_data.deletion_mutations import finish_deletions
from coaching.own_data.erased import NAME, Erased, as_text, read_barred, read_list
from coaching.own_data.erased_queries import all_erased
from coaching.people.barred_queries import all_barred

NO_LIST = (
    f"No list of deleted accounts ({NAME}) lies beside the backup: whoever deleted their account since is back. If you "
    "have the list elsewhere, put it beside the backup and restore once more."
)


def look_after_deletions(folder: Path, now: Now) -> None:
    """What deleting an account has left undone is done, and the list in the folder of the backups is whole."""
    finish_deletions(now)
    keep_list(folder)


def keep_list(folder: Path) -> None:
    """Who deleted their account stands in the list in the folder, beside whoever stood there already, with the digests
    of those who stay suspended: of these, which can be lifted, only the present ones.

    It is there with nobody on it, too: a backup without its list is told from one that needs none.
    """
    path = folder / NAME
    known, _ = _read(path)
    barred = all_barred()
    if path.exists() and set(all_erased()) <= set(known) and find_barred([folder]) == set(barred):
        return
    folder.mkdir(mode=0o700, exist_ok=True)
    with written(path) as unfinished:
        unfinished.write_text(as_text([*known, *all_erased()], barred))


def find_lists(folders: Iterable[Path]) -> tuple[list[Erased], list[str]]:
    """Who stands in the lists of these folders, and a sentence for each list that cannot be read whole."""
    erased: set[Erased] = set()
    problems = []
    for path in {folder.absolute() / NAME for folder in folders}:
        known, unreadable = _read(path)
        erased.update(known)
        if unreadable:
            problems.append(f"{unreadable} lines of {path} cannot be read: look at it, and restore once more.")
    return sorted(erased), problems


def find_barred(folders: Iterable[Path]) -> set[str]:
    """The digests in the lists of these folders of those who stay suspended."""
    return {digest for folder in folders for digest in read_barred(_text(folder / NAME))}


def has_list(folders: Iterable[Path]) -> bool:
    """True where one of the folders has a list."""
    return any((folder / NAME).exists() for folder in folders)


def _read(path: Path) -> tuple[list[Erased], int]:
    return read_list(_text(path))


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except FileNotFoundError:
        return ""
