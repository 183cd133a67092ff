"""A look at the rooms that breaks is followed by another one. In a process of its own, whose database has no tables."""

from pathlib import Path

from tests.rooms.sandbox_process import in_process_of_its_own

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
    told = in_process_of_its_own(BREAK, f"sqlite:///{tmp_path}/empty.db", tmp_path)
    # Two, where they broke on both sides of the full ten seconds.
    assert told.split() in (["look_at_rooms"], ["look_at_rooms"] * 2)
