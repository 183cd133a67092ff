"""The first message in a room: whose session it is, when, and what it is for. Pure."""

import re
from collections.abc import Sequence
from datetime import datetime

LONGEST_NAME = 80
LONGEST_GOALS = 600
LONGEST_MESSAGE = 2000


def greeting(
    title: str, coach: str, students: Sequence[str], starts_at: datetime, ends_at: datetime, goals: Sequence[str]
) -> str:
    """The message in Discord's Markdown; names and goals stand in it as typed, without any markup of their own."""
    people = " and ".join(plain(name, LONGEST_NAME) for name in (*students, coach))
    # Discord shows these in each reader's own zone and language.
    begins, ends = int(starts_at.timestamp()), int(ends_at.timestamp())
    lines = [f"**{plain(title, LONGEST_NAME)}**: {people}", f"<t:{begins}:F> to <t:{ends}:t>"]
    lines += [f"Goals: {plain(text, LONGEST_GOALS)}" for text in goals]
    return "\n".join(lines)[:LONGEST_MESSAGE]


def plain(text: str, longest: int) -> str:
    """`text` on one line, cut to `longest` letters, with every sign that Discord would read as markup escaped."""
    text = " ".join(text.split())
    if len(text) > longest:
        text = text[: longest - 1] + "…"
    return re.sub(r"([\\*_~`|<>\[\]()#@:-])", r"\\\1", text)
