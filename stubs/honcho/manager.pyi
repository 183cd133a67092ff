from pathlib import Path
from typing import Any

from honcho.printer import Printer
from honcho.process import Process

class Manager:
    returncode: int | None
    _processes: dict[str, dict[str, Any]]
    _process_ctor: type[Process]
    _terminating: bool
    def __init__(self, printer: Printer | None = None) -> None: ...
    def add_process(
        self,
        name: str,
        cmd: str,
        quiet: bool = False,
        env: dict[str, str] | None = None,
        cwd: str | Path | None = None,
    ) -> Process: ...
    def loop(self) -> None: ...
    def terminate(self) -> None: ...
    def kill(self) -> None: ...
    def _start(self) -> None: ...
