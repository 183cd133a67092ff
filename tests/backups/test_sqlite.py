"""A backup is whole, checked and closed to others, or it is not there."""

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from coaching.backups.actions import back_up
from coaching.db import is_sqlite
from coaching.errors import Refused
from tests import factories

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture(autouse=True)
def sqlite_only(db: None) -> None:
    if not is_sqlite():
        pytest.skip("PostgreSQL is backed up with pg_dump")


def test_a_backup_holds_what_was_written_a_moment_ago(tmp_path: Path) -> None:
    factories.make_person(name="Nova Hart")
    target = tmp_path / "copy.db"

    back_up(target)

    with closing(sqlite3.connect(target)) as copy:
        assert copy.execute("SELECT name FROM person").fetchall() == [("Nova Hart",)]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.glob("copy*")] == ["copy.db"]


def test_a_backup_takes_the_place_of_an_older_one(tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    target.write_text("older")

    back_up(target)

    assert target.read_bytes().startswith(b"SQLite format 3")


def test_a_backup_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="could not be written"):
        back_up(tmp_path / "no-such-folder" / "copy.db")

    assert not list(tmp_path.glob("no-such-folder*"))
