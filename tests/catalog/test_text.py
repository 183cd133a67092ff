"""Markdown by coaches, hostile ones too. Pure."""

import sys
from collections.abc import Callable
from html.parser import HTMLParser
from types import FrameType
from typing import Any

import pytest

from coaching.catalog.text import TAGS, render_markdown

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<math><mtext></mtext></math>",
    "<style>*{display:none}</style>",
    "<iframe src=javascript:alert(1)>",
    '<a href="x" hx-get="/store" hx-trigger="load">x</a>',
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox)",
    "[x](//evil.example)",
    "[x](/sign-out)",
    "<javascript:alert(1)>",
    "![x](http://evil.example/pixel.png)",
    '[x](http://a.example "onmouseover=alert(1) x=")',
    "[x]: javascript:alert(1)\n\n[x]",
    "`<script>`\n\n```\n<script>alert(1)</script>\n```",
    '<p id="content" class="button" style="position:fixed" data-copy="x">x</p>',
]


class Elements(HTMLParser):
    """Every element a browser would make of it, with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize("source", HOSTILE)
def test_hostile_text_brings_no_other_tag_attribute_or_scheme(source: str) -> None:
    for tag, attributes in Elements(render_markdown(source)).found:
        assert tag in TAGS
        assert set(attributes) <= ({"href", "title", "rel"} if tag == "a" else set())
        if "href" in attributes:
            assert str(attributes["href"]).startswith(("http://", "https://", "mailto:"))
            assert attributes["rel"] == "nofollow ugc noopener"


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("**bold** and *soft*", "<p><strong>bold</strong> and <em>soft</em></p>\n"),
        ("# Big\n\n## Less", "<h3>Big</h3>\n<h4>Less</h4>\n"),
        (
            "[a](https://a.example/x)",
            '<p><a href="https://a.example/x" rel="nofollow ugc noopener">a</a></p>\n',
        ),
        ("<b>x</b>", "<p>&lt;b&gt;x&lt;/b&gt;</p>\n"),
        ("", ""),
        # A picture is the text that stands for it.
        ("a ![**b** c](https://a.example/x.png) d", "<p>a b c d</p>\n"),
        ("![](https://a.example/x.png)", "<p></p>\n"),
        ("![<b>](https://a.example/x.png)", "<p>&lt;b&gt;</p>\n"),
    ],
)
def test_ordinary_text_looks_as_meant(source: str, html: str) -> None:
    assert render_markdown(source) == html


@pytest.mark.parametrize(
    ("source", "label"),
    [
        ("[![x](y)](https://a.example)", "x"),
        ("[![x](y) and z](https://a.example)", "x and z"),
        ("[![x ![y](z)](y)](https://a.example)", "x y"),
        ("[![](y)](https://a.example)", "https://a.example"),
        ("[![\u200b](y)](https://a.example)", "\u200bhttps://a.example"),
        ("[](https://a.example)", "https://a.example"),
        ("[ ](https://a.example)", " https://a.example"),
        ("[`c`](https://a.example)", "<code>c</code>"),
        ("[![x](y)][one]\n\n[one]: https://a.example", "x"),
    ],
)
def test_no_link_is_empty(source: str, label: str) -> None:
    link = f'<a href="https://a.example" rel="nofollow ugc noopener">{label}</a>'
    assert render_markdown(source) == f"<p>{link}</p>\n"


@pytest.mark.parametrize("piece", ["[", "> ", "*a ", "`", "- ", "[a](", "![a](", "[![a](b)](c)"])
def test_a_nesting_bomb_costs_no_more_than_its_length(piece: str) -> None:
    """In lines run, not in seconds: a machine with other things to do is slow, too."""
    assert lines_run(lambda: render_markdown(piece * 2_000)) < 5 * lines_run(lambda: render_markdown(piece * 500))


def lines_run(act: Callable[[], object]) -> int:
    """How many lines of Python the act took."""
    lines = 0

    def note(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal lines
        lines += 1
        return note

    before = sys.gettrace()
    sys.settrace(note)
    try:
        act()
    finally:
        sys.settrace(before)
    return lines


def test_right_to_left_text_and_emoji_stay() -> None:
    assert "שלום 🎧" in render_markdown("שלום 🎧")
