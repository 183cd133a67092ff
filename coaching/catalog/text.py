"""A coach's Markdown as safe HTML: CommonMark without raw HTML, then a short allow-list. Pure."""

from functools import cache
from typing import TYPE_CHECKING

import nh3

from coaching.plain_text import has_visible

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token

TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "blockquote", "code", "pre", "a", "h3", "h4", "hr"}
ATTRIBUTES = {"a": {"href", "title"}}
SCHEMES = {"http", "https", "mailto"}


def render_markdown(source: str) -> str:
    """HTML that may stand in a page as it is."""
    return nh3.clean(
        _lower_headings(_markdown().render(source)),
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel="nofollow ugc noopener",
        url_relative="deny",
    )


@cache
def _markdown() -> "MarkdownIt":
    from markdown_it import MarkdownIt  # 1 MB, for whoever saves a text

    made = MarkdownIt("commonmark", {"html": False, "maxNesting": 20})
    made.core.ruler.push("name_links", _name_links)
    return made


def _name_links(state: "StateCore") -> None:
    """A picture becomes the text that stands for it, and a link with nothing to see in it shows where it leads."""
    for line in state.tokens:
        named: list[Token] = []
        for token in line.children or ():
            if token.type == "image":
                token = _text(_alternative(token))
            if token.type == "link_close" and named:
                opened = next(i for i in range(len(named) - 1, -1, -1) if named[i].type == "link_open")
                if not has_visible("".join(inside.content for inside in named[opened + 1 :])):
                    named.append(_text(str(named[opened].attrGet("href") or "")))
            named.append(token)
        line.children = named if line.children is not None else None


def _alternative(image: "Token") -> str:
    # Markdown in it counts for its words only, as in an `alt`.
    breaks = {"softbreak": " ", "hardbreak": " "}
    return "".join(
        _alternative(part) if part.type == "image" else breaks.get(part.type, part.content)
        for part in image.children or ()
    )


def _text(content: str) -> "Token":
    from markdown_it.token import Token

    return Token("text", "", 0, content=content)


def _lower_headings(html: str) -> str:
    # A page has its own h1 and h2; what a coach writes stands below them.
    for level, lowered in (("1", "3"), ("2", "4"), ("5", "4"), ("6", "4")):
        html = html.replace(f"<h{level}>", f"<h{lowered}>").replace(f"</h{level}>", f"</h{lowered}>")
    return html
