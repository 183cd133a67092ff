"""Stripe's answers as plain values, and its refusals as ProviderError.

They are untrusted: what is not as documented ends as an answer of no use.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from coaching.payments.provider import (
    Checkout,
    CheckoutState,
    Fault,
    ProviderDispute,
    ProviderError,
    ProviderRefund,
    RefundState,
)

# Taken with two decimals, which have to be 00, though they have none: https://docs.stripe.com/currencies
IN_HUNDREDTHS = ("ISK", "UGX")
LONGEST_TEXT = 255
LONGEST_ADDRESS = 2048
_BY_STATUS = {
    401: Fault.KEY_REFUSED,
    403: Fault.LACKS_RIGHT,
    404: Fault.NOT_FOUND,
    409: Fault.BUSY,
    429: Fault.BUSY,
}
_OPEN = {"open": CheckoutState.OPEN, "expired": CheckoutState.EXPIRED}
_REFUNDS = {
    "pending": RefundState.PENDING,
    "requires_action": RefundState.PENDING,
    "succeeded": RefundState.SUCCEEDED,
    "failed": RefundState.FAILED,
    "canceled": RefundState.FAILED,
}
# Stripe names the right that a key lacks in two ways: 'rak_refund_write' and "Refunds Write" ('refund_write').
_RIGHT = re.compile(r"'(?:rak_)?([a-z_]+_(?:read|write))'")
_ACCOUNT = re.compile(r"account '(acct_[A-Za-z0-9]{1,64})'")


def checkout_in(answer: Any, ahead: timedelta) -> Checkout:
    """A Checkout Session, its instants by a clock that is so far ahead of Stripe's."""
    session, currency = object_in(answer), _text(answer, "currency").upper()
    intent = session.get("payment_intent")
    return Checkout(
        reference=_text(session, "id"),
        state=_state(session, intent),
        amount_cents=from_wire(_number(session, "amount_total"), currency),
        currency=currency,
        livemode=_flag(session, "livemode"),
        charge_reference=_text(intent, "id") if isinstance(intent, dict) else _text_or_none(session, "payment_intent"),
        page_url=_address(session.get("url")),
        facts=_facts(session),
        made_at=_instant(session, "created") + ahead,
        expires_at=_instant(session, "expires_at") + ahead if session.get("expires_at") else None,
    )


def refund_in(answer: Any, ahead: timedelta) -> ProviderRefund:
    """A refund."""
    refund, currency = object_in(answer), _text(answer, "currency").upper()
    state = _REFUNDS.get(_text(refund, "status"))
    if state is None:
        raise _bad("a state that is known")
    return ProviderRefund(
        reference=_text(refund, "id"),
        state=state,
        amount_cents=from_wire(_number(refund, "amount"), currency),
        currency=currency,
        charge_reference=_text_or_none(refund, "payment_intent") or "",
        facts=_facts(refund),
        made_at=_instant(refund, "created") + ahead,
    )


def dispute_in(answer: Any, ahead: timedelta) -> ProviderDispute:
    """A dispute."""
    dispute, currency = object_in(answer), _text(answer, "currency").upper()
    details = dispute.get("evidence_details")
    due_by = object_in(details).get("due_by") if details else None
    return ProviderDispute(
        reference=_text(dispute, "id"),
        state=_text(dispute, "status"),
        reason=_text_or_none(dispute, "reason") or "",
        amount_cents=from_wire(_number(dispute, "amount"), currency),
        charge_reference=_text_or_none(dispute, "payment_intent") or "",
        opened_at=_instant(dispute, "created") + ahead,
        evidence_due_at=_instant(object_in(details), "due_by") + ahead if due_by else None,
    )


def refusal_of(status: int | None, body: Any, message: str) -> ProviderError:
    """What an answer that is no success means. `code` is Stripe's, or where it has none the kind of error."""
    error = body.get("error") if isinstance(body, dict) else None
    error = error if isinstance(error, dict) else {}
    code = next((error[name] for name in ("code", "type") if isinstance(error.get(name), str)), "")
    fault = _BY_STATUS.get(status or 0, Fault.REFUSED)
    # A redirect is not followed, and what a 5xx or no answer at all has left behind nobody knows.
    if status is None or status < 400 or status >= 500:
        fault = Fault.UNREACHABLE
    right = _RIGHT.search(message) if fault is Fault.LACKS_RIGHT else None
    return ProviderError(message[:LONGEST_TEXT], fault, code=code[:80], right=right[1] if right else "")


def account_in(message: str) -> str:
    """The account that a refusal names; empty where it names none."""
    match = _ACCOUNT.search(message)
    return match[1] if match else ""


def to_wire(amount_cents: int, currency: str) -> int:
    """An amount as Stripe counts it."""
    return amount_cents * 100 if currency in IN_HUNDREDTHS else amount_cents


def from_wire(amount: int, currency: str) -> int:
    """An amount as we count it."""
    return amount // 100 if currency in IN_HUNDREDTHS else amount


def object_in(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _bad("an object")
    return value


def text_in(answer: Any, name: str) -> str:
    """The text under this name."""
    return _text(object_in(answer), name)


def _state(session: dict[str, Any], intent: Any) -> CheckoutState:
    status, is_paid = session.get("status"), session.get("payment_status")
    if status in _OPEN:
        return _OPEN[status]
    if status != "complete":
        raise _bad("a state that is known")
    if is_paid in ("paid", "no_payment_required"):
        return CheckoutState.PAID
    # Complete and unpaid: a delayed method is under way, or has come to nothing. Only its PaymentIntent tells which.
    intent_status = intent.get("status") if isinstance(intent, dict) else None
    is_over = intent_status in ("requires_payment_method", "canceled")
    return CheckoutState.FAILED if is_over else CheckoutState.PENDING


def _facts(answer: dict[str, Any]) -> dict[str, str]:
    metadata = answer.get("metadata")
    pairs = metadata.items() if isinstance(metadata, dict) else ()
    return {str(name)[:40]: _readable(value)[:500] for name, value in pairs if isinstance(value, str)}


def _address(value: Any) -> str:
    is_one = isinstance(value, str) and value.startswith(("https://", "http://")) and len(value) <= LONGEST_ADDRESS
    return str(value) if is_one and value.isprintable() else ""


def _text(answer: Any, name: str) -> str:
    value = object_in(answer).get(name)
    if not isinstance(value, str):
        raise _bad(f"text in “{name}”")
    return _readable(value)[:LONGEST_TEXT]


def _text_or_none(answer: dict[str, Any], name: str) -> str | None:
    return _text(answer, name) if answer.get(name) else None


def _readable(text: str) -> str:
    # PostgreSQL takes no NUL.
    return "".join(sign for sign in text if sign.isprintable())


def _number(answer: dict[str, Any], name: str) -> int:
    value = answer.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 10**12:
        raise _bad(f"a number in “{name}”")
    return value


def _flag(answer: dict[str, Any], name: str) -> bool:
    value = answer.get(name)
    if not isinstance(value, bool):
        raise _bad(f"yes or no in “{name}”")
    return value


def _instant(answer: dict[str, Any], name: str) -> datetime:
    return datetime.fromtimestamp(_number(answer, name) % 2**33, UTC)


def _bad(wanted: str) -> ProviderError:
    return ProviderError(f"Stripe's answer lacks {wanted}", Fault.UNREACHABLE)
