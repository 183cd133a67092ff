"""The guides: what they quote is what the product says, and what they link to is there."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

HOME = Path(__file__).parent.parent
TROUBLES = HOME / "docs" / "troubleshooting.md"
ROOTS = ("coaching", "blueprints", "commands", "environment", "gateways", "scripts")
QUOTED = re.compile(r"(?<![*\w])\*([^*\n]{12,}?)\*(?!\*)")
# Discord's own words, and ways through pages: several of their words in a row.
NOT_OURS = re.compile(r"^(Invalid OAuth2|Server settings|Manage Channels|Operation, |OAuth2, )")

pytestmark = pytest.mark.one_database


def test_the_sentences_in_the_chapters_are_the_products_own() -> None:
    said = "\n".join(texts()).replace("’", "'")
    quotes = [quote for quote in QUOTED.findall(TROUBLES.read_text()) if not NOT_OURS.match(quote)]
    assert len(quotes) > 40

    def is_said(quote: str) -> bool:
        parts = [part.strip(" .,;:()“”") for part in re.split("…|“[^”]*”", quote.replace("’", "'"))]
        return all(part in said for part in parts if len(part) > 3)

    assert [quote for quote in quotes if not is_said(quote)] == []


def test_every_link_between_the_guides_leads_somewhere() -> None:
    for guide in (HOME / "README.md", *sorted((HOME / "docs").glob("*.md"))):
        for path, anchor in re.findall(r"\]\(([^)#:\s]*)(?:#([^)\s]+))?\)", guide.read_text()):
            target = (guide.parent / path).resolve() if path else guide
            assert target.exists(), (guide.name, path)
            if anchor:
                assert anchor in anchors(target), (guide.name, path, anchor)


def test_every_command_in_the_chapters_exists(app) -> None:  # type: ignore[no-untyped-def]
    named = re.findall(r"`greenroom ([a-z -]+)", TROUBLES.read_text())
    for words in named:
        command = app.cli
        for word in words.split()[:2]:
            command = getattr(command, "commands", {}).get(word, command)
        assert command is not app.cli, words


def test_what_the_map_and_the_walks_name_is_there() -> None:
    readme = (HOME / "README.md").read_text().split("## Work on it")[1]
    named = (HOME / "docs" / "architecture.md").read_text() + readme
    files = [path.relative_to(HOME).as_posix() for root in ROOTS for path in (HOME / root).rglob("*.py")]
    files += [path.name for path in HOME.glob("*.py")]
    files += [
        path.relative_to(HOME).as_posix() for root in ("tests", "sandbox") for path in (HOME / root).rglob("*.py")
    ]
    named_files = re.findall(r"`([\w/]+\.py)`(?: \(((?:`\w+`(?:, | and )?)+)\))?", named)
    assert len(named_files) > 200
    assert sum(bool(functions) for _, functions in named_files) > 20
    for name, functions in named_files:
        sources = [(HOME / path).read_text() for path in files if f"/{path}".endswith(f"/{name}")]
        assert sources, name
        for function in re.findall(r"\w+", functions):
            assert any(re.search(rf"\b(def|class) {function}\b|^{function}\b.* =", text, re.M) for text in sources), (
                name,
                function,
            )


def anchors(guide: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", guide.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def texts() -> Iterator[str]:
    """Every text in the sources, a mark for each value that is put in, and the words of the templates."""
    for path in (*(file for root in ROOTS for file in (HOME / root).rglob("*.py")), *HOME.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
            elif isinstance(node, ast.JoinedStr):
                yield "".join(str(part.value) if isinstance(part, ast.Constant) else "\0" for part in node.values)
    for path in (HOME / "templates").rglob("*.html"):
        yield " ".join(re.sub(r"<[^>]+>", "", path.read_text()).split())
