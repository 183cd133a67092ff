"""A line of a log as a value: its kind, and fields in the shape of its kind. Words come where it is shown. Pure."""

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Generic, TypeVar, get_type_hints


@dataclass(frozen=True)
class Fields:
    """What a line says beside its kind: nothing, unless the kind has a shape of its own."""


@dataclass(frozen=True)
class Text(Fields):
    """A line from before there were kinds, or of a kind that this version does not know."""

    text: str


class LineKind(StrEnum):
    """The kinds of one log, with a `NOTE` among them. Kept lines name their kind by the code: it never changes."""

    shape: type[Fields]

    def __new__(cls, code: str, shape: type[Fields] = Fields) -> "LineKind":
        kind = str.__new__(cls, code)
        kind._value_, kind.shape = code, shape
        return kind


Kind = TypeVar("Kind", bound=LineKind)
NO_FIELDS = Fields()


@dataclass(frozen=True)
class Event(Generic[Kind]):
    """Something that happened."""

    kind: Kind
    fields: Fields = NO_FIELDS

    def __post_init__(self) -> None:
        if type(self.fields) is not self.kind.shape:
            raise TypeError(f"{self.kind} does not say {self.fields}")

    @property
    def columns(self) -> dict[str, str]:
        """The event as it lies in a row, its fields as JSON; `event_of` reads them."""
        return {"kind": str(self.kind), "fields": json.dumps(asdict(self.fields), ensure_ascii=False)}


def event_of(kinds: type[Kind], kind: str, fields: str) -> Event[Kind]:
    """The event that a row's two columns tell; one that cannot be read is a note of what stands there."""
    try:
        known = kinds(kind)
        values = {name: _typed(known.shape, name, value) for name, value in json.loads(fields).items()}
        return Event(known, known.shape(**values))
    except (ValueError, TypeError, AttributeError):
        return Event(kinds("note"), Text(kind))


def _typed(shape: Any, name: str, value: Any) -> Any:
    hint = _hints(shape).get(name)
    return hint(value) if isinstance(hint, type) and issubclass(hint, StrEnum) else value


@cache
def _hints(shape: Any) -> dict[str, Any]:
    return get_type_hints(shape)
