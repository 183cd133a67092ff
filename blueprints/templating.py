"""How templates are set up: as Flask has it, but for what a page of many small parts pays for each of them."""

import re
from collections.abc import MutableMapping
from typing import Any

from flask.templating import Environment
from jinja2.compiler import CodeGenerator
from jinja2.meta import find_referenced_templates
from markupsafe import Markup, escape

# What markupsafe writes otherwise.
SPECIAL = re.compile("[&<>'\"]")


def make_ready(environment: Environment, page: str) -> None:
    """The page's template and all that it is made of are compiled: in a rush each thread would do so by itself."""
    waiting, seen = [page], set[str]()
    while waiting:
        name = waiting.pop()
        if name not in seen and environment.loader is not None:
            seen.add(name)
            environment.get_template(name)
            source = environment.loader.get_source(environment, name)[0]
            waiting += filter(None, find_referenced_templates(environment.parse(source)))


class QuickGenerator(CodeGenerator):
    """Jinja's compiler, whose templates escape by `QuickEnvironment.escaped`."""

    # Should Jinja ask for it under another name one day, templates escape as they always did.
    def _output_child_pre(self, node: Any, frame: Any, finalize: Any) -> None:
        if frame.eval_ctx.autoescape and not frame.eval_ctx.volatile and finalize.src is None:
            self.write("environment.escaped(")
        else:
            super()._output_child_pre(node, frame, finalize)


class QuickEnvironment(Environment):
    """Flask's environment, whose globals are one dict for all templates.

    Jinja lays a mapping of its own over it for each template, and goes through that one slowly for each part of a page.
    """

    code_generator_class = QuickGenerator

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return super().make_globals(d) if d else self.globals

    @staticmethod
    def escaped(value: Any) -> str:
        """The value as it stands in a page: most of the hundreds in one are text with nothing in it to escape."""
        kind = type(value)
        return value if kind is Markup or (kind is str and not SPECIAL.search(value)) else escape(value)
