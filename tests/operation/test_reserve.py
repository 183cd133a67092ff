"""The reserve: a file that is given up when the disk is full, and comes back when there is room."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from coaching.checks import LEAST_FREE_BYTES
from coaching.operation.reserve_actions import ALMOST_NOTHING, NAME, RESERVE_BYTES, drop_reserve, keep_reserve

PLENTY = LEAST_FREE_BYTES + RESERVE_BYTES


@pytest.mark.parametrize(
    ("was_there", "free", "is_there"),
    [
        (False, PLENTY, True),
        (False, PLENTY - 1, False),
        (True, ALMOST_NOTHING, True),
        (True, ALMOST_NOTHING - 1, False),
    ],
)
def test_it_is_made_where_there_is_room_and_given_up_where_there_is_none(
    tmp_path: Path, was_there: bool, free: int, is_there: bool
) -> None:
    if was_there:
        keep_reserve(tmp_path, PLENTY)
    keep_reserve(tmp_path, free)

    assert [path.name for path in tmp_path.iterdir()] == [NAME] * is_there
    if is_there:
        # Blocks of its own, or it would keep nothing free.
        assert (tmp_path / NAME).stat().st_blocks * 512 >= RESERVE_BYTES
    assert drop_reserve(tmp_path) is is_there
    assert drop_reserve(tmp_path) is False


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with room for little more than half of a reserve; not every machine lets us."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={RESERVE_BYTES // 2}", "tmpfs", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True, timeout=10)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no file system can be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True, timeout=10)


def test_one_that_does_not_fit_leaves_nothing_behind(small_disk: Path) -> None:
    keep_reserve(small_disk, PLENTY)

    assert list(small_disk.iterdir()) == []
