"""What each test's application would work out anew, and the first one of a process keeps for all that come after it."""

from copy import copy
from types import CodeType
from typing import Any, ClassVar

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.routing import Map, Rule, RuleFactory


def keep() -> None:
    """From now on every application has its routes and its compiled templates from the first one that had the same."""
    Flask.url_rule_class = shared_rule  # type: ignore[assignment]  # a method, since an application asks for it as one
    Flask.url_map_class = SharedMap
    Flask.jinja_options = {"bytecode_cache": CompiledOnce()}


RULES: dict[object, Rule] = {}


def shared_rule(app: Flask, rule: str, **options: Any) -> Rule:
    """The route, the same for all applications of a kind."""
    more = ((name, repr(value)) for name, value in options.items() if name != "methods")
    key = app.import_name, rule, frozenset(options.get("methods") or ()), *more
    if key not in RULES:
        RULES[key] = Rule(rule, **options)
    return RULES[key]


class SharedMap(Map):
    """Routes that are parsed, put in order and have their address builders compiled once for all that have the same."""

    # The routes that were given are kept with it: by where they are they are known again.
    finished: ClassVar[dict[object, tuple[Map, list[Rule], list[Rule]]]] = {}

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.given: list[Rule] = []
        super().__init__(*arguments, **options)

    def add(self, rulefactory: RuleFactory) -> None:
        self.given.extend(rulefactory.get_rules(self))
        self._remap = True

    def update(self) -> None:
        # Asked for before anything is looked up; a route that comes later makes it another map.
        if not self._remap:
            return
        key = self.host_matching, self.merge_slashes, *self.converters.values(), *map(id, self.given)
        if key not in self.finished:
            whole = Map(host_matching=self.host_matching, merge_slashes=self.merge_slashes, converters=self.converters)
            rules = [unbound(rule) for rule in self.given]
            for rule in rules:
                whole.add(rule)
            whole.update()
            self.finished[key] = whole, rules, self.given
        whole, rules, _ = self.finished[key]
        self._matcher, self._rules_by_endpoint, self.given = whole._matcher, whole._rules_by_endpoint, [*rules]
        self._remap = False


def unbound(rule: Rule) -> Rule:
    """The route itself where it belongs to no map yet, else a copy."""
    if rule.map is None:
        return rule
    rule = copy(rule)
    rule.map, rule.methods = None, rule.methods and set(rule.methods)  # type: ignore[assignment]
    return rule


class CompiledOnce(BytecodeCache):
    """Templates that are compiled for the first application that draws them."""

    def __init__(self) -> None:
        self.codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code:
            self.codes[bucket.key, bucket.checksum] = bucket.code
