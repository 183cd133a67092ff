"""A message as the bot writes it to somebody on Discord. Pure."""

from dataclasses import dataclass

from coaching.messages.blocks import Button, Message
from coaching.messages.rendering.text import as_text

LONGEST = 2000  # letters that Discord takes in one message


@dataclass(frozen=True)
class DirectMessage:
    """`button` is its label and the address it opens."""

    text: str
    button: tuple[str, str] | None = None


def as_direct_message(message: Message, choices_url: str | None = None) -> DirectMessage:
    """The same words, short; with `choices_url`, where to turn such messages off."""
    button = next(((block.label, block.url) for block in message.blocks if isinstance(block, Button)), None)
    last = f"\nWhich messages you get, and where: <{choices_url}>" if choices_url else ""
    return DirectMessage(as_text(message)[: LONGEST - len(last)] + last, button)
