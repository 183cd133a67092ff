"""Templates share what is the same for all of them: macros are set up once, and there is one dict of globals."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import UndefinedError
from markupsafe import Markup

from blueprints.templating import make_ready
from tests.factories import make_product

TEMPLATES = Path(__file__).parents[2] / "templates"


def test_macros_are_imported_without_context_or_they_would_be_set_up_for_each_page() -> None:
    with_context = [path.name for path in TEMPLATES.rglob("*.html") if " with context" in path.read_text()]

    assert not with_context, "take `with context` out, and hand the macro what it reads of the page"


def test_a_template_reads_of_our_objects_only_what_they_have(app: Flask) -> None:
    told = {"product": make_product(), "shown": {}}
    for words in ("product.called", "product.called and shown", "product.slug ~ product.called"):
        with pytest.raises(UndefinedError, match="called"):
            app.jinja_env.from_string("{{ " + words + " }}").render(told)
    asked = app.jinja_env.from_string("{{ product.called is defined }} {{ shown.called }} {{ called }}").render(told)
    assert asked == "False  "


def test_a_template_knows_the_globals_of_all_and_its_own_stay_its_own(app: Flask) -> None:
    environment = app.jinja_env
    plain, own = environment.from_string("{{ own }}"), environment.from_string("{{ own }}", {"own": "mine"})

    assert plain.globals is environment.globals
    assert (plain.render(), own.render()) == ("", "mine")
    assert "own" not in environment.globals


@pytest.mark.parametrize("way", ["{{ value }}", "{% macro m(v) %}{{ v }}{% endmacro %}{{ m(value) }}"])
def test_what_a_template_shows_is_escaped_once(app: Flask, way: str) -> None:
    template = app.jinja_env.from_string("{% autoescape true %}" + way + "{% endautoescape %}")
    for value, text in (
        ("plain", "plain"),
        ("<b> & \"'", "&lt;b&gt; &amp; &#34;&#39;"),
        (Markup("<b>"), "<b>"),
        (Loud("<b>"), "&lt;b&gt;"),
        (12, "12"),
        (None, "None"),
    ):
        assert template.render(value=value) == text


def test_pages_escape_by_the_quick_way(app: Flask) -> None:
    source = app.jinja_env.compile("{{ value }}", name="page.html", raw=True)
    assert "environment.escaped(" in source
    assert "escape(" not in source.replace("environment.escaped(", "")


def test_a_page_that_was_made_ready_compiles_nothing_more(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    product, environment, compiled = make_product(), app.jinja_env, list[Any]()
    environment.cache.clear()  # type: ignore[union-attr]
    make_ready(environment, "storefront/product.html")
    compile_template = environment.compile

    def note_and_compile(*args: Any, **more: Any) -> Any:
        compiled.append(args)
        return compile_template(*args, **more)

    monkeypatch.setattr(environment, "compile", note_and_compile)
    assert client.get(f"/s/{product.store.slug}/{product.slug}").status_code == 200
    assert compiled == []


class Loud(str):
    """A text of a kind of its own."""
