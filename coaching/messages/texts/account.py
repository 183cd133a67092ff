"""A message that was written as plain text, about an account or a server, in blocks. Pure."""

import re

from coaching.messages.blocks import Block, Button, Message, Paragraph

ADDRESS = re.compile(r"https?://\S+\Z")
OPEN = "Open this page"


def from_text(subject: str, body: str) -> Message:
    """The text with its paragraphs; an address that stands alone becomes the button."""
    first, *rest = (part.strip() for part in body.strip().split("\n\n"))
    return Message(subject, first, tuple(_block(part) for part in rest))


def _block(part: str) -> Block:
    return Button(OPEN, part) if ADDRESS.match(part) else Paragraph(part)
