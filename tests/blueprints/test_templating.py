"""Templates share what is the same for all of them: macros are set up once, and there is one dict of globals."""

from pathlib import Path

from flask import Flask

TEMPLATES = Path(__file__).parents[2] / "templates"


def test_macros_are_imported_without_context_or_they_would_be_set_up_for_each_page() -> None:
    with_context = [path.name for path in TEMPLATES.rglob("*.html") if " with context" in path.read_text()]

    assert not with_context, "take `with context` out, and hand the macro what it reads of the page"


def test_a_template_knows_the_globals_of_all_and_its_own_stay_its_own(app: Flask) -> None:
    environment = app.jinja_env
    plain, own = environment.from_string("{{ own }}"), environment.from_string("{{ own }}", {"own": "mine"})

    assert plain.globals is environment.globals
    assert (plain.render(), own.render()) == ("", "mine")
    assert "own" not in environment.globals
