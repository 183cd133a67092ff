"""Discord's OpenAPI document as a measure: which schema belongs to a call, and what does not fit it."""

import json
import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

DOCUMENT = Path(__file__).parents[3] / "shared" / "discord" / "openapi.json"


def discords_contract() -> "Contract":
    """The contract; the test is skipped where the document does not lie beside the project."""
    if not DOCUMENT.exists():
        pytest.skip("Discord's openapi.json is not beside the project")
    return Contract(json.loads(DOCUMENT.read_text()))


class Contract:
    """Finds the schema for a call and says what does not fit."""

    def __init__(self, document: dict[str, Any]) -> None:
        document = _relaxed(document)
        self.paths = document["paths"]
        resource = Resource.from_contents(document, default_specification=DRAFT202012)
        self.registry = Registry().with_resource("urn:discord", resource)

    def operation(self, method: str, path: str) -> tuple[str, dict[str, Any]]:
        """The operation's place in the document; literal parts win over parameters."""
        fitting = [p for p in self.paths if re.fullmatch(re.sub(r"\\\{[^/]+\\\}", "[^/]+", re.escape(p)), path)]
        template = min(fitting, key=lambda p: p.count("{"))
        return template, self.paths[template][method.lower()]

    def problems(self, method: str, path: str, status: int, body: Any) -> list[str]:
        """What is wrong with an answer: a status that is not foreseen, or a body of another shape."""
        template, operation = self.operation(method, path)
        response = operation["responses"].get(str(status)) or operation["responses"].get(f"{status // 100}XX")
        if response is None:
            return [f"{method} {template} knows no {status}"]
        response = self._found(response)
        if "content" not in response:
            return [] if body is None else [f"{method} {template} {status} has no body"]
        return self._misfits(response["content"]["application/json"]["schema"], body)

    def request_problems(self, method: str, path: str, body: Any) -> list[str]:
        """What is wrong with a request's body."""
        template, operation = self.operation(method, path)
        if "requestBody" not in operation:
            return [] if body is None else [f"{method} {template} takes no body"]
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        return self._misfits(schema, _with_whole_bits(body))

    def _found(self, part: dict[str, Any]) -> dict[str, Any]:
        if "$ref" not in part:
            return part
        return self.registry.resolver("urn:discord").lookup(part["$ref"]).contents

    def _misfits(self, schema: dict[str, Any], body: Any) -> list[str]:
        rooted = {"$id": "urn:discord:part", **_rooted(schema)}
        validator = Draft202012Validator(rooted, registry=self.registry)
        return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(body)]


def _relaxed(document: dict[str, Any]) -> dict[str, Any]:
    """The document without the points in which the real service is known to differ (its docs win where they do)."""
    document = deepcopy(document)
    schemas = document["components"]["schemas"]
    # A 429 often has no code.
    _, waiting = schemas["RatelimitedResponse"]["allOf"]
    schemas["RatelimitedResponse"] = {
        "allOf": [{**schemas["Error"], "required": ["message"]}, waiting],
        "type": "object",
    }
    # Inside a form error the codes are words, such as BASE_TYPE_REQUIRED.
    words = {**schemas["Error"], "properties": {**schemas["Error"]["properties"], "code": {"type": "string"}}}
    schemas["InnerErrors"]["properties"]["_errors"]["items"] = words
    return document


def _rooted(part: Any) -> Any:
    """A part of the document whose references still lead into the document."""
    if isinstance(part, list):
        return [_rooted(entry) for entry in part]
    if not isinstance(part, dict):
        return part
    return {name: f"urn:discord{value}" if name == "$ref" else _rooted(value) for name, value in part.items()}


def _with_whole_bits(body: Any) -> Any:
    """The body with permission bits as numbers: the document knows them so, text is usual and accepted."""
    if isinstance(body, list):
        return [_with_whole_bits(entry) for entry in body]
    if not isinstance(body, dict):
        return body
    bits = ("allow", "deny", "permissions")
    return {name: int(value) if name in bits else _with_whole_bits(value) for name, value in body.items()}
