"""Starts Greenroom as one group of processes: prepares the database, starts the Procfile, ends together."""

import ctypes
import fcntl
import functools
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

HOME = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HOME))

from honcho.environ import parse_procfile  # noqa: E402
from honcho.manager import Manager  # noqa: E402
from honcho.printer import Message, Printer  # noqa: E402
from honcho.process import Popen, Process  # noqa: E402

from environment.errors import SettingsError  # noqa: E402
from scripts.make_watch import watch_over_make  # noqa: E402
from settings import Settings  # noqa: E402

# Ctrl-C has to end everything within 5 seconds; what is left is killed before that.
KILL_AFTER = 4.3
LAST_LINES = 12
PR_SET_PDEATHSIG = 1  # linux/prctl.h
SHOWN_PEOPLE = ("coach", "student", "admin")


def main() -> int:
    os.umask(0o077)
    os.chdir(HOME)
    try:
        settings = Settings.from_env(os.environ)
        lock = _locked(settings)
        _refuse_ports_in_use(settings)
        _prepare(settings)
    except SettingsError as problem:
        say(f"Greenroom did not start. {problem}", level="critical")
        return os.EX_CONFIG  # starting again would not help: a service manager is told by this number
    except CannotStart as problem:
        say(f"Greenroom did not start. {problem}", level="critical")
        return 1
    with lock:
        return Group(settings).run()


class CannotStart(Exception):
    """One sentence that says why, and what to do."""


def _locked(settings: Settings) -> IO[str]:
    """The open lock file of DATA_DIR: one group each, since a second one would run every task twice."""
    file = (settings.data_dir / "run.lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise CannotStart(
            f"Another one is running on {settings.data_dir}: stop it, or name another folder with DATA_DIR=…"
        ) from None
    return file


def _refuse_ports_in_use(settings: Settings) -> None:
    ports = {"PORT": settings.port} | ({"SANDBOX_PORT": settings.sandbox_port} if settings.demo else {})
    for name, port in ports.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except PermissionError:
                # A setting, which no second start would change.
                raise SettingsError(
                    f"Port {port} ({name}) is the system's own: choose one from 1024 on, and let a web server like "
                    "Caddy stand before it."
                ) from None
            except OSError:
                raise CannotStart(
                    f"Port {port} ({name}) is in use: choose another, as in {name}={port + 10}."
                ) from None


def _prepare(settings: Settings) -> None:
    """The database is at the latest migration and, in demo mode, holds the demo."""
    say("Bringing the database up to date …")
    _flask(settings, *(("demo", "load") if settings.demo else ("db", "migrate")))


def _flask(settings: Settings, *arguments: str) -> None:
    command = [sys.executable, "-m", "flask", *arguments]
    is_log = _is_log()
    done = subprocess.run(
        command,
        env=_child_environment(settings),
        check=False,
        stdout=subprocess.PIPE if is_log else None,
        stderr=subprocess.STDOUT if is_log else None,
    )
    for line in (done.stdout or b"").decode("utf-8", "replace").splitlines():
        print(as_json(line, "command"), file=sys.stderr, flush=True)
    if done.returncode:
        raise CannotStart(f"`flask {' '.join(arguments)}` failed: its message is above.")


def _child_environment(settings: Settings) -> dict[str, str]:
    here = str(Path(sys.executable).parent)
    path = os.pathsep.join([here, os.environ.get("PATH", os.defpath)])
    return os.environ | settings.as_environment() | {"PATH": path, "PYTHONUNBUFFERED": "1"}


class Group(Manager):
    """The processes of the Procfile: they start together and end together."""

    def __init__(self, settings: Settings) -> None:
        self._output = RememberingPrinter(sys.stdout) if settings.demo else LinesOfJson(sys.stderr, prefix=False)
        super().__init__(self._output)
        self._settings = settings
        self._dead: list[str] = []
        self._process_ctor = TiedProcess
        procfile = parse_procfile((HOME / ("Procfile.demo" if settings.demo else "Procfile")).read_text())
        for name, command in procfile.processes.items():
            own = settings.sandbox_environment() if name == "sandbox" else {}
            self.add_process(name, command, env=_child_environment(settings) | own, cwd=HOME)

    def run(self) -> int:
        """Run until told to stop (0), or until one of the processes dies (its exit code, never 0)."""
        self.loop()
        if not self._dead:
            say("Everything has ended.")
            return 0
        dead = self._dead[0]
        code = self._processes[dead]["returncode"]
        say(f"{dead} died (exit code {code}), so everything was ended. Its last lines:", *self._output.last_lines(dead))
        return 128 - code if code < 0 else code or 1

    def terminate(self) -> None:
        """Tell all processes to end, and see to it that they do in time."""
        if not self._terminating:
            self._dead = [name for name, process in self._processes.items() if "returncode" in process]
            in_time = threading.Timer(KILL_AFTER, self.kill)
            in_time.daemon = True
            in_time.start()
        super().terminate()

    def _start(self) -> None:
        super()._start()
        # After the forks above: a thread started before them would not be in the children, but its locks would.
        threading.Thread(target=self._attend, daemon=True).start()

    def _attend(self) -> None:
        """Say when the app answers, and end with the `make` that started us."""
        should_stop = watch_over_make()
        is_announced = False
        while not self._terminating:
            if not is_announced and _answers(self._settings):
                is_announced = True
                say(*_announcement(self._settings))
            if should_stop():
                self.terminate()
            time.sleep(0.1)


