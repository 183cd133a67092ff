"""A folder as one Markdown file, in which what people typed stays what they typed. Pure.

No word becomes a heading, a list, a picture or HTML. Only an https address is a link, and it leads where it says.
Source: https://spec.commonmark.org/0.31.2/ (backslash escapes 2.4, autolinks 6.5, hard line breaks 6.7)
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

ADDRESS = re.compile(r"https://[^\s<>\"\\`]+")
# What ends a sentence, or a bracket around the address, is none of it.
AFTER_ADDRESS = ".,;:!?)]}'’”"
MARKS = re.compile(r"[\\`*_{}\[\]<>#|~&!]")
LEADING_SPACE = re.compile(r"[^\S\n]+")
LEADING_MARK = re.compile(r"[-+=]|\d+(?=[.)])")


@dataclass(frozen=True)
class Item:
    """One entry: its words, and in a line who wrote it when, and what came of it since."""

    words: str
    about: str
    address: str = ""
    is_done: bool = False
    as_written: str = ""


def folder_file(
    title: str, about: Sequence[str], tasks: Sequence[Item], links: Sequence[Item], notes: Sequence[Item]
) -> str:
    """The whole file. Each of the lines `about` is a paragraph of its own."""
    parts = [
        f"# {_in_line(title)}",
        *map(_in_line, about),
        *(["## Tasks", _list(tasks, has_boxes=True)] if tasks else ()),
        *(["## Links", _list(links)] if links else ()),
        *(["## Notes", *_notes(notes)] if notes else ()),
    ]
    return "\n\n".join(parts) + "\n"


def escape(text: str) -> str:
    """Text of several lines as Markdown that reads the same."""
    paragraphs = [paragraph for paragraph in text.split("\n\n") if paragraph.strip()]
    # A backslash at its end breaks a line without ending the paragraph.
    return "\n\n".join("\\\n".join(map(_line, filter(str.strip, paragraph.split("\n")))) for paragraph in paragraphs)


def _notes(notes: Sequence[Item]) -> Iterator[str]:
    for note in notes:
        yield f"### {_in_line(note.about)}"
        yield escape(note.words)
        yield from _quoted(note, "")


def _list(items: Sequence[Item], *, has_boxes: bool = False) -> str:
    lines = []
    for item in items:
        box = f"[{'x' if item.is_done else ' '}] " if has_boxes else ""
        address = f": <{item.address}>" if item.address else ""
        lines += [f"- {box}{_in_line(item.words)}{address}\\", f"  {_in_line(item.about)}"]
        lines += [f"\n{quoted}" for quoted in _quoted(item, "  ")]
    return "\n".join(lines)


def _quoted(item: Item, indent: str) -> Iterator[str]:
    """What the one had saved before the other changed it."""
    if item.as_written:
        lines = ["Before it was changed:", "", *escape(item.as_written).split("\n")]
        yield "\n".join(f"{indent}> {line}".rstrip() for line in lines)


def _in_line(text: str) -> str:
    return _line(" ".join(text.split()))


def _line(line: str) -> str:
    """One line; spaces at its beginning are kept by such as make no block of code."""
    space = LEADING_SPACE.match(line)
    rest = line[space.end() :] if space else line
    escaped = "".join(_pieces(rest.rstrip()))
    if mark := LEADING_MARK.match(rest):
        cut = 0 if mark[0] in "-+=" else mark.end()
        escaped = f"{escaped[:cut]}\\{escaped[cut:]}"
    return ("\u00a0" * len(space[0].expandtabs(4)) if space else "") + escaped


def _pieces(text: str) -> Iterator[str]:
    begin = 0
    for match in ADDRESS.finditer(text):
        address = match[0].rstrip(AFTER_ADDRESS)
        yield MARKS.sub(r"\\\g<0>", text[begin : match.start()])
        yield f"<{address}>"
        begin = match.start() + len(address)
    yield MARKS.sub(r"\\\g<0>", text[begin:])
