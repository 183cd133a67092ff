"""Keys of Stripe as people paste them: which are taken, and what each of their rights is for, in words. Pure.

Source of the shapes: https://docs.stripe.com/keys
"""

import re
from dataclasses import dataclass
from datetime import datetime

RESTRICTED = re.compile(r"rk_(test|live)_[A-Za-z0-9_]{8,240}")
SECRET = re.compile(r"sk_(test|live)_[A-Za-z0-9_]{8,240}")
SIGNING_SECRET = re.compile(r"whsec_[A-Za-z0-9+/=_-]{16,240}")
LONGEST = 256


class WrongKey(ValueError):
    """What was typed is no key that is taken; `sentence` says why, and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True)
class Right:
    """A right of a restricted key: as Stripe's page calls it, what it is needed for, and its name in refusals."""

    label: str
    access: str
    reason: str
    code: str

    @property
    def name(self) -> str:
        """As it is kept where a key lacks it: "Refunds Write"."""
        return f"{self.label} {self.access}"


@dataclass(frozen=True)
class KeyResult:
    """What trying a key has shown; with a `fault` (a provider.Fault by its name) the rest says nothing."""

    at: datetime
    livemode: bool
    fault: str = ""
    account_id: str = ""
    name: str = ""
    lacks: tuple[str, ...] = ()
    can_make_webhooks: bool = False


RIGHTS = (
    Right("Checkout Sessions", "Write", "Sends students to Stripe’s page, and sees who paid", "checkout_session_write"),
    Right("PaymentIntents", "Read", "Finds the charge of a payment", "payment_intent_read"),
    Right("Charges", "Read", "Sees what has gone back of it", "charge_read"),
    Right("Refunds", "Write", "Gives money back as your policy says", "refund_write"),
    Right("Disputes", "Read", "Shows you a payment that a bank takes back", "dispute_read"),
    Right("Events", "Read", "Learns what happened while this site was away", "event_read"),
)
WEBHOOK_RIGHT = Right(
    "Webhook Endpoints", "Write", "Lets this site tell Stripe by itself where to send its news", "webhook_write"
)


def store_key(typed: str, *, is_demo: bool) -> str:
    """The restricted key of a store that was typed, or WrongKey."""
    key = typed.strip()
    if SECRET.fullmatch(key):
        raise WrongKey(
            "This is a full secret key: whoever has it can do everything with your account, and this site needs to do "
            "six things. Nothing was kept. Make a restricted key, as it says below, and paste that."
        )
    if key.startswith("pk_"):
        raise WrongKey("This is a publishable key, with which nobody can be paid. Paste a restricted key: rk_…")
    if key.startswith("whsec_"):
        raise WrongKey("This is the signing secret of a webhook. Paste a restricted key here: rk_…")
    if not RESTRICTED.fullmatch(key):
        raise WrongKey("A restricted key begins with rk_live_ or rk_test_. Copy all of it in Stripe and paste it here.")
    if is_demo and is_live(key):
        raise WrongKey("This is a demo, and that is a live key: no real money here. Use a test key: rk_test_…")
    return key


def signing_secret(typed: str) -> str:
    """The signing secret of a webhook that was typed, or WrongKey."""
    secret = typed.strip()
    if not SIGNING_SECRET.fullmatch(secret):
        raise WrongKey("A signing secret begins with whsec_. Stripe shows it on the page of the endpoint.")
    return secret


def is_live(key: str) -> bool:
    """True for a key with which real money is moved."""
    return key.startswith(("rk_live_", "sk_live_"))


def right_named(code: str) -> str:
    """The right that a refusal names, as it is kept: "Refunds Write" of "refund_write", and of "refund_read", too.

    Who may write may read, and each of ours is asked for once.
    """
    about = code.rpartition("_")[0]
    return next((right.name for right in (*RIGHTS, WEBHOOK_RIGHT) if right.code.rpartition("_")[0] == about), code)


def rights_lacking(lacks: str) -> list[str]:
    """What a key lacks, of the column: a list of "Refunds Write"."""
    return [name for name in lacks.split(",") if name]
