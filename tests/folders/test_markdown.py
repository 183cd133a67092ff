"""A folder's file: what people typed reads the same in it, and becomes nothing else."""

from html import unescape

from markdown_it import MarkdownIt

from coaching.folders.markdown import Item, escape, folder_file

HOSTILE = (
    "<script>alert(1)</script>",
    "[click](https://evil.example)",
    "[click](javascript:alert(1))",
    "![x](https://evil.example/x.png)",
    "<https://evil.example>",
    '<a href="https://evil.example">x</a>',
    "&lt;b&gt; &#106;avascript",
    "# Heading",
    "Heading\n===",
    "Heading\n---",
    "- a list\n+ another\n* third",
    "1. one\n2) two",
    "> quoted",
    "    indented code\n\tcode",
    "```\nfence\n```",
    "~~~\nfence\n~~~",
    "`code` **bold** _it_ ~~gone~~",
    "a | b\n--|--\n1 | 2",
    "[ref]: https://evil.example\n[ref]",
    "ends with a backslash\\\nnext \\[x](https://evil.example)",
    "one\n\n\n  two  \nthree",
)
TREE = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def test_what_was_typed_reads_the_same_and_is_nothing_else() -> None:
    for text in HOSTILE:
        html = TREE.render(escape(text))
        for part in ("<p>", "</p>", "<br />"):
            html = html.replace(part, "")
        # An address that was written is a link to where it says, whatever stood around it.
        for address in ("https://evil.example", "https://evil.example/x.png"):
            html = html.replace(f'<a href="{address}">{address}</a>', address)
        assert "<" not in html, text
        assert "".join(unescape(html).split()) == "".join(text.split()), text


def test_a_link_is_an_address_and_leads_where_it_says() -> None:
    html = TREE.render(
        escape("See https://example.com/a_b(c)?x=1&y=*2*, then (https://example.com/z). No http://x.org")
    )
    assert '<a href="https://example.com/a_b(c)?x=1&amp;y=*2*">https://example.com/a_b(c)?x=1&amp;y=*2*</a>,' in html
    assert '(<a href="https://example.com/z">https://example.com/z</a>).' in html
    assert html.count("<a ") == 2


def test_a_whole_file_has_its_parts_with_who_and_when() -> None:
    file = folder_file(
        "Mixing\n# call",
        ["With <b>Alice</b> and Bob."],
        [Item("Bounce *it*", "Alice, today", is_done=True), Item("Send it", "Bob, today")],
        [Item("[x](https://evil.example)", "Bob", address="https://example.com/a", as_written="Old\n- words")],
        [Item("First line\nsecond\n\nNew paragraph", "Alice ## , today", as_written="# Old")],
    )
    assert file.startswith("# Mixing \\# call\n\nWith \\<b\\>Alice\\</b\\> and Bob.\n\n## Tasks\n\n")
    assert "- [x] Bounce \\*it\\*\\\n  Alice, today\n- [ ] Send it\\\n  Bob, today\n\n## Links\n\n" in file
    assert (
        ": <https://example.com/a>\\\n  Bob\n\n  > Before it was changed:\n  >\n  > Old\\\n  > \\- words\n\n## Notes"
        in file
    )
    assert "### Alice \\#\\# , today\n\nFirst line\\\nsecond\n\nNew paragraph\n\n> Before it was changed:\n>\n" in file
    assert file.endswith("> \\# Old\n")
    assert folder_file("Empty", [], [], [], []) == "# Empty\n"
