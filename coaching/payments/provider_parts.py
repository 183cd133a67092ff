"""What a payment provider is asked about, and what it answers, as values. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Fault(StrEnum):
    """Why a provider's answer was of no use."""

    UNREACHABLE = "unreachable"  # no answer, or none that says anything: it may have had its effect
    BUSY = "busy"  # 409, 429: it had no effect; again later
    KEY_REFUSED = "key_refused"  # 401
    LACKS_RIGHT = "lacks_right"  # 403
    NOT_FOUND = "not_found"  # 404
    REFUSED = "refused"  # the request itself: it will never work as it is
    NOT_OPEN = "not_open"  # what was to be ended has ended, or was paid, already
    NOTHING_LEFT = "nothing_left"  # all of it has been given back


class ProviderError(Exception):
    """A call that did not work. `message` is the provider's own, for the log; `right` what a key lacks."""

    def __init__(self, message: str, fault: Fault, *, code: str = "", right: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.fault = fault
        self.code = code
        self.right = right

    @property
    def is_outcome_unknown(self) -> bool:
        """True when the call may have had its effect."""
        return self.fault is Fault.UNREACHABLE


class CheckoutState(StrEnum):
    """Where a payment stands at its provider."""

    OPEN = "open"
    PAID = "paid"
    PENDING = "pending"  # complete, and not yet paid: a delayed method
    EXPIRED = "expired"
    FAILED = "failed"  # complete, and will not be paid


@dataclass(frozen=True)
class OrderLine:
    """One line of what is paid; the amount in the currency's smallest unit."""

    title: str
    amount_cents: int


@dataclass(frozen=True)
class Order:
    """What is to be paid, and where the payer comes back to. `facts` come back with every look."""

    lines: Sequence[OrderLine]
    currency: str  # ISO 4217, in capitals
    facts: dict[str, str]  # codes of session, seat, payment: never a name
    success_url: str
    cancel_url: str
    email: str | None  # filled in for the payer, who may change it

    @property
    def total_cents(self) -> int:
        return sum(line.amount_cents for line in self.lines)


@dataclass(frozen=True)
class Checkout:
    """A payment as its provider has it."""

    reference: str
    state: CheckoutState
    amount_cents: int
    currency: str
    livemode: bool
    charge_reference: str | None
    page_url: str
    facts: dict[str, str]
    made_at: datetime
    expires_at: datetime | None


class RefundState(StrEnum):
    """Where a refund stands at its provider."""

    PENDING = "pending"  # requires_action, too
    SUCCEEDED = "succeeded"
    FAILED = "failed"  # canceled, too
    BY_HAND = "by_hand"  # the provider sends nothing: the coach does, and ticks it


@dataclass(frozen=True)
class ProviderRefund:
    """A refund as its provider has it."""

    reference: str
    state: RefundState
    amount_cents: int
    currency: str
    charge_reference: str
    facts: dict[str, str]
    made_at: datetime


@dataclass(frozen=True)
class ProviderDispute:
    """A payment that its payer's bank disputes."""

    reference: str
    state: str
    reason: str
    amount_cents: int
    charge_reference: str
    opened_at: datetime
    evidence_due_at: datetime | None


@dataclass(frozen=True)
class KeyReport:
    """What trying a key has shown; `lacks` are the rights that we need and it has not, in the provider's words."""

    account_id: str
    name: str
    livemode: bool
    lacks: tuple[str, ...] = ()
    can_make_webhooks: bool = False


@dataclass(frozen=True)
class Webhook:
    """An endpoint that was made for us, and what its events are signed with."""

    reference: str
    secret: str = field(repr=False)
