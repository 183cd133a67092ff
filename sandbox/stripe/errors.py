"""What the API refuses, with Stripe's types, codes, statuses and words, as public reports and its pages tell them."""

from typing import Any

# The rights a restricted key can have here, as the dashboard calls them.
RIGHTS = {
    "accounts_kyc_basic_read": "Accounts Read",
    "charge_read": "Charges Read",
    "checkout_session_read": "Checkout Sessions Read",
    "checkout_session_write": "Checkout Sessions Write",
    "dispute_read": "Disputes Read",
    "event_read": "Events Read",
    "payment_intent_read": "PaymentIntents Read",
    "refund_read": "Refunds Read",
    "refund_write": "Refunds Write",
    "webhook_read": "Webhook Endpoints Read",
    "webhook_write": "Webhook Endpoints Write",
}


class StripeError(Exception):
    """An answer that is not a success. `is_kept`: an idempotency key gives it again."""

    def __init__(self, status: int, message: str, *, is_kept: bool = False, **fields: Any) -> None:
        super().__init__(message)
        self.status, self.is_kept = status, is_kept
        self.headers: dict[str, str] = {}
        self.body: dict[str, Any] = {"message": message, "type": "invalid_request_error"}
        self.body |= {name: value for name, value in fields.items() if value is not None}
        if code := self.body.get("code"):
            self.body["doc_url"] = f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"


class NoKey(StripeError):
    def __init__(self) -> None:
        super().__init__(
            401,
            "You did not provide an API key. You need to provide your API key in the Authorization header, using"
            " Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
        )


class WrongKey(StripeError):
    def __init__(self, secret: str) -> None:
        super().__init__(401, f"Invalid API Key provided: {masked(secret)}")


class RevokedKey(StripeError):
    def __init__(self, secret: str) -> None:
        super().__init__(401, f"Expired API Key provided: {masked(secret)}", code="api_key_expired")


class RightMissing(StripeError):
    """The key lacks a right. Stripe has worded this in two ways; what both have is the right's name in quotes."""

    def __init__(self, secret: str, account_id: str, right: str, *, in_newer_words: bool = False) -> None:
        message = (
            f"The provided key '{masked(secret)}' does not have the required permissions for this endpoint on account"
            f" '{account_id}'."
        )
        if in_newer_words:
            message = f"Permission denied. {message} Enabling \"{RIGHTS[right]}\" ('{right}') permissions on this key"
        else:
            message += f" Having the 'rak_{right}' permission"
        super().__init__(403, f"{message} would allow this request to continue.")


class BadParam(StripeError):
    """A parameter that does not validate; nothing was begun, so no idempotency key keeps it."""

    def __init__(self, param: str, message: str, code: str | None = None) -> None:
        super().__init__(400, message, param=param, code=code)


class Missing(StripeError):
    """There is no such object in this account and mode."""

    def __init__(self, kind: str, object_id: str, param: str, other_mode: str | None = None) -> None:
        message = f"No such {kind}: '{object_id}'"
        if other_mode:
            own = "test" if other_mode == "live" else "live"
            message += (
                f"; a similar object exists in {other_mode} mode, but a {own} mode key was used to make this request."
            )
        super().__init__(404, message, is_kept=True, code="resource_missing", param=param)


class Refused(StripeError):
    """The object's state does not allow it."""

    def __init__(self, message: str, code: str | None = None, param: str | None = None) -> None:
        super().__init__(400, message, is_kept=True, code=code, param=param)


class KeyReused(StripeError):
    def __init__(self, key: str, *, first_route: str | None = None, route: str = "") -> None:
        same = "with the same parameters they were first used with"
        if first_route:
            same = f"for the same endpoint they were first used for ('{route}' vs '{first_route}')"
        super().__init__(
            400,
            f"Keys for idempotent requests can only be used {same}. Try using a key other than '{key}' if you meant"
            " to execute a different request.",
            type="idempotency_error",
        )


class KeyInUse(StripeError):
    def __init__(self, key: str) -> None:
        super().__init__(
            409,
            "There is currently another in-progress request using this Idempotent Key (that probably means you"
            f" submitted twice, and the other request is still going through): {key}. Please try again later.",
            code="idempotency_key_in_use",
        )


class RateLimited(StripeError):
    def __init__(self) -> None:
        super().__init__(
            429, "Request rate limit exceeded. Learn more about rate limits at stripe.com/docs", code="rate_limit"
        )
        self.headers["Stripe-Rate-Limited-Reason"] = "global-rate"


class Trouble(StripeError):
    """Stripe's own fault. A 500 comes from the endpoint and is kept; others come from in front of it."""

    def __init__(self, status: int) -> None:
        super().__init__(
            status,
            "An unknown error occurred while the request was carried out.",
            is_kept=status == 500,
            type="api_error",
        )
        if self.is_kept:
            self.headers["Stripe-Should-Retry"] = "false"


def masked(secret: str) -> str:
    """A key as error messages show it."""
    head, tail = secret[:8], secret[-4:]
    return f"{head}{'*' * max(len(secret) - 12, 3)}{tail}" if len(secret) > 12 else "*" * len(secret)
