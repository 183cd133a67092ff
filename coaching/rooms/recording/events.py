"""The kinds of line that a room's log has, with what each of them says and in which words. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from coaching.log_lines import Fields, LineKind, Text
from coaching.refusals import Refusal
from coaching.rooms.planning.case import StepKind


class Side(StrEnum):
    COACH = "coach"
    STUDENT = "student"


@dataclass(frozen=True)
class OfSide(Fields):
    """Whose doing it was."""

    side: Side


@dataclass(frozen=True)
class ByHand(Fields):
    """Who wanted it, by name."""

    actor: str


@dataclass(frozen=True)
class MoreTime(ByHand):
    minutes: int


@dataclass(frozen=True)
class Orphan(Fields):
    """What existed without being the room's own: "channel" or "role", and its id in Discord."""

    thing: str
    discord_id: str


@dataclass(frozen=True)
class Because(Fields):
    refusal: Refusal


@dataclass(frozen=True)
class Trouble(Fields):
    """Which step did not work, and why."""

    step: StepKind
    refusal: Refusal


class EventKind(LineKind):
    """Each with what happened in its coach's words, and what that means: where there is nothing, the reason is said.

    In braces stand the fields of its shape, and what `views/labels.py` makes of them.
    """

    sentence: str
    meaning: str | None

    def __new__(cls, code: str, sentence: str, meaning: str | None = None, shape: type[Fields] = Fields) -> "EventKind":
        kind = str.__new__(cls, code)
        kind._value_, kind.sentence, kind.meaning, kind.shape = code, sentence, meaning, shape
        return kind

    MADE_HIDDEN = "made_hidden", "It was made, hidden from both of you."
    MADE_OPEN = "made_open", "It was made, open to both of you."
    OPENED = "opened", "It was opened: both of you can enter."
    CLOSED = "closed", "It was closed: neither of you can enter."
    HIDDEN = "hidden", "It was hidden from both of you again."
    REMOVED = "removed", "It was removed from your server."
    ALREADY_GONE = "already_gone", "It was to be removed, and was gone from your server already."
    SETTLED = "settled", "There is nothing left to do."
    FOUND = "found", "We found it in Discord.", "Discord had made it although its answer did not reach us."
    NOT_FOUND = (
        "not_found",
        "We could not find the room in Discord.",
        "Discord had not answered when it was to be made, and has not made it. It will be made again.",
    )
    ACCESS_CORRECTED = "access_corrected", "Who can enter was put right."
    DELETED_BY_OTHERS = (
        "deleted_by_others",
        "It is gone from your server.",
        "Somebody deleted it. While it is needed, it is made again.",
    )
    CHANGED_BY_OTHERS = (
        "changed_by_others",
        "Somebody changed in Discord who can enter.",
        "While the room is needed, it is put back to what it was.",
    )
    ORPHAN_REMOVED = "orphan_removed", "A second one was removed.", "Discord had made it twice.", Orphan
    CATEGORY_FULL = (
        "category_full",
        "The category for rooms is full.",
        "Discord takes 50 channels in a category. The room goes into another one.",
    )
    CATEGORY_DELETED = (
        "category_deleted",
        "The category for rooms is gone from your server.",
        "Somebody deleted it. The room goes into another one.",
    )
    ROLE_MADE = "role_made", "Its role was made."
    ROLE_FOUND = (
        "role_found",
        "We found its role in Discord.",
        "Discord had made it although its answer did not reach us.",
    )
    ROLE_GIVEN = "role_given", "One of you was given the role."
    ROLE_TAKEN = "role_taken", "The role was taken back from one of you."
    ROLE_MISSING = "role_missing", "One of you had lost the role.", "Whoever is on the server is given it again."
    ROLE_REMOVED = "role_removed", "Its role was removed from your server."
    ROLE_ALREADY_GONE = "role_already_gone", "Its role was to be removed.", "It was gone from your server already."
    ROLE_DELETED = (
        "role_deleted",
        "The role is gone from your server.",
        "Somebody deleted it. While it is needed, it is made again.",
    )
    NO_MORE_ROLES = (
        "no_more_roles",
        "Your server takes no more roles.",
        "The room lets in the two of you by name instead.",
        Because,
    )
    JOINED_LATE = "joined_late", "One of you joined the server after the opening.", "They are let in again."
    DISCONNECTED = (
        "disconnected",
        "Somebody was put out of the call.",
        "They were inside without the right to be there.",
    )
    CAME = "came", "{who} came in.", "", OfSide
    CAME_BACK = "came_back", "{who} came back in.", "", OfSide
    LEFT = "left", "{who} left.", "", OfSide
    GREETED = "greeted", "The first message was written.", "It stands in the room's own chat, and names the two of you."
    WARNED = (
        "warned",
        "Whoever was inside was told that the time is over.",
        "The message names the time until which the room stays open.",
    )
    OPENED_BY_HAND = "opened_by_hand", "{actor} had it opened at once.", "", ByHand
    CLOSED_BY_HAND = "closed_by_hand", "{actor} had it closed at once.", "", ByHand
    EXTENDED = "extended", "{actor} gave it {minutes} more minutes.", "", MoreTime
    RETRIED = "retried", "{actor} had it tried again at once.", "", ByHand
    STEP_FAILED = "step_failed", "{undone}", "{because}", Trouble
    STEP_DELAYED = "step_delayed", "{undone}", "{because}", Trouble
    NOTE = "note", "{text}.", None, Text
