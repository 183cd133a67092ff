"""The drawings of static/icons.svg, to stand in the page itself: a sprite of its own would be one more request."""

import re
from functools import cache
from pathlib import Path

from flask import Flask
from markupsafe import Markup

SPRITE = Path(__file__).parent.parent / "static/icons.svg"
SYMBOL = re.compile(r'<symbol id="([a-z-]+)" viewBox="0 0 24 24">(.*?)</symbol>', re.DOTALL)


def init_app(app: Flask) -> None:
    """Make the drawings known to the templates."""
    app.add_template_global(icon_shape)


def icon_shape(name: str) -> Markup:
    """What is drawn inside an icon's 24 by 24 square."""
    return shapes()[name]


@cache
def shapes() -> dict[str, Markup]:
    """Every drawing by its name."""
    return {name: Markup(shape) for name, shape in SYMBOL.findall(SPRITE.read_text())}
