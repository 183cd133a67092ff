"""How views are written: one way to their address, one way to who is signed in. Read from the files themselves."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.one_database

BLUEPRINTS = Path(__file__).parents[2] / "blueprints"
METHODS = {"get", "post", "route"}
GUARDS = {"login_required", "fresh_sign_in_required"}


def files() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(BLUEPRINTS.rglob("*.py")):
        yield path, ast.parse(path.read_text())


def calls(tree: ast.AST) -> Iterator[str]:
    """The names that are called, of methods their last part."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def test_an_address_stands_at_its_view_and_nowhere_else() -> None:
    elsewhere = [path.name for path, tree in files() if "add_url_rule" in calls(tree)]

    assert elsewhere == []


def test_flask_login_is_asked_who_is_signed_in_at_one_place() -> None:
    asking = [
        path.name
        for path, tree in files()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "flask_login"
        if any(name.name == "current_user" for name in node.names)
    ]

    assert asking == ["signed_in.py"]


def test_a_view_that_asks_for_a_sign_in_knows_the_person_for_certain() -> None:
    views = list(views_of_the_site())
    guarded = [view for view in views if GUARDS & decorators(view)]
    uncertain = [view.name for view in guarded if "current_person" in calls(view)]

    assert len(views) > 100
    assert len(guarded) > 60
    assert uncertain == []


def views_of_the_site() -> Iterator[ast.FunctionDef]:
    for _, tree in files():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and METHODS & decorators(node):
                yield node


def decorators(view: ast.FunctionDef) -> set[str]:
    """The names of what stands above a function."""
    named = (decorator.func if isinstance(decorator, ast.Call) else decorator for decorator in view.decorator_list)
    return {
        decorator.attr if isinstance(decorator, ast.Attribute) else getattr(decorator, "id", "") for decorator in named
    }
