"""The queue's messages are pickles: what was not signed by us is never unpickled. In a process of its own."""

from pathlib import Path

from tests import databases
from tests.rooms.sandbox_process import in_process_of_its_own

FORGE = """
import os, pickle, sys
from pathlib import Path
import tasks
from huey.serializer import Serializer, SignedSerializer

proof = Path(sys.argv[1])

class Bomb:
    def __reduce__(self):
        return (Path.touch, (proof,))

good = tasks.huey.serialize_task(tasks.look_at_rooms.s())
forgeries = [
    pickle.dumps(Bomb()),
    Serializer().serialize(Bomb()),
    SignedSerializer(secret=b"another key").serialize(Bomb()),
    SignedSerializer(secret=os.environ["SECRET_KEY"].encode()).serialize(Bomb()),
    pickle.dumps(Bomb()) + b":" + good.rsplit(b":", 1)[1],
    b"",
]
for forgery in forgeries:
    tasks.huey.storage.enqueue(forgery)
    try:
        tasks.huey.dequeue()
    except ValueError:
        continue
    sys.exit("taken for ours")
tasks.huey.storage.enqueue(good)
assert tasks.huey.dequeue().name == "look_at_rooms"
assert b"look_at_rooms" in good and b"coaching" not in good
for name in ("queue.db",):
    assert os.stat(Path(os.environ["DATA_DIR"]) / name).st_mode & 0o077 == 0
print("refused", len(forgeries))
"""


def test_a_forged_message_runs_nothing(tmp_path: Path) -> None:
    data_dir, trace = tmp_path / "data", tmp_path / "it-ran"
    printed = in_process_of_its_own(FORGE, f"sqlite:///{data_dir}/greenroom.db", data_dir, str(trace))
    assert printed == "refused 6\n"
    assert not trace.exists()


WATCH = """
import tasks
for _ in range(50):
    tasks.watch_room(7)
tasks.look_at_rooms()
print(tasks.huey.pending_count(), tasks.huey.dequeue().name)
"""


def test_watched_pages_neither_fill_the_queue_nor_go_before_anything(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    printed = in_process_of_its_own(WATCH, f"sqlite:///{data_dir}/greenroom.db", data_dir)
    assert printed == "21 look_at_rooms\n"


LOCKED = """
import os, sqlite3, threading, time
import app
import tasks
queue = sqlite3.connect(os.environ["DATA_DIR"] + "/queue.db", isolation_level=None)
queue.execute("BEGIN EXCLUSIVE")
before = time.monotonic()
for number in range(20):
    app.wake_rooms()
    app.watch_room(number)
print(time.monotonic() - before < 1, app.queue_answers())
planned_at = tasks.loop.reconciler.planned_at
tasks.loop.keep()
while tasks.loop.reconciler.planned_at == planned_at:
    time.sleep(0.01)
print(tasks.loop.lives)
tasks.loop.end()
queue.execute("ROLLBACK")
print(app.hints.wait_until_empty(20), app.queue_answers(), tasks.huey.pending_count() > 0)
"""


def test_a_locked_queue_delays_no_page_and_gets_its_hints_later(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    database_url = f"sqlite:///{tmp_path}/greenroom.db"
    databases.lay_migrated(tmp_path / "greenroom.db")
    printed = in_process_of_its_own(LOCKED, database_url, data_dir)
    # No page has waited, rooms were looked after without it, and what waited is in it afterwards.
    assert printed == "True False\nTrue\nTrue True True\n"


AGAIN = """
from datetime import UTC, datetime, timedelta
import tasks
tasks.send_soon()
print(tasks.hints.wait_until_empty(20), [task.name for task in tasks.huey.pending()])
tasks.huey.flush()
send = tasks.deliver_notices.call_local
for seconds in (None, 3600, 1, 1):
    next_at = seconds and datetime.now(UTC) + timedelta(seconds=seconds)
    tasks.send_messages = lambda *_: next_at
    send()
    # A worker takes what is for later, and puts it aside.
    while task := tasks.huey.dequeue():
        tasks.huey.execute(task)
    waiting = tasks.huey.scheduled()
    print([round((task.eta - datetime.now(UTC).replace(tzinfo=None)).total_seconds()) for task in waiting])
"""


def test_what_gave_way_to_rooms_is_sent_seconds_later_by_one_task(tmp_path: Path) -> None:
    data_dir, database_url = tmp_path / "data", f"sqlite:///{tmp_path}/greenroom.db"
    databases.lay_migrated(tmp_path / "greenroom.db")
    printed = in_process_of_its_own(AGAIN, database_url, data_dir)
    assert printed == "True ['deliver_notices']\n[]\n[]\n[5]\n[5]\n"


RESTING = """
from datetime import UTC, datetime
import tasks
tasks.deliver_notices.schedule(delay=50)
assert tasks.pace.may_begin(print)
for _ in range(2):
    tasks.deliver_notices.call_local()
    while task := tasks.huey.dequeue():
        tasks.huey.execute(task)
    etas = [task.eta - datetime.now(UTC).replace(tzinfo=None) for task in tasks.huey.scheduled()]
    print(sorted(round(eta.total_seconds()) for eta in etas))
"""


def test_a_message_waits_for_the_rest_of_the_last_run_and_not_for_what_comes_later(tmp_path: Path) -> None:
    data_dir, database_url = tmp_path / "data", f"sqlite:///{tmp_path}/greenroom.db"
    databases.lay_migrated(tmp_path / "greenroom.db")
    assert in_process_of_its_own(RESTING, database_url, data_dir) == "[3, 50]\n[3, 50]\n"


READING = """
import tasks
def read(*_):
    print("reads")
    tasks.read_calendars.call_local()
    return 0
tasks.refresh_feeds = read
tasks.read_calendars.call_local()
tasks.read_calendars.call_local()
"""


def test_calendars_are_read_by_one_run_at_a_time(tmp_path: Path) -> None:
    data_dir, database_url = tmp_path / "data", f"sqlite:///{tmp_path}/greenroom.db"
    assert in_process_of_its_own(READING, database_url, data_dir) == "reads\nreads\n"


HANGS = """
import threading, tasks
from coaching.rooms.reconciler.pool import Job
tasks.loop.reconciler._pool.offer([Job("hangs", "guild", threading.Event().wait)])
tasks.huey._tasks_in_flight.add(tasks.look_at_rooms.s())
tasks.huey.notify_interrupted_tasks()
"""


def test_a_worker_that_is_told_to_stop_does_not_wait_for_calls_that_hang(tmp_path: Path) -> None:
    assert in_process_of_its_own(HANGS, f"sqlite:///{tmp_path}/greenroom.db", tmp_path / "data") == ""
