"""Discord's answers as plain values. They are untrusted: what is not as documented ends as BAD_ANSWER."""

import re
from datetime import datetime
from typing import Any

from coaching.guild_parts import Application, Channel, Member, Overwrite, Role
from coaching.host import HostError
from coaching.refusals import Refusal

LONGEST_TEXT = 200
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def channel_in(answer: dict[str, Any]) -> Channel:
    overwrites = (object_in(overwrite) for overwrite in list_in(answer.get("permission_overwrites", [])))
    return Channel(
        text_in(answer, "id"),
        text_in(answer, "name"),
        _number(answer, "type"),
        frozenset(_overwrite_in(overwrite) for overwrite in overwrites),
        _text_or_none(answer, "parent_id"),
        _text_or_none(answer, "last_message_id"),
        answer.get("nsfw") is True,
    )


def _text_or_none(answer: dict[str, Any], name: str) -> str | None:
    return text_in(answer, name) if answer.get(name) else None


def _overwrite_in(answer: dict[str, Any]) -> Overwrite:
    return Overwrite(
        text_in(answer, "id"), _number(answer, "type") == 1, _number(answer, "allow"), _number(answer, "deny")
    )


def role_in(answer: dict[str, Any]) -> Role:
    return Role(
        text_in(answer, "id"), text_in(answer, "name"), _number(answer, "permissions"), _number(answer, "position")
    )


def member_in(answer: dict[str, Any]) -> Member:
    user = object_in(answer.get("user"))
    names = (answer.get("nick"), user.get("global_name"), user.get("username"))
    name = next((name for name in names if isinstance(name, str) and name), "")
    roles = frozenset(str(role) for role in list_in(answer.get("roles")))
    return Member(text_in(user, "id"), _readable(name), roles, _instant(answer.get("joined_at")))


def application_in(answer: dict[str, Any]) -> Application:
    known = answer.get("redirect_uris")
    # Compared to the letter, and neither stored nor shown: a long one must not be cut.
    addresses = frozenset(address for address in known if isinstance(address, str)) if isinstance(known, list) else None
    return Application(
        text_in(answer, "id"), addresses, _flag(answer, "bot_public"), _flag(answer, "bot_require_code_grant")
    )


def _flag(answer: dict[str, Any], name: str) -> bool | None:
    value = answer.get(name)
    return value if isinstance(value, bool) else None


def _instant(value: Any) -> datetime | None:
    """The instant, or None when nobody says when it was."""
    try:
        instant = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return instant if instant.tzinfo else None


def object_in(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _bad("an object")
    return value


def list_in(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise _bad("a list")
    return value


def text_in(answer: dict[str, Any], name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str):
        raise _bad(f"text in “{name}”")
    return _readable(value)


def _number(answer: dict[str, Any], name: str) -> int:
    value = answer.get(name)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 20:
        return int(value)
    if not isinstance(value, int):
        raise _bad(f"a number in “{name}”")
    return value


def _readable(text: str) -> str:
    # Our tables take 255 letters, and PostgreSQL no NUL.
    return CONTROL.sub("", text)[:LONGEST_TEXT]


def _bad(wanted: str) -> HostError:
    return HostError(f"Discord's answer lacks {wanted}", Refusal.BAD_ANSWER)
