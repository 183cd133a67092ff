"""A coach's Markdown as safe HTML: CommonMark without raw HTML, then a short allow-list. Pure."""

import nh3
from markdown_it import MarkdownIt

TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "blockquote", "code", "pre", "a", "h3", "h4", "hr"}
ATTRIBUTES = {"a": {"href", "title"}}
SCHEMES = {"http", "https", "mailto"}

_markdown = MarkdownIt("commonmark", {"html": False, "maxNesting": 20}).disable("image")


def render_markdown(source: str) -> str:
    """HTML that may stand in a page as it is."""
    return nh3.clean(
        _lower_headings(_markdown.render(source)),
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel="nofollow ugc noopener",
        url_relative="deny",
    )


def _lower_headings(html: str) -> str:
    # A page has its own h1 and h2; what a coach writes stands below them.
    for level, lowered in (("1", "3"), ("2", "4"), ("5", "4"), ("6", "4")):
        html = html.replace(f"<h{level}>", f"<h{lowered}>").replace(f"</h{level}>", f"</h{lowered}>")
    return html
