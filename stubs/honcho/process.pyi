import subprocess
from collections.abc import Callable
from typing import Any

class Process:
    _child_ctor: Callable[..., subprocess.Popen[bytes]]
    def __init__(self, cmd: str, name: str | None = None, **options: Any) -> None: ...
    def run(self, events: Any = None, ignore_signals: bool = False) -> None: ...

class Popen(subprocess.Popen[bytes]):
    def __init__(self, cmd: str, **kwargs: Any) -> None: ...
