"""Reading request bodies the way Discord does: one function a kind of field, 50035 for what does not fit."""

import re
from typing import Any

from flask import Request

from sandbox.errors import BadForm
from sandbox.permissions import ALL_RIGHTS
from sandbox.records import FOR_MEMBER, FOR_ROLE, Overwrite

Body = dict[str, Any]


def json_body(request: Request) -> Body:
    """The request's JSON object; an empty body counts as an empty object."""
    if not request.get_data():
        return {}
    if request.mimetype != "application/json":
        raise BadForm("", "CONTENT_TYPE_INVALID", 'Expected "Content-Type" header to be application/json.')
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise BadForm("", "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
    return body


def text(body: Body, field: str, *, least: int = 0, most: int, required: bool = False) -> str | None:
    """The string in `field`, or None where it is absent or null."""
    value = body.get(field)
    if value is None:
        if required:
            raise BadForm(field, "BASE_TYPE_REQUIRED", "This field is required")
        return None
    if not isinstance(value, str):
        raise BadForm(field, "STRING_TYPE_CONVERT", "Could not interpret value as string.")
    if not least <= len(value) <= most:
        raise BadForm(field, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")
    return value


def whole(body: Body, field: str, *, least: int, most: int, default: int) -> int:
    """The whole number in `field`, or `default` where it is absent or null."""
    value = body.get(field)
    if value is None:
        return default
    number = _whole(value)
    if number is None:
        raise BadForm(field, "NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')
    if not least <= number <= most:
        raise BadForm(field, "NUMBER_TYPE_MAX", f"int value should be between {least} and {most}.")
    return number


def flag(body: Body, field: str, default: bool = False) -> bool:
    """The truth value in `field`, or `default` where it is absent or null."""
    value = body.get(field)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise BadForm(field, "BOOLEAN_TYPE_CONVERT", "Must be either true or false.")
    return value


def snowflake(body: Body, field: str) -> str | None:
    """The id in `field` as text, whether it was sent as text or as a number; None where it is absent or null."""
    value = body.get(field)
    return None if value is None else _snowflake(value, field)


def needed_snowflake(body: Body, field: str) -> str:
    """The id in `field` as text; a body without it is refused."""
    value = snowflake(body, field)
    if value is None:
        raise BadForm(field, "BASE_TYPE_REQUIRED", "This field is required")
    return value


def snowflakes(body: Body, field: str, most: int) -> tuple[str, ...] | None:
    """The list of ids in `field`, or None where it is absent or null."""
    values = body.get(field)
    if values is None:
        return None
    if not isinstance(values, list) or len(values) > most:
        raise BadForm(field, "BASE_TYPE_BAD_LENGTH", f"Must be {most} or fewer in length.")
    return tuple(dict.fromkeys(_snowflake(value, field) for value in values))


def rights(body: Body, field: str, default: int) -> int:
    """The permission bits in `field`, sent as text or as a number."""
    value = body.get(field)
    if value is None:
        return default
    number = _whole(value)
    if number is None or number < 0:
        raise BadForm(field, "NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')
    return number & ALL_RIGHTS


def overwrites(body: Body) -> tuple[Overwrite, ...] | None:
    """The list of overwrites, or None where it is absent or null."""
    field = "permission_overwrites"
    entries = body.get(field)
    if entries is None:
        return None
    if not isinstance(entries, list) or len(entries) > 100:
        raise BadForm(field, "BASE_TYPE_MAX_LENGTH", "Must be 100 or fewer in length.")
    read = {}
    for place, entry in enumerate(entries):
        if not isinstance(entry, dict):
            raise BadForm(f"{field}.{place}", "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
        target = _snowflake(entry.get("id"), f"{field}.{place}.id")
        read[target] = overwrite(entry, target, f"{field}.{place}")
    return tuple(read.values())


def overwrite(body: Body, target: str, where: str = "") -> Overwrite:
    """One overwrite; absent allow or deny means none."""
    kind = _whole({"role": 0, "member": 1}.get(str(body.get("type")), body.get("type")))
    if kind not in (FOR_ROLE, FOR_MEMBER):
        field = f"{where}.type" if where else "type"
        raise BadForm(field, "BASE_TYPE_CHOICES", "Value must be one of (0, 1).")
    return Overwrite(target, kind, rights(body, "allow", 0), rights(body, "deny", 0))


def _snowflake(value: Any, field: str) -> str:
    number = _whole(value)
    if number is None or not 0 <= number < 1 << 64:
        raise BadForm(field, "NUMBER_TYPE_COERCE", f'Value "{value}" is not snowflake.')
    return str(number)


def _whole(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    # Never by way of a float: it would lose the last digits of a snowflake.
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,20}", value):
        return int(value)
    return None
