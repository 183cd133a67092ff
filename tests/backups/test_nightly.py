"""The night's backup: made once, pruned, followed by the site's own command; a failure is seen and tried again."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from coaching.backups.actions import LEFT_FREE_BYTES, back_up_nightly
from coaching.backups.files import Policy
from coaching.db import is_sqlite
from coaching.notices.models import Notice
from coaching.runtime.queries import BACKUP, FAILED_BACKUP, last_heartbeat
from tests import factories

pytestmark = [pytest.mark.usefixtures("db"), pytest.mark.one_database]
NIGHT = datetime(2027, 3, 10, 3, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PLENTY = LEFT_FREE_BYTES
Night = Callable[..., Path | None]


@pytest.fixture
def night(tmp_path: Path) -> Night:
    """A minute of the worker; what it backed up, if it did."""

    def run(now: datetime, *command: str, count: int = 2, free: int = PLENTY) -> Path | None:
        return back_up_nightly(tmp_path / "backups", Policy(count, 0, command), free, now)

    return run


def test_a_night_has_one_backup_and_the_oldest_go(night: Night, tmp_path: Path) -> None:
    made = [night(NIGHT + day * DAY) for day in range(4)]
    assert night(NIGHT + 3 * DAY + HOUR) is None

    assert all(made)
    # Beside them lies the list of deleted accounts.
    assert sorted((tmp_path / "backups").iterdir()) == [tmp_path / "backups" / "deleted-accounts.txt", *made[2:]]
    assert last_heartbeat(BACKUP) == NIGHT + 3 * DAY


def test_no_backup_is_made_where_none_is_wanted(night: Night) -> None:
    assert night(NIGHT, count=0) is None


def test_the_sites_own_command_gets_the_backup(night: Night, tmp_path: Path) -> None:
    program = f"import shutil, sys; shutil.copy(sys.argv[1], {str(tmp_path / 'elsewhere.db')!r})"

    made = night(NIGHT, sys.executable, "-c", program)

    assert made is not None
    assert (tmp_path / "elsewhere.db").read_bytes() == made.read_bytes()


@pytest.mark.parametrize("trouble", ["command", "disk"])
def test_a_night_that_fails_is_seen_told_and_tried_again_in_an_hour(night: Night, trouble: str) -> None:
    ada = factories.make_person("Ada", is_admin=True)
    night(NIGHT - DAY)
    failing = [sys.executable, "-c", "import sys; sys.exit('no room there')"] if trouble == "command" else []

    assert night(NIGHT, *failing, free=0 if trouble == "disk" else PLENTY) is None
    assert (last_heartbeat(BACKUP), last_heartbeat(FAILED_BACKUP)) == (NIGHT - DAY, NIGHT)
    assert Notice.get().person_id == ada.id

    assert night(NIGHT + HOUR / 2) is None
    assert night(NIGHT + HOUR) is not None


def test_two_workers_make_one_backup(night: Night, tmp_path: Path) -> None:
    from coaching.runtime.mutations import claim_lease

    assert claim_lease(BACKUP, NIGHT, HOUR)
    assert night(NIGHT) is None
    assert is_sqlite()
    assert not (tmp_path / "backups").exists()
