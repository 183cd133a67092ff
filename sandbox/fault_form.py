"""What the page about trouble offers: faults and the calls they strike, in words. Pure."""

from dataclasses import dataclass

from sandbox.faults import Fault

FAULT_KINDS: dict[str, dict[str, str]] = {
    "The answer is late": {
        "delay": "Silence first, then the effect",
        "delay_after": "The effect first, then silence",
    },
    "The connection is cut": {
        "drop_before": "Cut before the effect",
        "drop_after": "Cut after the effect",
    },
    "Too many requests": {
        "429": "The call’s bucket is spent (429)",
        "429_global": "The global limit is reached (429)",
        "429_cloudflare": "Blocked by the network, as HTML (429)",
    },
    "Discord is in trouble": {
        "5xx": "Server error before the effect (503)",
        "5xx_after": "Server error after the effect (503)",
        "edit_lost": "An overwrite edit is lost unseen",
    },
    "Discord refuses": {
        "401": "The token was revoked (401)",
        "50001": "Missing access (403, 50001)",
        "50013": "Missing permissions (403, 50013)",
        "404": "It does not exist (404)",
        "30013": "No room for another channel (400, 30013)",
    },
}
WORDS = {kind: words for kinds in FAULT_KINDS.values() for kind, words in kinds.items()}
TIMES = {"1": "Once", "3": "Three times", "": "Until called off"}


@dataclass(frozen=True)
class Target:
    """A call, or all of them."""

    words: str
    method: str
    route: str


TARGETS = {
    "every": Target("Any call", "*", "/**"),
    "make-channel": Target("Create a channel", "POST", "/guilds/*/channels"),
    "list-channels": Target("List the channels", "GET", "/guilds/*/channels"),
    "read-channel": Target("Read a channel", "GET", "/channels/*"),
    "change-channel": Target("Change a channel", "PATCH", "/channels/*"),
    "set-overwrite": Target("Set one overwrite", "PUT", "/channels/*/permissions/*"),
    "delete-channel": Target("Delete a channel", "DELETE", "/channels/*"),
    "send-message": Target("Send a message", "POST", "/channels/*/messages"),
    "make-role": Target("Create a role", "POST", "/guilds/*/roles"),
    "give-role": Target("Give a role", "PUT", "/guilds/*/members/*/roles/*"),
    "take-role": Target("Take a role", "DELETE", "/guilds/*/members/*/roles/*"),
    "delete-role": Target("Delete a role", "DELETE", "/guilds/*/roles/*"),
    "read-member": Target("Read a member", "GET", "/guilds/*/members/*"),
    "add-member": Target("Add a member", "PUT", "/guilds/*/members/*"),
    "exchange-token": Target("Exchange or refresh a token", "POST", "/oauth2/token"),
}
# Only these carry overwrites of a channel that exists already.
EDITS = ("set-overwrite", "change-channel")


class InvalidFault(Exception):
    """The form makes no sense; the text says what to choose instead."""


def fault_from(kind: str, target: str, times: str, seconds: str) -> Fault:
    """The fault that was asked for, or InvalidFault."""
    if kind not in WORDS or target not in TARGETS or times not in TIMES:
        raise InvalidFault("Choose what goes wrong, at which call and how often.")
    if kind == "edit_lost" and target not in EDITS:
        raise InvalidFault("Only “Set one overwrite” and “Change a channel” can lose an edit.")
    call = TARGETS[target]
    return Fault(kind, call.route, call.method, int(times) if times else None, seconds=_seconds(seconds))


def described(fault: Fault) -> dict[str, str | int]:
    """An open order as the page lists it."""
    call = next(
        (target.words for target in TARGETS.values() if (target.method, target.route) == (fault.method, fault.route)),
        None,
    )
    lasts = "until called off" if fault.times is None else "once" if fault.times == 1 else f"{fault.times} times"
    waits = f", {fault.seconds:g} s" if fault.kind.startswith(("delay", "429", "2002")) else ""
    skips = f", after {fault.skip} more" if fault.skip else ""
    return {
        "id": fault.id,
        "words": WORDS.get(fault.kind, fault.kind),
        "call": call or f"{fault.method} {fault.route}",
        "lasts": lasts + waits + skips,
    }


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not 0 < seconds <= 172800:
        raise InvalidFault("Write the seconds as a number from 0.1 to 172800.")
    return seconds
