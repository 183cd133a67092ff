"""The first message in a room: people's words stand in it as words, whatever Discord would read in them. Pure."""

import re
from datetime import UTC, datetime

import pytest

from coaching.rooms.greeting import LONGEST_MESSAGE, GreetingFacts, greeting, plain, with_links

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


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("https://example.com/a_b/c?d=1#e", "<https://example.com/a_b/c?d=1#e>"),
        ("(https://example.com).", "\\(<https://example.com>\\)."),
        ("https://www.youtube.com/@nova,", "<https://www.youtube.com/@nova>,"),
    ],
)
def test_a_link_in_the_coachs_own_words_can_be_tapped(word: str, expected: str) -> None:
    assert with_links(f"See *this*: {word} now", 500) == f"See \\*this\\*\\: {expected} now"
    assert expected in greeting(facts(words=f"See {word} now"))
    assert "<https" not in greeting(facts(title=word, coach=word, students=(word,), goals=(word,)))


@pytest.mark.parametrize(
    "hostile",
    [
        "[free Nitro](https://evil.example)",
        "[https://discord.com/x](https://evil.example)",
        "https://discord.com@evil.example/x",
        "https://discord.com:pass@evil.example",
        "https://evil.example/x>_<https://evil.example",
        "http://evil.example",
        "javascript:alert(1)",
        "https://localhost/x",
        "https://127.0.0.1/x",
        "https://discörd.com/x",
        "https://evil.example/\u202egpj.exe",
        "<https://evil.example>",
        "xhttps://evil.example",
        "https://evil.example/a|b||c",
    ],
)
def test_what_is_no_plain_address_stays_text(hostile: str) -> None:
    text = with_links(hostile, 500)
    assert text == plain(hostile, 500)
    assert "https://" not in text


def test_a_link_that_is_cut_is_no_link() -> None:
    long = "https://example.com/" + "a" * 400
    assert with_links(long, 300) == plain(long, 300)
    links = "\n".join([f"https://example.com/{'b' * 900}"] * 3)
    text = greeting(facts(words=links))
    assert len(text) <= LONGEST_MESSAGE
    assert text.count("<https://") == text.count("b>")


def test_line_breaks_make_no_lines_of_their_own() -> None:
    """A heading, a list or a quote begins at a line's start only."""
    text = greeting(facts(goals=("one\n# two\r\n> three\u2028- four",), title="a\nb", students=("c\nd",)))
    assert len(text.splitlines()) == 3


def test_long_words_never_make_it_too_long_for_discord() -> None:
    text = greeting(facts(title="*" * 500, coach="_" * 500, students=("`" * 500,) * 3, goals=("[" * 4000,) * 5))
    assert len(text) <= LONGEST_MESSAGE
