"""Stripe's form encoding, read: `line_items[0][price_data][currency]=eur` and the like. Pure.

Whatever nobody asked for is refused, as Stripe does, so that a misspelt parameter is found here and not there.
"""

import re
from collections.abc import Iterable
from typing import Any

from sandbox.stripe.errors import BadParam

NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
LARGEST = 2**53


def nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The form as dictionaries; a list is a dictionary with the numbers of its places."""
    values: dict[str, Any] = {}
    for name, value in pairs:
        match = NAME.fullmatch(name)
        if match is None:
            raise BadParam(name, f"Invalid parameter name: {name}", "parameter_unknown")
        steps = [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])]
        level = values
        for step in steps[:-1]:
            level = level.setdefault(step or str(len(level)), {})
            if not isinstance(level, dict):
                raise BadParam(steps[0], "Invalid object")
        level[steps[-1] or str(len(level))] = value
    return values


class Params:
    """The parameters of a call or of a part of one. Reading one marks it as known; `finish` refuses the others."""

    def __init__(self, values: dict[str, Any], path: str = "") -> None:
        self._values, self._path = values, path
        self._known: set[str] = set()
        self._parts: list[Params] = []

    def name_of(self, name: str) -> str:
        """The parameter as Stripe names it in an error."""
        return f"{self._path}[{name}]" if self._path else name

    def has(self, name: str) -> bool:
        return name in self._values

    def is_nested(self, name: str) -> bool:
        """Whether parameters inside this one were sent."""
        return isinstance(self._values.get(name), dict)

    def text(self, name: str, *, most: int = 5000, required: bool = False) -> str | None:
        """The string, or None where it is absent."""
        value = self._take(name, required)
        if value is None:
            return None
        if not isinstance(value, str):
            raise BadParam(self.name_of(name), f"Invalid string: {value}")
        if not value:
            raise BadParam(
                self.name_of(name),
                f"You passed an empty string for '{self.name_of(name)}'. We assume empty values are an attempt to"
                f" unset a parameter; however '{self.name_of(name)}' cannot be unset.",
                "parameter_invalid_empty",
            )
        if len(value) > most:
            raise BadParam(self.name_of(name), f"Invalid string: {value[:20]}…; must be at most {most} characters")
        return value

    def needed(self, name: str, *, most: int = 5000) -> str:
        """The string that has to be there."""
        return self.text(name, most=most, required=True) or ""

    def one_of(self, name: str, choices: Iterable[str], *, required: bool = False) -> str | None:
        """One of the choices, or None where it is absent."""
        value = self.text(name, required=required)
        if value is not None and value not in (known := tuple(choices)):
            raise BadParam(self.name_of(name), f"Invalid {name}: must be one of {', '.join(known)}")
        return value

    def whole(self, name: str, *, least: int = 0, most: int = LARGEST, required: bool = False) -> int | None:
        """The whole number, or None where it is absent."""
        value = self.text(name, required=required)
        if value is None:
            return None
        if not re.fullmatch(r"-?[0-9]{1,17}", value):
            raise BadParam(self.name_of(name), f"Invalid integer: {value}", "parameter_invalid_integer")
        if not least <= int(value) <= most:
            words = {0: "Invalid non-negative integer", 1: "Invalid positive integer"}.get(least, "Invalid integer")
            raise BadParam(self.name_of(name), words, "parameter_invalid_integer")
        return int(value)

    def flag(self, name: str) -> bool | None:
        """The truth value, or None where it is absent."""
        value = self.one_of(name, ("true", "false"))
        return None if value is None else value == "true"

    def email(self, name: str) -> str | None:
        """The address, or None where it is absent."""
        value = self.text(name, most=512)
        if value is not None and not EMAIL.fullmatch(value):
            raise BadParam(self.name_of(name), f"Invalid email address: {value}", "email_invalid")
        return value

    def metadata(self, name: str = "metadata") -> dict[str, str]:
        """Up to 50 keys of 40 characters with values of 500; an empty value unsets its key."""
        part = self._take(name, False)
        if part is None or part == "":
            return {}
        if not isinstance(part, dict) or not all(isinstance(value, str) for value in part.values()):
            raise BadParam(self.name_of(name), "Invalid object")
        if len(part) > 50:
            raise BadParam(self.name_of(name), "Metadata can have up to 50 keys.")
        for key, value in part.items():
            if len(key) > 40 or len(value) > 500:
                raise BadParam(
                    f"{self.name_of(name)}[{key[:40]}]",
                    "Metadata keys can be up to 40 characters long, and values up to 500 characters long.",
                )
        return {key: value for key, value in part.items() if value}

    def part(self, name: str, *, required: bool = False) -> "Params | None":
        """The parameters inside one, or None where it is absent."""
        value = self._take(name, required)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise BadParam(self.name_of(name), "Invalid object")
        self._parts.append(Params(value, self.name_of(name)))
        return self._parts[-1]

    def parts(self, name: str, *, most: int, required: bool = False) -> "list[Params]":
        """A list of parameters, empty where it is absent."""
        items = self._items(name, most, required)
        if not all(isinstance(value, dict) for value in items):
            raise BadParam(self.name_of(name), "Invalid array")
        parts = [Params(value, f"{self.name_of(name)}[{place}]") for place, value in enumerate(items)]
        self._parts += parts
        return parts

    def texts(self, name: str, *, most: int = 100, required: bool = False) -> tuple[str, ...]:
        """A list of strings, empty where it is absent."""
        items = self._items(name, most, required)
        if not all(isinstance(value, str) for value in items):
            raise BadParam(self.name_of(name), "Invalid array")
        return tuple(items)

    def finish(self) -> None:
        """Nothing was sent that nobody asked for, or BadParam."""
        for part in self._parts:
            part.finish()
        if unknown := set(self._values) - self._known:
            name = self.name_of(min(unknown))
            raise BadParam(name, f"Received unknown parameter: {name}", "parameter_unknown")

    def _items(self, name: str, most: int, required: bool) -> list[Any]:
        value = self._take(name, required)
        if value is None:
            return []
        if not isinstance(value, dict) or not all(place.isdecimal() for place in value):
            raise BadParam(self.name_of(name), "Invalid array")
        if len(value) > most:
            raise BadParam(self.name_of(name), f"Array must have at most {most} elements.")
        return [value[place] for place in sorted(value, key=int)]

    def _take(self, name: str, required: bool) -> Any:
        self._known.add(name)
        if name not in self._values and required:
            raise BadParam(self.name_of(name), f"Missing required param: {self.name_of(name)}.", "parameter_missing")
        return self._values.get(name)
