"""A whole Greenroom as `make run` starts it, for the tests that need all of its processes."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
# Only a limit: on a machine with a third of a processor, and others at work on it, a start takes a minute.
LONGEST_START = 180


class Greenroom:
    """One `scripts/run.py` on ports of its own; what it printed lies in `output`."""

    def __init__(self, data_dir: Path, port: int, output: Path | None = None, **environment: str) -> None:
        self.port, self.data_dir = port, data_dir
        self.output = output or data_dir.with_suffix(".log")
        own = {"PORT": str(port), "DATA_DIR": str(data_dir), "DEMO": "1", **environment}
        with self.output.open("w") as printed:
            self.process = subprocess.Popen(
                [sys.executable, "scripts/run.py"],
                cwd=HOME,
                env=plain_environment() | own,
                stdout=printed,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def text(self) -> str:
        return self.output.read_text()

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + LONGEST_START
        while "Ctrl-C ends everything." not in self.text:
            assert self.process.poll() is None, self.text
            assert time.monotonic() < deadline, self.text
            time.sleep(0.05)

    def children(self) -> dict[str, int]:
        """The process ids by name, as they were printed."""
        started = [line.split("| ")[1] for line in self.text.splitlines() if " started (pid=" in line]
        return {line.split()[0]: int(line.split("pid=")[1].rstrip(")")) for line in started}

    def end(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(10)


def free_ports() -> int:
    """A port that is free together with the next one."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as first:
            port = int(first.getsockname()[1])
            try:
                with socket.create_server(("127.0.0.1", port + 1)):
                    return port
            except OSError:
                continue


def plain_environment() -> dict[str, str]:
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
