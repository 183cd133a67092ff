"""States, steps, ways in and the lines of a room's log in words, for admins and for its coach. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from coaching.log_lines import Event, Text
from coaching.refusals import FOR_WANT_OF_RIGHTS, explain
from coaching.rooms.planning.case import RoomKind, StepKind
from coaching.rooms.planning.schedule import Hold
from coaching.rooms.planning.steps import Reason, Step
from coaching.rooms.recording.events import EventKind, OfSide, Side, Trouble

STATES = {"absent": "Not made", "hidden": "Hidden", "open": "Open", "closed": "Closed", "removed": "Gone"}
MODES = {"members": "Two people", "session_role": "Role for the session", "shared_role": "Shared role"}
_BY_STATE = {
    (StepKind.MAKE, "hidden"): "Make it, hidden",
    (StepKind.MAKE, "open"): "Make it, open",
    (StepKind.SET_ACCESS, "hidden"): "Hide it",
    (StepKind.SET_ACCESS, "open"): "Open it",
    (StepKind.SET_ACCESS, "closed"): "Close it",
}
_WHO = {Side.COACH: "You", Side.STUDENT: "Your student"}


@dataclass(frozen=True)
class EventMessage:
    """What happened, in a sentence, and what it means or why it was; often nothing."""

    sentence: str
    meaning: str = ""


def message_to_coach(event: Event[EventKind], reason: str = "") -> EventMessage:
    """One line of the log in its coach's words."""
    kind, values = event.kind, _values(event)
    why = f"{capital(reason_label(reason))}." if reason else ""
    return EventMessage(kind.sentence.format(**values), why if kind.meaning is None else kind.meaning.format(**values))


def message_to_admins(event: Event[EventKind], reason: str = "") -> EventMessage:
    """The same for admins, as it is written down."""
    return EventMessage(event_label(event), reason_label(reason))


def event_label(event: Event[EventKind]) -> str:
    """The event as it is written down, like "Step failed: set access, no answer"."""
    if isinstance(event.fields, Text):
        return capital(event.fields.text)
    values = [value.replace("_", " ") if isinstance(value, StrEnum) else value for value in vars(event.fields).values()]
    name = capital(event.kind.replace("_", " "))
    return f"{name}: {', '.join(map(str, values))}" if values else name


def _values(event: Event[EventKind]) -> dict[str, Any]:
    """What the messages may name."""
    values = dict(vars(event.fields))
    if isinstance(event.fields, Trouble):
        refusal = event.fields.refusal
        said = "Discord said that the bot may not do this. " if refusal in FOR_WANT_OF_RIGHTS else ""
        values |= {"undone": event.fields.step.undone, "because": said + explain(refusal)}
    elif isinstance(event.fields, Text):
        values["text"] = capital(event.fields.text)
    elif isinstance(event.fields, OfSide):
        values["who"] = _WHO[event.fields.side]
    return values


def step_label(step: Step) -> str:
    """What the step does, like "Open it"."""
    return _BY_STATE.get((step.kind, str(step.state))) or step.kind.label


def waiting_label(shared_part: RoomKind | None) -> str:
    """What is done instead of a step while a shared part of this kind is missing."""
    return "Wait for the shared role" if shared_part == RoomKind.SHARED else "Wait for its category"


def hold_label(hold: Hold) -> str:
    """What is left alone, as the beginning of a sentence that goes on with "until"."""
    if not hold.guild_id:
        return "All servers are left alone"
    name = hold.guild_name or f"Server {hold.guild_id}"
    return f"On {name}, “{StepKind(hold.kind).label}” waits" if hold.kind else f"{name} is left alone"


def reason_label(reason: str) -> str:
    """Why something is done, as the end of a sentence; one that this version does not know as it stands."""
    return next((known.label for known in Reason if known == reason), reason)


def capital(text: str) -> str:
    """The same with its first letter large."""
    return text[:1].upper() + text[1:]
