"""What an application to become a coach is, and what it must have to be sent. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

LONGEST_TEXT = 2000
LONGEST_LINK = 200
MOST_LINKS = 5
LONGEST_REPLY = 1000


class State(StrEnum):
    """How far an application is."""

    DRAFT = "draft"
    SENT = "sent"  # waits for an admin
    ASKED = "asked"  # waits for its applicant: an admin wants to know more
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"  # taken back, or of no use any more


class Answer(StrEnum):
    """What an admin can make of one that waits."""

    APPROVE = "approve"
    ASK = "ask"
    REJECT = "reject"


STATE_AFTER = {Answer.APPROVE: State.APPROVED, Answer.ASK: State.ASKED, Answer.REJECT: State.REJECTED}
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
    found = {}
    if not details.teaches:
        found["teaches"] = "Say what you teach: whoever decides knows nothing about it yet."
    if not details.why:
        found["why"] = "Say why you want to coach here, in a sentence or two."
    if sentence := link_fault(lines_of(details.links)):
        found["links"] = sentence
    return found


def lines_of(links: str) -> list[str]:
    """The addresses, one a line."""
    return [line for line in (line.strip() for line in links.splitlines()) if line]


def addresses_of(links: str) -> list[str]:
    """The addresses as they stand behind a link: https where the scheme was left out."""
    return [_with_scheme(line) for line in lines_of(links)]


def link_fault(links: Sequence[str]) -> str | None:
    """What is wrong with these addresses, as a sentence."""
    if len(links) > MOST_LINKS:
        return f"At most {MOST_LINKS} links, please."
    for link in links:
        if len(link) > LONGEST_LINK:
            return f"A link may have {LONGEST_LINK} letters at most. Leave the longest one out."
        if not is_web_address(_with_scheme(link)):
            return f"“{link[:60]}” is no address of a page: each has a line of its own, like https://example.com/me."
    return None


def _with_scheme(link: str) -> str:
    return link if "://" in link else f"https://{link}"


def is_web_address(text: str) -> bool:
    """True for an https address that can stand behind a link."""
    if any(letter.isspace() for letter in text):
        return False
    try:
        parts = urlsplit(text)
        has_host = "." in (parts.hostname or "") and parts.port != 0
    except ValueError:
        return False
    return parts.scheme == "https" and has_host and "@" not in parts.netloc
