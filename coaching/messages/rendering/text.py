"""A message as plain text, at most 76 columns wide where its words allow it. Pure."""

import textwrap
from collections.abc import Iterator

from coaching.messages.blocks import Block, Button, Facts, Links, Message, Paragraph, Quote, Steps

WIDTH = 76


def as_text(message: Message) -> str:
    """The words of the message, without what stands at the foot."""
    parts = [_filled(message.headline), *("\n".join(_lines(block)) for block in message.blocks)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _lines(block: Block) -> Iterator[str]:
    match block:
        case Paragraph(text):
            yield "\n".join(_filled(line) for line in text.splitlines())
        case Quote(by, text):
            yield f"{by}:"
            for line in text.splitlines():
                yield textwrap.fill(line, WIDTH, initial_indent="  ", subsequent_indent="  ") if line.strip() else ""
        case Facts(rows):
            for label, value in rows:
                first, *rest = value.splitlines() or [""]
                yield _filled(f"{label}: {first}", indent="  ")
                yield from (f"  {line}" for line in rest)
        case Steps(title, lines):
            yield title
            for number, line in enumerate(lines, 1):
                yield _filled(f"{number}. {line}", indent="   ")
        case Button(label, url):
            yield f"{label}:\n{url}"
        case Links(links):
            yield from (f"{label}: {url}" for label, url in links)


def _filled(text: str, indent: str = "") -> str:
    # Addresses stay in one piece: one that is broken over two lines cannot be opened.
    return textwrap.fill(text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
