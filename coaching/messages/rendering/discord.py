"""A message as the bot writes it to somebody on Discord: the same words, short. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from coaching.messages.blocks import Block, Button, Facts, Links, Message, Paragraph, Quote, Steps, When
from coaching.rooms.greeting import plain, with_links

LONGEST = 2000  # letters that Discord takes in one message
LONGEST_LINE, LONGEST_QUOTE, MOST_QUOTED = 300, 300, 4
LONGEST_LABEL = 80  # of a button
# What is no markup in its place, and would stand with a stroke before it where a telephone shows the bare text:
# brackets, since no [] precedes them, a colon before a blank or in a time of day, and a hyphen.
HARMLESS = re.compile(r"\\([()]|:(?=\s|$)|(?<=\d\\):(?=\d\d(?![\\\d]))|(?<=\w\\)-(?=\w))")


@dataclass(frozen=True)
class DirectMessage:
    """`button` is its label and the address it opens."""

    text: str
    button: tuple[str, str] | None = None


def as_direct_message(message: Message, choices_url: str | None = None) -> DirectMessage:
    """The message without what its page says, too; with `choices_url`, where to turn such messages off."""
    button = next((block for block in message.blocks if isinstance(block, Button)), None)
    last = f"\n-# Which messages you get, and where: [choose here](<{choices_url}>)" if choices_url else ""
    parts = [f"**{escaped(message.headline, LONGEST_LINE)}**"]
    room = LONGEST - len(last)
    for block in message.blocks:
        part = "\n".join(_lines(block))
        # A part that does not fit is left to the page: cut in the middle, its markup would be open.
        if part and len("\n".join([*parts, part])) <= room:
            parts.append(part)
    return DirectMessage("\n".join(parts) + last, (button.label[:LONGEST_LABEL], button.url) if button else None)


def escaped(text: str, longest: int) -> str:
    """The text on one line, cut, and read by Discord as nothing but text."""
    return HARMLESS.sub(r"\1", plain(text, longest))


def escaped_with_links(text: str, longest: int) -> str:
    """The same with its https links, for the words of somebody who is trusted with them."""
    return HARMLESS.sub(r"\1", with_links(text, longest))


def _lines(block: Block) -> Iterator[str]:
    match block:
        case Paragraph(text):
            yield from (escaped(line, LONGEST_LINE) for line in text.splitlines())
        case Quote(by, text, has_links):
            lines = [line for line in text.splitlines() if line.strip()]
            yield f"{escaped(by, LONGEST_LINE)}:"
            say = escaped_with_links if has_links else escaped
            yield from (f"> {say(line, LONGEST_QUOTE)}" for line in lines[:MOST_QUOTED])
            if len(lines) > MOST_QUOTED:
                yield "> …"
        case When(day, time, zone, other):
            yield escaped(f"{day}, {time} ({zone})", LONGEST_LINE)
            if other:
                yield escaped(other, LONGEST_LINE)
        case Facts(rows):
            for label, value in rows:
                yield f"{escaped(label, LONGEST_LINE)}: {escaped(value, LONGEST_LINE)}"
        case Links(links, title):
            # In <> so that Discord shows no preview of them.
            ways = " · ".join(f"[{escaped(label, LONGEST_LABEL)}](<{url}>)" for label, url in links)
            yield f"{escaped(title, LONGEST_LINE)} {ways}" if title else ways
        case Steps() | Button():
            return
