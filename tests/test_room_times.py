"""No page works out a room's times or whether somebody talks: it says what the room's status says."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

ROOT = Path(__file__).parent.parent
TIMES = frozenset(
    {"opens_at", "closes_at", "removed_at", "talk_ends_at", "talks_until", "planned_closing", "thresholds"}
    | {"make_minutes", "open_minutes", "close_minutes", "remove_minutes", "overrun_minutes", "extra_minutes"}
)
# What the status is made of, and says better.
PARTS = frozenset({"timeline", "session_timeline", "Overrides", "Occupant", "is_talking", "talk_limit", "is_inside"})
# They draw an evening that nobody has booked.
EXAMPLES = frozenset({"blueprints/landing.py", "blueprints/wizard/room_timing.py"})


def python_files() -> list[Path]:
    return sorted(path for folder in ("blueprints", "commands") for path in (ROOT / folder).rglob("*.py"))


def worked_out_in_python(source: str) -> Iterator[str]:
    """Each sum, difference or comparison with a room's time, and each use of what a status is made of."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr | ast.BitAnd):
            continue  # of sets and dicts
        if isinstance(node, ast.BinOp | ast.Compare | ast.AugAssign):
            named = {_name(part) for part in ast.walk(node)} & TIMES
        else:
            named = ({_name(node)} | _imported(node)) & PARTS
        if named:
            yield f"line {node.lineno}: {', '.join(sorted(named))}"


def _name(node: ast.AST) -> str:
    return getattr(node, "attr", "") or getattr(node, "id", "")


def _imported(node: ast.AST) -> set[str]:
    is_of_rooms = isinstance(node, ast.ImportFrom) and (node.module or "").startswith("coaching.rooms")
    return {alias.name for alias in node.names} if is_of_rooms else set()


def worked_out_in_template(source: str) -> Iterator[str]:
    """The same in a template. Who is inside may be shown there."""
    tree = Environment().parse(source)
    for node in tree.find_all((nodes.BinExpr, nodes.Compare)):
        named = {part.attr for part in node.find_all(nodes.Getattr)} & (TIMES | {"is_talking"})
        if named and not isinstance(node, nodes.And | nodes.Or) and not _compares_texts(node):
            yield f"line {node.lineno}: {', '.join(sorted(named))}"


def _compares_texts(node: nodes.Node) -> bool:
    """True where both sides are filtered: the days on which two times lie, as they are read."""
    sides = [node.expr, *(operand.expr for operand in node.ops)] if isinstance(node, nodes.Compare) else []
    return bool(sides) and all(isinstance(side, nodes.Filter) for side in sides)


def test_no_page_works_out_a_rooms_times():
    uses = {
        str(path.relative_to(ROOT)): lines
        for path in python_files()
        if (lines := list(worked_out_in_python(path.read_text()))) and str(path.relative_to(ROOT)) not in EXAMPLES
    }
    uses |= {
        str(path.relative_to(ROOT)): lines
        for path in sorted((ROOT / "templates").rglob("*.html"))
        if (lines := list(worked_out_in_template(path.read_text())))
    }
    assert uses == {}


@pytest.mark.parametrize(
    "source",
    [
        "is_open = times.opens_at <= now < times.closes_at",
        "until = closes_at + timedelta(minutes=10)",
        "from coaching.rooms.cases.rows import session_timeline",
        "any(one.is_inside for one in seen)",
    ],
)
def test_python_that_does_is_found(source):
    assert list(worked_out_in_python(source))


@pytest.mark.parametrize(
    "source",
    [
        "{% if status.times.closes_at <= now() %}closed{% endif %}",
        "{{ ((timeline.starts_at - timeline.opens_at).total_seconds() / 60)|int }}",
    ],
)
def test_a_template_that_does_is_found(source):
    assert list(worked_out_in_template(source))
