"""What the API refuses, with Discord's own codes, statuses and words."""

from typing import Any

# code -> (HTTP status, message)
REFUSALS: dict[int, tuple[int, str]] = {
    10003: (404, "Unknown Channel"),
    10004: (404, "Unknown Guild"),
    10007: (404, "Unknown Member"),
    10008: (404, "Unknown Message"),
    10009: (404, "Unknown Overwrite"),
    10011: (404, "Unknown Role"),
    10013: (404, "Unknown User"),
    10062: (404, "Unknown interaction"),
    10065: (404, "Unknown Voice State"),
    20026: (403, "Your bot has been flagged by our anti-spam system"),
    20028: (429, "The write action you are performing on the channel has hit the write rate limit."),
    20029: (429, "The write action you are performing on the server has hit the write rate limit."),
    30001: (400, "Maximum number of guilds reached (100)"),
    30005: (400, "Maximum number of guild roles reached (250)"),
    30013: (400, "Maximum number of guild channels reached (500)"),
    30016: (400, "Maximum number of invites reached (1000)"),
    30060: (400, "Maximum number of channel permission overwrites reached (1000)"),
    30061: (400, "The channels for this guild are too large"),
    40003: (403, "You are opening direct messages too fast"),
    40007: (403, "The user is banned from this guild"),
    40032: (400, "Target user is not connected to voice."),
    40333: (403, "internal network error"),
    50001: (403, "Missing Access"),
    50003: (403, "Cannot execute action on a DM channel"),
    50006: (400, "Cannot send an empty message"),
    50007: (403, "Cannot send messages to this user"),
    50008: (400, "Cannot send messages in a non-text channel"),
    50013: (403, "Missing Permissions"),
    50024: (400, "Cannot execute action on this channel type"),
    50025: (403, "Invalid OAuth2 access token"),
    50026: (403, "Missing required OAuth2 scope"),
    50028: (400, "Invalid Role"),
    50033: (400, "Invalid Recipient(s)"),
    50035: (400, "Invalid Form Body"),
    50074: (400, "Cannot delete a channel required for Community servers"),
    50278: (403, "Cannot send messages to this user due to having no mutual guilds"),
    60003: (403, "Two factor is required for this operation"),
    130000: (503, "API resource is currently overloaded. Try again a little later"),
    200000: (400, "Message was blocked by automatic moderation"),
    340015: (403, "Joining guilds is limited for this user"),
}


class ApiError(Exception):
    """An answer that is not a success: a status with Discord's JSON."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(f"{status} {body.get('message', '')}")
        self.status = status
        self.body = body


class Refused(ApiError):
    """One of the known refusals."""

    def __init__(self, code: int) -> None:
        status, message = REFUSALS[code]
        super().__init__(status, {"message": message, "code": code})


class Unauthorized(ApiError):
    """The token is missing, wrong or worn out."""

    def __init__(self) -> None:
        super().__init__(401, {"message": "401: Unauthorized", "code": 0})


class BadForm(ApiError):
    """A field of the body is not what Discord takes."""

    def __init__(self, field: str, code: str, message: str) -> None:
        errors: dict[str, Any] = {"_errors": [{"code": code, "message": message}]}
        for name in reversed(field.split(".") if field else []):
            errors = {name: errors}
        status, words = REFUSALS[50035]
        super().__init__(status, {"message": words, "code": 50035, "errors": errors})


class RateLimited(ApiError):
    """Too many requests; the headers say for how long. Only the write limits have a code."""

    def __init__(
        self, retry_after: float, scope: str, headers: dict[str, str] | None = None, code: int | None = None
    ) -> None:
        retry_after = max(round(retry_after, 3), 0.001)
        is_global = scope == "global"
        body: dict[str, Any] = {"message": "You are being rate limited."}
        if code is not None:
            body = {"message": REFUSALS[code][1], "code": code}
        super().__init__(429, body | {"retry_after": retry_after, "global": is_global})
        self.seconds, self.scope = retry_after, scope
        self.headers = {**(headers or {}), "Retry-After": str(int(retry_after) + 1), "X-RateLimit-Scope": scope}
        if is_global:
            self.headers["X-RateLimit-Global"] = "true"


class Blocked(ApiError):
    """A block by the network in front of Discord; its answer is HTML and none of Discord's own."""

    def __init__(self, seconds: float) -> None:
        super().__init__(429, {"message": "Access denied"})
        self.seconds = seconds
