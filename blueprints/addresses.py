"""Addresses of our own pages, each worked out once: a page has dozens of them, which cost a tenth of it."""

from collections.abc import Callable
from typing import Any

from flask import Flask
from flask.ctx import RequestContext
from flask.globals import request_ctx
from werkzeug.routing import IntegerConverter, Map

# So many at a time, none longer than that: somebody else may choose what stands in them.
MOST, LONGEST = 2000, 200
# No row has a higher number, and past 2^63 a driver raises.
HIGHEST_NUMBER = 2**31 - 1
OPTIONS = frozenset({"_anchor", "_external", "_method", "_scheme"})
PLAIN = frozenset({str, int, type(None)})


class RowNumber(IntegerConverter):
    """A number in an address: one that no row can have leads to what no row leads to."""

    def __init__(self, map: Map, max: int = HIGHEST_NUMBER, **options: Any) -> None:
        super().__init__(map, max=max, **options)


class SiteFlask(Flask):
    """Flask, which remembers the addresses it has made."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._known: dict[object, str] = {}
        self.url_map.converters["int"] = RowNumber

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function itself: none of ours is a coroutine, and Flask would look thirty times a page."""
        return func

    def url_for(self, /, endpoint: str, **values: Any) -> str:
        """The address, as Flask makes it: of a path it depends on nothing but its page, its values and the mount.

        Where the page's blueprint adds values of its own, it depends on who asks as well, and is made anew.
        """
        if not OPTIONS.isdisjoint(values):  # flask.url_for always says all of them
            values = {name: value for name, value in values.items() if value is not None or name not in OPTIONS}
        # `True` and 1 are one key, and what the options ask for depends on the request.
        is_plain = OPTIONS.isdisjoint(values) and PLAIN.issuperset(map(type, values.values()))
        here = present_request() if is_plain else None
        if here is None or here.url_adapter is None:
            return super().url_for(endpoint, **values)
        page = f"{here.request.blueprint}{endpoint}" if endpoint[0] == "." else endpoint
        if page.partition(".")[0] in self.url_default_functions:
            return super().url_for(endpoint, **values)
        key = here.url_adapter.script_name, page, frozenset(values.items())
        address = self._known.get(key)
        if address is None:
            address = super().url_for(endpoint, **values)
            if len(address) <= LONGEST:
                if len(self._known) >= MOST:
                    self._known.clear()
                self._known[key] = address
        return address


def present_request() -> RequestContext | None:
    """What Flask knows of the request that is answered; None outside of one."""
    try:
        here: RequestContext = request_ctx._get_current_object()  # type: ignore[attr-defined]
    except RuntimeError:
        return None
    return here
