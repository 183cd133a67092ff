"""What gunicorn loads before it forks stays shared between its workers, and is no more than they need."""

import subprocess
import sys
from pathlib import Path

from tests.running import HOME, plain_environment

CONFIG = Path(__file__).parent.parent / "gunicorn.conf.py"
# Writing to a page makes it a process's own. A collection writes to all that it looks at.
LOADED = f"""
import gc, os, runpy
config = runpy.run_path({str(CONFIG)!r})
loaded = [[number] for number in range(300_000)]
config["when_ready"](None)
if not os.fork():
    def own():
        lines = open("/proc/self/smaps_rollup").read().splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith("Private_Dirty"))
    before = own()
    gc.collect()
    grown = own() - before
    print(grown, "kB", flush=True)
    os._exit(0 if grown < 4096 else 1)
raise SystemExit(os.waitstatus_to_exitcode(os.wait()[1]))
"""


def test_collecting_garbage_gives_no_worker_a_copy_of_what_was_loaded() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], cwd=CONFIG.parent, capture_output=True, text=True, timeout=60)

    assert done.returncode == 0, done.stdout + done.stderr


# 25 MB in all, of which only some pages, mails, commands and databases need any.
LATE = (
    "PIL",
    "authlib.integrations",
    "commands.db",
    "icalendar",
    "joserfc",
    "markdown_it",
    "psycopg",
    "segno",
    "stripe",
)
IMPORTED = f"""
import runpy, sys
runpy.run_path({str(CONFIG)!r})
import app, tasks
site = app.create_app()
print(*[name for name in {LATE!r} if sys.modules.get(name)])
assert site.cli.list_commands(None) and site.extensions["discord_oauth"].client_id
"""


def test_what_few_need_is_imported_by_those_who_do(tmp_path: Path) -> None:
    own = plain_environment() | {"DEMO": "1", "DATA_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", IMPORTED], cwd=HOME, env=own, capture_output=True, text=True)

    assert (done.stdout.strip(), done.returncode) == ("", 0), done.stderr
