"""What an application to become a coach is, and what it must have to be sent. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from coaching.coaches.links import WrongLink, typed_links

LONGEST_TEXT = 2000
LONGEST_REPLY = 1000


class State(StrEnum):
    """How far an application is."""

    DRAFT = "draft"
    SENT = "sent"  # waits for an admin
    ASKED = "asked"  # waits for its applicant: an admin wants to know more
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"  # taken back, or of no use any more


class ApplicationAnswer(StrEnum):
    """What an admin can make of one that waits."""

    APPROVE = "approve"
    ASK = "ask"
    REJECT = "reject"


STATE_AFTER = {
    ApplicationAnswer.APPROVE: State.APPROVED,
    ApplicationAnswer.ASK: State.ASKED,
    ApplicationAnswer.REJECT: State.REJECTED,
}
# Its applicant can still change these. A rejected one stays as it was read: who applies again writes another.
OPEN = (State.DRAFT, State.SENT, State.ASKED)
# Where two of one person meet, the one that got further stays open.
BY_PROGRESS = (State.SENT, State.ASKED, State.DRAFT)


@dataclass(frozen=True)
class ApplicationDetails:
    """What the applicant wrote; `links` is one address a line."""

    teaches: str = ""
    links: str = ""
    why: str = ""


def faults(details: ApplicationDetails) -> dict[str, str]:
    """What keeps it from being sent: a sentence for each field."""
    sentences = {}
    if not details.teaches:
        sentences["teaches"] = "Say what you teach: whoever decides knows nothing about it yet."
    if not details.why:
        sentences["why"] = "Say why you want to coach here, in a sentence or two."
    try:
        typed_links(details.links)
    except WrongLink as wrong:
        sentences["links"] = wrong.sentence
    return sentences
