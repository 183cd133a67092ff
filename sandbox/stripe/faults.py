"""What can go wrong by order, at which call or event, in words. Pure."""

from sandbox.fault_form import InvalidFault, Target
from sandbox.faults import Fault
from sandbox.stripe.events import METHOD

FAULT_KINDS: dict[str, dict[str, str]] = {
    "Events": {
        "event_twice": "The event is sent twice",
        "event_late": "The event is sent late",
        "event_out_of_order": "The event is overtaken by the next one",
        "event_never": "The event is never sent",
    },
    "Refunds": {
        "refund_pending": "The refund is pending until you decide",
        "refund_failed": "The refund fails at once",
    },
    "The answer is late": {
        "delay": "Silence first, then the effect",
        "delay_after": "The effect first, then silence",
    },
    "The connection is cut": {
        "drop_before": "Cut before the effect",
        "drop_after": "Cut after the effect",
    },
    "Stripe is in trouble": {
        "5xx": "Server error before the effect",
        "5xx_after": "Server error after the effect",
        "429": "Too many requests (429)",
    },
    "Stripe refuses": {
        "401": "The key was revoked (401)",
        "403": "The key lacks the right (403)",
    },
}
WORDS = {kind: words for kinds in FAULT_KINDS.values() for kind, words in kinds.items()}
KINDS = frozenset(WORDS)
TIMES = {"1": "Once", "3": "Three times", "": "Until called off"}
TARGETS = {
    "every": Target("Any call", "*", "/**"),
    "create-session": Target("Create a Checkout Session", "POST", "/v1/checkout/sessions"),
    "read-session": Target("Read a Checkout Session", "GET", "/v1/checkout/sessions/*"),
    "list-sessions": Target("List Checkout Sessions", "GET", "/v1/checkout/sessions"),
    "expire-session": Target("Expire a Checkout Session", "POST", "/v1/checkout/sessions/*/expire"),
    "create-refund": Target("Create a refund", "POST", "/v1/refunds"),
    "read-refund": Target("Read a refund", "GET", "/v1/refunds/*"),
    "list-refunds": Target("List refunds", "GET", "/v1/refunds"),
    "every-event": Target("Any event", METHOD, "/**"),
    "completed": Target("checkout.session.completed", METHOD, "/checkout.session.completed"),
    "expired": Target("checkout.session.expired", METHOD, "/checkout.session.expired"),
    "refund-events": Target("refund.…", METHOD, "/refund.*"),
    "dispute-events": Target("charge.dispute.…", METHOD, "/charge.dispute.*"),
}


def fault_from(kind: str, target: str, times: str, seconds: str) -> Fault:
    """The fault that was asked for, or InvalidFault."""
    if kind not in WORDS or target not in TARGETS or times not in TIMES:
        raise InvalidFault("Choose what goes wrong, where and how often.")
    chosen = TARGETS[target]
    if kind.startswith("event_") != (chosen.method == METHOD):
        raise InvalidFault("What happens to events needs an event below, anything else a call.")
    if kind.startswith("refund_") and target not in ("every", "create-refund"):
        raise InvalidFault("Only “Create a refund” can make a refund that is pending or fails.")
    return Fault(
        kind, chosen.route, chosen.method, int(times) if times else None, seconds=_seconds(seconds), status=500
    )


def described(fault: Fault) -> dict[str, str | int]:
    """An open order as the page lists it."""
    where = next(
        (entry.words for entry in TARGETS.values() if (entry.method, entry.route) == (fault.method, fault.route)), ""
    )
    lasts = "until called off" if fault.times is None else "once" if fault.times == 1 else f"{fault.times} times"
    waits = f", {fault.seconds:g} s" if "delay" in fault.kind or fault.kind == "event_late" else ""
    return {
        "id": fault.id,
        "words": WORDS.get(fault.kind, fault.kind),
        "call": where or f"{fault.method} {fault.route}",
        "lasts": lasts + waits,
    }


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not 0 < seconds <= 604800:
        raise InvalidFault("Write the seconds as a number from 0.1 to 604800.")
    return seconds
