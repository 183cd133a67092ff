"""Ids and secrets in Stripe's forms: a prefix says the kind, for sessions and keys the mode too."""

import secrets
import string

LETTERS = string.ascii_letters + string.digits


def new_id(prefix: str) -> str:
    """A fresh id of an object, such as `pi_3Q…`."""
    return f"{prefix}_{_letters(24)}"


def new_session_id(livemode: bool) -> str:
    """A fresh id of a Checkout Session, which names its mode."""
    return f"cs_{mode(livemode)}_a1{_letters(56)}"


def new_key(livemode: bool, is_restricted: bool) -> str:
    """A fresh API key."""
    return f"{'rk' if is_restricted else 'sk'}_{mode(livemode)}_{_letters(32)}"


def new_signing_secret() -> str:
    """A fresh secret of a webhook endpoint."""
    return f"whsec_{_letters(32)}"


def new_client_secret(intent_id: str) -> str:
    """A fresh client secret of a PaymentIntent."""
    return f"{intent_id}_secret_{_letters(25)}"


def mode(livemode: bool) -> str:
    """How ids and keys name the mode."""
    return "live" if livemode else "test"


def _letters(count: int) -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(count))
