"""A message that was written as plain text, about an account or a server, in blocks. Pure."""

import re
from itertools import pairwise

from coaching.messages.blocks import Block, Button, Message, Paragraph
from coaching.notices.kinds import MessageKind

ADDRESS = re.compile(r"https?://\S+\Z")
PAGE = re.compile(r"^/\S*$", re.MULTILINE)
# A line that says what the address below it is for, and is short enough for a button: "Mend it here:".
LEADS_ON = re.compile(r"[^.!?:\n]{3,36}:\Z")
LONGEST_HEADLINE = 70
LABELS = {
    MessageKind.VERIFY: "Confirm your address",
    MessageKind.RESET: "Choose a new password",
    MessageKind.CLAIM: "Show that it is yours",
    MessageKind.DATA_LINK: "Get your data",
}
OPEN = "Open this page"


def from_text(subject: str, body: str, kind: str = "") -> Message:
    """The text with its paragraphs; an address that stands alone becomes the button."""
    parts = [part.strip() for part in body.strip().split("\n\n") if part.strip()]
    if not parts or ADDRESS.match(parts[0]) or len(parts[0]) > LONGEST_HEADLINE:
        parts.insert(0, subject)
    headline, *rest = parts
    label = LABELS[MessageKind(kind)] if kind in LABELS else OPEN
    return Message(subject, headline, tuple(_blocks(rest, label)))


def with_addresses(body: str, site_url: str) -> str:
    """The text with the whole address of each page of ours that stands alone as its path."""
    return PAGE.sub(lambda page: site_url + page[0], body)


def _blocks(parts: list[str], label: str) -> list[Block]:
    blocks: list[Block] = []
    for before, part in pairwise(["", *parts]):
        if not ADDRESS.match(part):
            blocks.append(Paragraph(part))
        elif LEADS_ON.match(before):
            blocks[-1:] = [Button(before.removesuffix(":"), part)]
        else:
            blocks.append(Button(label, part))
    return blocks
