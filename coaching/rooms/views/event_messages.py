"""The lines of a room's log in words: what happened, for admins and for its coach, and what that means. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from coaching.log_lines import Event, Text
from coaching.refusals import FOR_WANT_OF_RIGHTS, Refusal, explain
from coaching.rooms.recording.events import EventKind, OfSide, Side, Trouble
from coaching.rooms.views.labels import capital, reason_words

_WHO = {Side.COACH: "You", Side.STUDENT: "Your student"}


@dataclass(frozen=True)
class EventMessage:
    """What happened, in a sentence, and what it means or why it was; often nothing."""

    sentence: str
    meaning: str = ""


def message_to_coach(event: Event[EventKind], reason: str = "") -> EventMessage:
    """One line of the log in its coach's words."""
    sentence, meaning, values = event.kind.sentence, event.kind.meaning, _values(event)
    if meaning is None:
        meaning = f"{capital(reason_words(reason))}." if reason else ""
        return EventMessage(sentence.format(**values), meaning)
    return EventMessage(sentence.format(**values), meaning.format(**values))


def message_to_admins(event: Event[EventKind], reason: str = "") -> EventMessage:
    """The same for admins, as it is written down."""
    return EventMessage(log_words(event), reason_words(reason))


def log_words(event: Event[EventKind]) -> str:
    """The event as it is written down, like "Step failed: set access, no answer"."""
    if isinstance(event.fields, Text):
        return capital(event.fields.text)
    values = [_plain(value) for value in vars(event.fields).values()]
    name = capital(event.kind.replace("_", " "))
    return f"{name}: {', '.join(map(str, values))}" if values else name


def _values(event: Event[EventKind]) -> dict[str, Any]:
    """What the messages may name."""
    values = dict(vars(event.fields))
    if isinstance(event.fields, Trouble):
        values |= {"undone": event.fields.step.undone, "because": _because(event.fields.refusal)}
    elif isinstance(event.fields, Text):
        values["text"] = capital(event.fields.text)
    elif isinstance(event.fields, OfSide):
        values["who"] = _WHO[event.fields.side]
    return values


def _plain(value: Any) -> Any:
    return value.replace("_", " ") if isinstance(value, StrEnum) else value


def _because(refusal: Refusal) -> str:
    said = "Discord said that the bot may not do this. " if refusal in FOR_WANT_OF_RIGHTS else ""
    return said + explain(refusal)
