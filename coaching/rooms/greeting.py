"""The first message in a room: whose session it is, when, and what it is for. Pure."""

import re
from dataclasses import dataclass
from datetime import datetime

LONGEST_NAME = 80
LONGEST_GOALS = 600
LONGEST_WORDS = 1000
LONGEST_MESSAGE = 2000
# An address as a word of its own: a name of letters that everybody can tell apart, without a user or a port before the
# path, and nothing in it that Discord or a reader could take for something else. Marks around it are none of it.
LINK = re.compile(
    r"([(“\"']?)(https://(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,63}(?:[/?#](?:[\w/.~%?=&+,;:#@!$*-]*[\w/~%=&+#-])?)?)([)”\"'.,;:!?]*)",
    re.ASCII,
)
CUT_LINK = re.compile(r"<https://[^>]*\Z")


@dataclass(frozen=True)
class GreetingFacts:
    """What the first message says."""

    title: str
    coach: str
    students: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime
    goals: tuple[str, ...] = ()
    words: str = ""  # the coach's own, of this product; with links in them


def greeting(facts: GreetingFacts) -> str:
    """The message in Discord's Markdown; names and goals stand in it as typed, without any markup of their own."""
    people = " and ".join(plain(name, LONGEST_NAME) for name in (*facts.students, facts.coach))
    # Discord shows these in each reader's own zone and language.
    begins, ends = int(facts.starts_at.timestamp()), int(facts.ends_at.timestamp())
    lines = [f"**{plain(facts.title, LONGEST_NAME)}**: {people}", f"<t:{begins}:F> to <t:{ends}:t>"]
    lines += [with_links(line, LONGEST_WORDS) for line in facts.words.splitlines() if line.strip()]
    lines += [f"Goals: {plain(text, LONGEST_GOALS)}" for text in facts.goals]
    # A link that is cut would lead elsewhere.
    return CUT_LINK.sub("", "\n".join(lines)[:LONGEST_MESSAGE])


def warning(until: datetime) -> str:
    """What those are told who are still in the room when the planned time is over."""
    at = int(until.timestamp())
    return f"The planned time is over. This room stays open while you are here, until <t:{at}:t> at the latest."


def plain(text: str, longest: int) -> str:
    """`text` on one line, cut to `longest` letters, with every sign that Discord would read as markup escaped."""
    return _escaped(_in_one_line(text, longest))


def with_links(text: str, longest: int) -> str:
    """As `plain`, but an https address that is a word of its own stays a link: to nowhere else than what is read."""
    return " ".join(_linked(word) for word in _in_one_line(text, longest).split())


def _linked(word: str) -> str:
    link = LINK.fullmatch(word)
    # Between angle brackets it ends where it ends for us, and no preview is drawn of it.
    return f"{_escaped(link[1])}<{link[2]}>{_escaped(link[3])}" if link else _escaped(word)


def _in_one_line(text: str, longest: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _escaped(text: str) -> str:
    return re.sub(r"([\\*_~`|<>\[\]()#@:-])", r"\\\1", text)
