"""The first message in a room: whose session it is, when, and what it is for. Pure."""

import re
from dataclasses import dataclass
from datetime import datetime

LONGEST_NAME = 80
LONGEST_GOALS = 600
LONGEST_WORDS = 1000
LONGEST_MESSAGE = 2000


@dataclass(frozen=True)
class GreetingFacts:
    """What the first message says."""

    title: str
    coach: str
    students: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime
    goals: tuple[str, ...] = ()
    words: str = ""  # the coach's own, of this product


def greeting(facts: GreetingFacts) -> str:
    """The message in Discord's Markdown; names and goals stand in it as typed, without any markup of their own."""
    people = " and ".join(plain(name, LONGEST_NAME) for name in (*facts.students, facts.coach))
    # Discord shows these in each reader's own zone and language.
    begins, ends = int(facts.starts_at.timestamp()), int(facts.ends_at.timestamp())
    lines = [f"**{plain(facts.title, LONGEST_NAME)}**: {people}", f"<t:{begins}:F> to <t:{ends}:t>"]
    lines += [plain(line, LONGEST_WORDS) for line in facts.words.splitlines() if line.strip()]
    lines += [f"Goals: {plain(text, LONGEST_GOALS)}" for text in facts.goals]
    return "\n".join(lines)[:LONGEST_MESSAGE]


def warning(until: datetime) -> str:
    """What those are told who are still in the room when the planned time is over."""
    at = int(until.timestamp())
    return f"The planned time is over. This room stays open while you are here, until <t:{at}:t> at the latest."


def plain(text: str, longest: int) -> str:
    """`text` on one line, cut to `longest` letters, with every sign that Discord would read as markup escaped."""
    text = " ".join(text.split())
    if len(text) > longest:
        text = text[: longest - 1] + "…"
    return re.sub(r"([\\*_~`|<>\[\]()#@:-])", r"\\\1", text)
