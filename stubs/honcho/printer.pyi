from typing import IO, Any, NamedTuple

class Message(NamedTuple):
    type: str
    data: Any
    time: Any
    name: str
    colour: str | None

class Printer:
    output: IO[str]
    def __init__(
        self, output: IO[str] = ..., time_format: str = ..., width: int = 0, colour: bool = True, prefix: bool = True
    ) -> None: ...
    def write(self, message: Message) -> None: ...