class TiedProcess(Process):
    """A process that ends with the group even if the group is killed and can tell nobody."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._child_ctor = functools.partial(Popen, preexec_fn=functools.partial(_end_with_parent, signal.SIGTERM))

    def run(self, events: Any = None, ignore_signals: bool = False) -> None:
        _end_with_parent(signal.SIGKILL)
        super().run(events, ignore_signals)


class RememberingPrinter(Printer):
    """Prints as honcho does and keeps each process's last lines."""

    def __init__(self, output: IO[str], **options: Any) -> None:
        super().__init__(output, **options)
        self._lines: dict[str, deque[str]] = {}

    def write(self, message: Message) -> None:
        text = message.data.decode("utf-8", "replace") if isinstance(message.data, bytes) else message.data
        self._lines.setdefault(message.name, deque(maxlen=LAST_LINES)).extend(text.splitlines())
        super().write(message)
        self.output.flush()

    def last_lines(self, name: str) -> list[str]:
        return [f"  {line}" for line in self._lines.get(name, ["(it printed nothing)"])]


class LinesOfJson(RememberingPrinter):
    """Hands on what the processes log, line for line; whatever else they or this group say is put into that form."""

    def write(self, message: Message) -> None:
        text = message.data.decode("utf-8", "replace") if isinstance(message.data, bytes) else message.data
        process = "group" if message.name == "system" else message.name
        for line in text.splitlines():
            if line.strip():
                super().write(message._replace(data=as_json(line, process)))


def as_json(line: str, process: str, level: str = "info") -> str:
    """The line as it is, if it is in the form of the log already, else in that form."""
    with suppress(ValueError):
        if isinstance(json.loads(line), dict):
            return line
    at = datetime.now(UTC)
    facts = {"time": f"{at:%Y-%m-%dT%H:%M:%S.%fZ}", "level": level, "event": line.strip()}
    return json.dumps(facts | {"logger": "greenroom.run", "process": process})


def _end_with_parent(number: signal.Signals) -> None:
    """Let the kernel send this process `number` when its parent is gone; Linux only, elsewhere nothing happens."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(number))


def _answers(settings: Settings) -> bool:
    """True once the app, and in demo mode the sandbox, serve pages."""
    app = _first_line(settings.port, urlsplit(settings.app_url).netloc, "/healthz")
    if settings.demo and not _first_line(settings.sandbox_port, f"127.0.0.1:{settings.sandbox_port}", "/"):
        return False
    return " 200 " in app


def _first_line(port: int, host: str, path: str) -> str:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(f"GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
            return connection.makefile("r", encoding="latin-1").readline()
    except OSError:
        return ""


def _announcement(settings: Settings) -> list[str]:
    if not settings.demo:
        return [f"Greenroom answers at {settings.app_url} (here on 127.0.0.1:{settings.port})."]
    log_ins = [f"  {name}@example.com".ljust(24) + settings.demo_passwords[name] for name in SHOWN_PEOPLE]
    return [
        "",
        "Greenroom is ready, with a demo store.",
        "",
        f"  Greenroom   {settings.app_url}",
        f"  Sandbox     {settings.sandbox_url}   stands in for Discord",
        "",
        "Sign in as",
        *log_ins,
        "",
        "Ctrl-C ends everything.",
        "",
    ]


def say(*lines: str, level: str = "info") -> None:
    """To whoever sits at the terminal, or in a demo; else into the log, which has one form and one stream."""
    if _is_log():
        print(*(as_json(line, "group", level) for line in lines if line), sep="\n", file=sys.stderr, flush=True)
    else:
        print(*lines, sep="\n", file=sys.stdout if level == "info" else sys.stderr, flush=True)


def _is_log() -> bool:
    return os.environ.get("DEMO") != "1" and not sys.stderr.isatty()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("Stopped before it had started.")
