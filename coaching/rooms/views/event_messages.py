"""The lines of a room's log in words: what happened, for admins and for its coach, and what that means. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from coaching.log_lines import Event, Text
from coaching.refusals import FOR_WANT_OF_RIGHTS, Refusal, explain
from coaching.rooms.planning.case import StepKind
from coaching.rooms.recording.events import EventKind, OfSide, Side, Trouble
from coaching.rooms.views.labels import capital, reason_words

# What happened, and what that means; where None stands, the reason is said. In braces the fields of the kind.
_MESSAGES: dict[EventKind, tuple[str, str | None]] = {
    EventKind.MADE_HIDDEN: ("It was made, hidden from both of you.", None),
    EventKind.MADE_OPEN: ("It was made, open to both of you.", None),
    EventKind.OPENED: ("It was opened: both of you can enter.", None),
    EventKind.CLOSED: ("It was closed: neither of you can enter.", None),
    EventKind.HIDDEN: ("It was hidden from both of you again.", None),
    EventKind.REMOVED: ("It was removed from your server.", None),
    EventKind.ALREADY_GONE: ("It was to be removed, and was gone from your server already.", None),
    EventKind.SETTLED: ("There is nothing left to do.", None),
    EventKind.FOUND: ("We found it in Discord.", "Discord had made it although its answer did not reach us."),
    EventKind.NOT_FOUND: (
        "We could not find the room in Discord.",
        "Discord had not answered when it was to be made, and has not made it. It will be made again.",
    ),
    EventKind.ACCESS_CORRECTED: ("Who can enter was put right.", None),
    EventKind.DELETED_BY_OTHERS: (
        "It is gone from your server.",
        "Somebody deleted it. While it is needed, it is made again.",
    ),
    EventKind.CHANGED_BY_OTHERS: (
        "Somebody changed in Discord who can enter.",
        "While the room is needed, it is put back to what it was.",
    ),
    EventKind.ORPHAN_REMOVED: ("A second one was removed.", "Discord had made it twice."),
    EventKind.CATEGORY_FULL: (
        "The category for rooms is full.",
        "Discord takes 50 channels in a category. The room goes into another one.",
    ),
    EventKind.CATEGORY_DELETED: (
        "The category for rooms is gone from your server.",
        "Somebody deleted it. The room goes into another one.",
    ),
    EventKind.ROLE_MADE: ("Its role was made.", None),
    EventKind.ROLE_FOUND: (
        "We found its role in Discord.",
        "Discord had made it although its answer did not reach us.",
    ),
    EventKind.ROLE_GIVEN: ("One of you was given the role.", None),
    EventKind.ROLE_TAKEN: ("The role was taken back from one of you.", None),
    EventKind.ROLE_MISSING: ("One of you had lost the role.", "Whoever is on the server is given it again."),
    EventKind.ROLE_REMOVED: ("Its role was removed from your server.", None),
    EventKind.ROLE_ALREADY_GONE: ("Its role was to be removed.", "It was gone from your server already."),
    EventKind.ROLE_DELETED: (
        "The role is gone from your server.",
        "Somebody deleted it. While it is needed, it is made again.",
    ),
    EventKind.NO_MORE_ROLES: ("Your server takes no more roles.", "The room lets in the two of you by name instead."),
    EventKind.JOINED_LATE: ("One of you joined the server after the opening.", "They are let in again."),
    EventKind.DISCONNECTED: ("Somebody was put out of the call.", "They were inside without the right to be there."),
    EventKind.CAME: ("{who} came in.", ""),
    EventKind.CAME_BACK: ("{who} came back in.", ""),
    EventKind.LEFT: ("{who} left.", ""),
    EventKind.GREETED: (
        "The first message was written.",
        "It stands in the room's own chat, and names the two of you.",
    ),
    EventKind.WARNED: (
        "Whoever was inside was told that the time is over.",
        "The message names the time until which the room stays open.",
    ),
    EventKind.OPENED_BY_HAND: ("{actor} had it opened at once.", ""),
    EventKind.CLOSED_BY_HAND: ("{actor} had it closed at once.", ""),
    EventKind.EXTENDED: ("{actor} gave it {minutes} more minutes.", ""),
    EventKind.RETRIED: ("{actor} had it tried again at once.", ""),
    EventKind.STEP_FAILED: ("{undone}", "{because}"),
    EventKind.STEP_DELAYED: ("{undone}", "{because}"),
    EventKind.NOTE: ("{text}.", None),
}
_UNDONE = {
    StepKind.FIND: "We could not look for the room in Discord.",
    StepKind.MAKE_ROLE: "Its role could not be made.",
    StepKind.MAKE: "It could not be made.",
    StepKind.SET_ACCESS: "Who can enter could not be changed.",
    StepKind.GIVE_ROLE: "The role could not be given to one of you.",
    StepKind.TAKE_ROLE: "The role could not be taken back from one of you.",
    StepKind.DISCONNECT: "Somebody could not be put out of the call.",
    StepKind.REMOVE: "It could not be removed.",
    StepKind.REMOVE_ROLE: "Its role could not be removed.",
    StepKind.SETTLE: "It could not be finished.",
    StepKind.GREET: "The first message could not be written.",
    StepKind.WARN: "Nobody could be told that the time is over.",
    StepKind.CHECK: "We could not see whether it is as we left it.",
    StepKind.CHECK_MEMBER: "We could not see whether one of you is on the server.",
    StepKind.LOOK: "We could not see who is inside.",
}
_WHO = {Side.COACH: "You", Side.STUDENT: "Your student"}


@dataclass(frozen=True)
class EventMessage:
    """What happened, in a sentence, and what it means or why it was; often nothing."""

    sentence: str
    meaning: str = ""


def message_to_coach(event: Event[EventKind], reason: str = "") -> EventMessage:
    """One line of the log in its coach's words."""
    sentence, meaning = _MESSAGES[event.kind]
    values = _values(event)
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
        values |= {"undone": _UNDONE[event.fields.step], "because": _because(event.fields.refusal)}
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
