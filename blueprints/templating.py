"""How templates are set up: as Flask has it, but for what a page of many small parts pays for each of them."""

from collections.abc import MutableMapping
from typing import Any

from flask.templating import Environment


class QuickEnvironment(Environment):
    """Flask's environment, whose globals are one dict for all templates.

    Jinja lays a mapping of its own over it for each template, and goes through that one slowly for each part of a page.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return super().make_globals(d) if d else self.globals
