"""Choices that a table holds here and words that another holds there: whoever adds one is told what else it needs."""

import ast
import re
from pathlib import Path

import pytest
from flask import Flask

from blueprints.sessions.outcome import OUTCOMES, OutcomeForm
from blueprints.storefront import changes
from blueprints.stores.forms import ACCESS_MODES
from blueprints.wizard.checkout import QUESTION_KINDS, SESSION_TYPES
from blueprints.wizard.thumbnail import STYLES
from coaching.accounts.event_kinds import ADMIN_ACTIONS, KINDS
from coaching.booking import answers
from coaching.booking.models import LIVE_STATES
from coaching.catalog import store_mutations
from coaching.checks import State
from coaching.rooms.planning.case import COMING, AccessMode, RoomState
from coaching.rooms.views import labels
from commands.doctor import MARKS

ROOT = Path(__file__).parent.parent
TEMPLATES = ROOT / "templates"


def test_tables_of_the_same_things_hold_the_same() -> None:
    for subject, first, *others in (
        ("session types", SESSION_TYPES, changes.KINDS),
        ("kinds of questions", QUESTION_KINDS, answers.LONGEST),
        ("ways into a room", AccessMode, ACCESS_MODES, store_mutations.ACCESS_MODES, labels.MODES),
        ("room states", RoomState, labels.STATES),
        ("states of a check", State, MARKS),
    ):
        for other in others:
            assert set(map(str, first)) == set(map(str, other)), subject
    assert set(ADMIN_ACTIONS) <= set(KINDS)
    # A session whose room may be needed takes up its coach's time.
    assert set(COMING) <= set(LIVE_STATES)


@pytest.mark.parametrize(
    ("template", "choices"),
    [
        ("storefront/_words.html", SESSION_TYPES),
        ("storefront/_product.html", SESSION_TYPES),
        ("storefront/_product_card.html", SESSION_TYPES),
        ("wizard/_thumbnail.html", STYLES),
        ("stores/_access.html", ACCESS_MODES),
    ],
)
def test_templates_have_words_for_every_choice(template: str, choices: dict[str, str]) -> None:
    named = set(re.findall(r"[\"']([a-z_]+)[\"']:", (TEMPLATES / template).read_text()))
    assert set(choices) <= named


def test_what_is_drawn_has_words_for_every_choice(app: Flask) -> None:
    with app.test_request_context("/"):
        assert {value for value, *_ in OutcomeForm().naming("Bob").outcome.iter_choices()} == OUTCOMES.keys()
        said = app.jinja_env.get_template("storefront/_words.html").make_module({})
        assert len({said.kind_text(kind).strip() for kind in SESSION_TYPES}) == len(SESSION_TYPES)  # type: ignore[attr-defined]


def test_every_security_event_that_is_noted_is_a_kind() -> None:
    """One that is not would be kept without the measure for what anybody can cause, and under no heading."""
    noted = {
        (argument.value, path.name)
        for folder in ("blueprints", "coaching", "commands")
        for path in (ROOT / folder).rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and called(call.func) in ("note", "events.note")
        for argument in call.args[:1]
        if isinstance(argument, ast.Constant)
    }
    assert len(noted) > 20
    assert not sorted((kind, file) for kind, file in noted if kind not in KINDS)


def called(function: ast.expr) -> str:
    if isinstance(function, ast.Name):
        return function.id
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        return f"{function.value.id}.{function.attr}"
    return ""
