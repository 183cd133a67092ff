"""A look at the rooms that breaks is followed by another one. In a process of its own, whose database has no tables."""

import subprocess
import sys
from pathlib import Path

from tests.rooms.sandbox_process import worker_environment

BREAK = """
import sys
import tasks

for look in [tasks.look_at_rooms, tasks.reconcile_rooms] * 4:
    try:
        look.call_local()
    except Exception:
        continue
    sys.exit("nothing broke")
print(*[task.name for task in tasks.huey.pending()])
"""


def test_looks_that_break_are_followed_by_one_more(tmp_path: Path) -> None:
    environment = worker_environment(f"sqlite:///{tmp_path}/empty.db", tmp_path, "http://127.0.0.1:9/api/v10")
    told = subprocess.run(
        [sys.executable, "-c", BREAK],
        cwd=Path(__file__).parent.parent,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    # Two, where they broke on both sides of the full ten seconds.
    assert told.stdout.split() in (["look_at_rooms"], ["look_at_rooms"] * 2)
