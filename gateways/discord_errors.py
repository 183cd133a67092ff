"""Discord's refusals, from status, headers and body to a HostError."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from coaching.host import HostError
from coaching.refusals import WAITS, Refusal

# Discord's code -> what it means; `_PAUSES` says how long to wait where neither headers nor body do. What a row says
# concerns calls of the same kind: only a 429 stops all of them.
_BY_CODE = {
    10003: Refusal.UNKNOWN_CHANNEL,
    10004: Refusal.UNKNOWN_GUILD,
    10007: Refusal.UNKNOWN_MEMBER,
    10011: Refusal.UNKNOWN_ROLE,
    10013: Refusal.UNKNOWN_MEMBER,
    20026: Refusal.BOT_FLAGGED,
    30001: Refusal.TOO_MANY_GUILDS,
    30005: Refusal.ROLES_FULL,
    30013: Refusal.GUILD_FULL,
    30061: Refusal.GUILD_FULL,
    40003: Refusal.DMS_TOO_FAST,
    40007: Refusal.BANNED,
    40333: Refusal.BLOCKED,
    50001: Refusal.MISSING_ACCESS,
    50007: Refusal.DM_REFUSED,
    50013: Refusal.MISSING_PERMISSION,
    50025: Refusal.USER_TOKEN_INVALID,
    50026: Refusal.USER_SCOPE_MISSING,
    50278: Refusal.NO_SHARED_SERVER,
    60003: Refusal.TWO_FACTOR_REQUIRED,
    340015: Refusal.JOINING_LIMITED,
}
_BY_STATUS = {401: Refusal.UNAUTHORIZED, 403: Refusal.MISSING_PERMISSION, 404: Refusal.UNKNOWN_THING}
_BY_FIELD_CODE = {
    "CHANNEL_PARENT_MAX_CHANNELS": Refusal.CATEGORY_FULL,
    "INVALID_COMMUNITY_PROPERTY_NAME": Refusal.NAME_REFUSED,
}
_TEN_MINUTES = timedelta(minutes=10)
# Whoever was taken for a spammer has to be let go by a person.
_PAUSES = {20026: timedelta(hours=6), 40003: _TEN_MINUTES}
# Cloudflare does not always say for how long, and asking again prolongs the block.
BLOCKED_FOR = _TEN_MINUTES
SHORTEST_PAUSE = timedelta(seconds=1)
LONGEST_WAIT = timedelta(days=3)


def refusal_of(status: int, headers: Mapping[str, str], content: bytes) -> HostError:
    """The HostError for an answer that is no success."""
    body = _body(content)
    kind = _kind(status, body)
    return HostError(
        _message(body, status),
        kind,
        retry_after=_retry_after(kind, headers, body) if kind in WAITS else None,
        status=status,
        code=_code(body),
        is_global=status == 429 and (kind == Refusal.BLOCKED or body.get("global") is True),
    )


def _kind(status: int, body: dict[str, Any]) -> Refusal:
    code = _code(body)
    if code in _BY_CODE:
        return _BY_CODE[code]
    if code == 50035:
        return next((kind for name, kind in _BY_FIELD_CODE.items() if name in json.dumps(body)), Refusal.OTHER)
    if status == 429:
        # Discord's own 429 names the time in its body; Cloudflare's is a page of HTML.
        return Refusal.RATE_LIMITED if "retry_after" in body else Refusal.BLOCKED
    if status >= 500:
        return Refusal.SERVER_ERROR
    return _BY_STATUS.get(status, Refusal.OTHER)


def _retry_after(kind: Refusal, headers: Mapping[str, str], body: dict[str, Any]) -> timedelta:
    wait = _seconds(body.get("retry_after")) or _seconds(headers.get("Retry-After"))
    otherwise = BLOCKED_FOR if kind == Refusal.BLOCKED else _PAUSES.get(_code(body) or 0, SHORTEST_PAUSE)
    return wait or otherwise


def _seconds(value: object) -> timedelta | None:
    try:
        seconds = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    # "nan" and "-1" are floats too.
    return min(timedelta(seconds=min(seconds, 1e6)), LONGEST_WAIT) if seconds > 0 else None


def _body(content: bytes) -> dict[str, Any]:
    try:
        body = json.loads(content)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _code(body: dict[str, Any]) -> int | None:
    code = body.get("code")
    return code if isinstance(code, int) and not isinstance(code, bool) else None


def _message(body: dict[str, Any], status: int) -> str:
    message = body.get("message")
    return message[:200] if isinstance(message, str) else f"Discord answered {status}"
