"""Templates read of our own objects only what they have: what is absent raises here, where Jinja says nothing."""

from typing import Any

import pytest
from flask import Flask
from jinja2 import StrictUndefined, Undefined
from wtforms.form import BaseForm


def absent(hint: str | None = None, obj: Any = None, name: str | None = None, **options: Any) -> Undefined:
    """What a template gets for a name or an attribute that is not there.

    A name may be left out of a context, a key of a dict, and a field of a form: templates ask whether they are there.
    """
    is_ours = type(obj).__module__.startswith(("blueprints.", "coaching.")) and not isinstance(obj, BaseForm)
    kind = StrictUndefined if is_ours else Undefined
    return kind(hint, name=name, **options) if obj is None else kind(hint, obj, name, **options)


@pytest.fixture
def app(app: Flask) -> Flask:
    """The application, whose templates read nothing that is absent."""
    app.jinja_env.undefined = absent  # type: ignore[assignment]  # Jinja calls it, and knows it as a class
    return app
