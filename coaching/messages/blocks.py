"""A message as it is written, before it becomes a mail or a message on Discord: the same words either way. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Paragraph:
    text: str


@dataclass(frozen=True)
class Quote:
    """Words of somebody else, shown as theirs."""

    by: str
    text: str
    has_links: bool = False  # its https addresses may be tapped on Discord, too


@dataclass(frozen=True)
class When:
    """The moment of a session, by the clock of whoever reads it; `other` says it by the other side's, if it differs."""

    day: str
    time: str
    zone: str
    other: str = ""
    is_off: bool = False  # it was to be then


@dataclass(frozen=True)
class Facts:
    """Label and value, row by row; a value may have several lines."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Steps:
    """What happens next, in order."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Button:
    """The one thing to press."""

    label: str
    url: str


@dataclass(frozen=True)
class Links:
    """Further ways on: label and address; `title` says what they are for, where that needs words."""

    links: tuple[tuple[str, str], ...]
    title: str = ""


Block = Paragraph | Quote | When | Facts | Steps | Button | Links


@dataclass(frozen=True)
class Invitation:
    """An entry for a calendar; `method` is REQUEST or CANCEL (RFC 5546)."""

    method: str
    content: bytes


@dataclass(frozen=True)
class Message:
    """What somebody reads. `headline` is the first line, and says how things stand."""

    subject: str
    headline: str
    blocks: tuple[Block, ...]
    from_name: str | None = None  # the store's, in place of the site's
    reply_to: str | None = None
    invitation: Invitation | None = None
