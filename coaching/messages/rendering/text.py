"""A message as plain text, at most 76 columns wide where its words allow it. Pure."""

import textwrap
from collections.abc import Iterator

from coaching.messages.blocks import Block, Button, Facts, Links, Message, Paragraph, Quote, Steps, When
from coaching.messages.rendering.foot import Foot

WIDTH = 76


def as_text(message: Message) -> str:
    """The words of the message, without what stands at the foot."""
    parts = [filled(message.headline), *("\n".join(_lines(block)) for block in message.blocks)]
    return "\n\n".join(part for part in parts if part) + "\n"


def foot_as_text(foot: Foot) -> str:
    """The foot, set off as a signature."""
    lines = [foot.name, foot.url, *(f"{label}: {address}" for label, address in foot.links)]
    return "\n-- \n" + "\n".join([filled(foot.answers), *lines] if foot.answers else lines) + "\n"


def filled(text: str, *, indent: str = "", first: str = "") -> str:
    """The text in lines of at most WIDTH, its addresses in one piece: a broken one cannot be opened."""
    lines = textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    return "\n".join(lines)


def _lines(block: Block) -> Iterator[str]:
    match block:
        case Paragraph(text):
            yield "\n".join(filled(line) for line in text.splitlines())
        case Quote(by, text):
            yield filled(f"{by}:")
            # Behind a mark, so that it is never taken for words of this site.
            yield from (filled(line, first="> ", indent="> ") or ">" for line in text.splitlines())
        case When(day, time, zone, other):
            yield filled(f"{day}, {time} ({zone})")
            if other:
                yield filled(other)
        case Facts(rows):
            for label, value in rows:
                first, *rest = value.splitlines() or [""]
                yield filled(f"{label}: {first}", indent="  ")
                yield from (filled(line, first="  ", indent="  ") for line in rest)
        case Steps(title, lines):
            yield f"{title}:"
            for number, line in enumerate(lines, 1):
                yield filled(f"{number}. {line}", indent="   ")
        case Button(label, url):
            yield f"{label}:\n{url}"
        case Links(links, title):
            if title:
                yield filled(title)
            for label, url in links:
                line = f"{label}: {url}"
                yield line if len(line) <= WIDTH else f"{label}:\n{url}"
