"""The worker's loop is kept alive: where it has died, another one takes over. In a process of its own."""

from pathlib import Path

from tests import databases
from tests.rooms.sandbox_process import in_process_of_its_own

DIES = """
import threading, time
import tasks
from coaching.runtime.models import Heartbeat, Run

def beats():
    with tasks.connected():
        return sorted(beat.name for beat in Heartbeat.select()), Run.select().count()

tasks.reconcile_rooms.call_local()
print(*beats(), tasks.loop.lives)
tasks.reconcile_rooms.call_local()
print(*beats(), tasks.loop.lives)
first = tasks.loop.reconciler
first.stop()
tasks.loop._thread.join(20)
tasks.reconcile_rooms.call_local()
print(*beats(), tasks.loop.lives, tasks.loop.reconciler is not first)
tasks.loop.reconciler.planned_at -= 1000
tasks.look_at_rooms.call_local()
deadline = time.monotonic() + 20
while not tasks.loop.lives and time.monotonic() < deadline:
    time.sleep(0.01)
print(tasks.loop.lives)
tasks.loop.end()
tasks.loop._thread.join(20)
tasks.loop.keep()
print(tasks.loop.lives)
"""


def test_a_loop_that_died_is_told_of_and_begun_again(tmp_path: Path) -> None:
    database_url = f"sqlite:///{tmp_path}/greenroom.db"
    databases.lay_migrated(tmp_path / "greenroom.db")
    printed = in_process_of_its_own(DIES, database_url, tmp_path / "data").splitlines()
    # Nothing is said of a loop that has not begun, or has died: only one that lives is heard of.
    assert printed[0] == "[] 0 True"
    assert printed[1] == "['worker'] 1 True"
    assert printed[2] == "['broken loop', 'worker'] 1 True True"
    # One that was slow, and plans again when it is woken, lives.
    assert printed[3:] == ["True", "False"]
