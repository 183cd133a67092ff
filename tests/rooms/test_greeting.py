"""The first message in a room: people's words stand in it as words, whatever Discord would read in them. Pure."""

import re
from datetime import UTC, datetime

import pytest

from coaching.rooms.greeting import LONGEST_MESSAGE, GreetingFacts, greeting, plain

START = datetime(2027, 3, 9, 18, 0, tzinfo=UTC)
MARKUP = re.compile(r"(?<!\\)[*_~`|<>\[\]()#@:-]")


def facts(**differences: object) -> GreetingFacts:
    ordinary = {
        "title": "Mixing call",
        "coach": "Alice",
        "students": ("Bob",),
        "starts_at": START,
        "ends_at": START.replace(hour=19),
        "goals": ("Make the low end work.",),
    }
    return GreetingFacts(**ordinary | differences)  # type: ignore[arg-type]


def test_it_says_whose_session_it_is_when_and_what_for() -> None:
    begins = int(START.timestamp())
    assert greeting(facts()) == (
        f"**Mixing call**: Bob and Alice\n<t:{begins}:F> to <t:{begins + 3600}:t>\nGoals: Make the low end work."
    )


@pytest.mark.parametrize(
    "hostile",
    [
        "@everyone and @here",
        "<@1210000000000000011> <@&1210000000000000100> <#1210000000000000100>",
        "[free Nitro](https://evil.example)",
        "[https://discord.com/x](https://evil.example)",
        "https://evil.example/login",
        "<https://evil.example>",
        "**bold** __under__ ~~gone~~ ||hidden|| `code` ```block```",
        "# Heading",
        "> quote",
        "- list",
        "<t:0:R> :smile: <:emoji:1210000000000000100> <id:customize>",
        "\\[already\\](escaped)",
        "\\\\@everyone",
    ],
)
def test_no_name_title_or_goal_is_read_as_markup(hostile: str) -> None:
    assert not MARKUP.search(plain(hostile, 500).replace("\\\\", ""))
    text = greeting(facts(title=hostile, coach=hostile, students=(hostile,), goals=(hostile,)))
    lines = text.split("\n")
    assert len(lines) == 3
    assert not MARKUP.search(lines[2].removeprefix("Goals:").replace("\\\\", ""))
    assert "](" not in text
    assert not re.search("https?://", text)


def test_line_breaks_make_no_lines_of_their_own() -> None:
    """A heading, a list or a quote begins at a line's start only."""
    text = greeting(facts(goals=("one\n# two\r\n> three\u2028- four",), title="a\nb", students=("c\nd",)))
    assert len(text.splitlines()) == 3


def test_long_words_never_make_it_too_long_for_discord() -> None:
    text = greeting(facts(title="*" * 500, coach="_" * 500, students=("`" * 500,) * 3, goals=("[" * 4000,) * 5))
    assert len(text) <= LONGEST_MESSAGE
