"""A line of a room's log in the words its coach reads: what happened, and what that means. Pure."""

import re
from dataclasses import dataclass

from coaching.refusals import FOR_WANT_OF_RIGHTS, Refusal, explain
from coaching.rooms.planning.case import StepKind
from coaching.rooms.words import log_words

_REFUSED = re.compile(r"(\w+) (?:failed|has to wait): (\w+)")
_SAID_SO = re.compile(r"(.+) said so")
_MORE_MINUTES = re.compile(r"wanted open (\d+) minutes longer")
_HAPPENED = {
    "made hidden": "It was made, hidden from both of you.",
    "made open": "It was made, open to both of you.",
    "opened": "It was opened: both of you can enter.",
    "closed": "It was closed: neither of you can enter.",
    "hidden": "It was hidden from both of you again.",
    "removed": "It was removed from your server.",
    "was gone already": "It was to be removed, and was gone from your server already.",
    "settled": "There is nothing left to do.",
    "access corrected": "Who can enter was put right.",
    "role made": "Its role was made.",
    "role given": "One of you was given the role.",
    "role taken": "The role was taken back from one of you.",
    "role removed": "Its role was removed from your server.",
}
_EXPLAINED = {
    "found again": ("We found it in Discord.", "Discord had made it although its answer did not reach us."),
    "role found again": ("We found its role in Discord.", "Discord had made it although its answer did not reach us."),
    "looked in vain": (
        "We could not find the room in Discord.",
        "Discord had not answered when it was to be made, and has not made it. It will be made again.",
    ),
    "the category is full": (
        "The category for rooms is full.",
        "Discord takes 50 channels in a category. The room goes into another one.",
    ),
    "the category is gone": (
        "The category for rooms is gone from your server.",
        "Somebody deleted it. The room goes into another one.",
    ),
    "found deleted": ("It is gone from your server.", "Somebody deleted it. While it is needed, it is made again."),
    "the role was found deleted": (
        "The role is gone from your server.",
        "Somebody deleted it. While it is needed, it is made again.",
    ),
    "the role was gone already": ("Its role was to be removed.", "It was gone from your server already."),
    "found changed by hand": (
        "Somebody changed in Discord who can enter.",
        "While the room is needed, it is put back to what it was.",
    ),
    "without their role": ("One of you had lost the role.", "Whoever is on the server is given it again."),
    "joined after the opening": ("One of you joined the server after the opening.", "They are let in again."),
    "put out of the call": ("Somebody was put out of the call.", "They were inside without the right to be there."),
    "greeted": ("The first message was written.", "It stands in the room's own chat, and names the two of you."),
    "told them that the time is over": (
        "Whoever was inside was told that the time is over.",
        "The message names the time until which the room stays open.",
    ),
    "stray removed": ("A second one was removed.", "Discord had made it twice."),
    "coach came": ("You came in.", ""),
    "coach left": ("You left.", ""),
    "student came": ("Your student came in.", ""),
    "student left": ("Your student left.", ""),
}
_BY_HAND = {
    "wanted open now": "{} had it opened at once.",
    "wanted closed now": "{} had it closed at once.",
    "wanted tried again": "{} had it tried again at once.",
}
_NOT_DONE = {
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


@dataclass(frozen=True)
class Told:
    """What happened, in a sentence, and what it means or why it was; often nothing."""

    sentence: str
    meaning: str = ""


def told(what: str, why: str) -> Told:
    """One line of the log, as `RoomEvent` has it."""
    if refused := _REFUSED.fullmatch(what):
        return Told(_NOT_DONE[StepKind(refused[1])], _meaning_of(Refusal(refused[2])))
    if by := _SAID_SO.fullmatch(why):
        return Told(_wish(what, by[1]))
    if what.startswith("no more roles"):
        return Told("Your server takes no more roles.", "The room lets in the two of you by name instead.")
    if what in _EXPLAINED:
        return Told(*_EXPLAINED[what])
    return Told(_HAPPENED.get(what, f"{log_words(what)}."), f"{log_words(why)}." if why else "")


def _meaning_of(refusal: Refusal) -> str:
    said = "Discord said that the bot may not do this. " if refusal in FOR_WANT_OF_RIGHTS else ""
    return said + explain(refusal)


def _wish(what: str, name: str) -> str:
    if more := _MORE_MINUTES.fullmatch(what):
        return f"{name} gave it {more[1]} more minutes."
    return _BY_HAND[what].format(name) if what in _BY_HAND else f"{name}: {what}."
