"""What the stand-in for Stripe remembers, one frozen dataclass a kind. Amounts are in the currency's smallest unit."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from sandbox.stripe.event_records import Delivery, Endpoint, Event

Json = dict[str, Any]

OPEN, COMPLETE, EXPIRED = "open", "complete", "expired"


class Owned(Protocol):
    """An object of one account in one mode."""

    @property
    def key(self) -> str: ...
    @property
    def id(self) -> str: ...
    @property
    def account_id(self) -> str: ...
    @property
    def livemode(self) -> bool: ...
    @property
    def created(self) -> int: ...


@dataclass(frozen=True)
class Account:
    """Somebody who takes money. `payment_methods` is what a session offers that names none itself."""

    id: str
    name: str
    email: str
    payment_methods: tuple[str, ...] = ("card",)

    @property
    def key(self) -> str:
        return self.id


@dataclass(frozen=True)
class ApiKey:
    """A key of one account in one mode. `rights` None: a secret key, which may do everything."""

    secret: str
    account_id: str
    livemode: bool
    rights: tuple[str, ...] | None
    is_revoked: bool = False

    @property
    def key(self) -> str:
        return self.secret


@dataclass(frozen=True)
class Session:
    """A Checkout Session; its line items are kept as they are answered."""

    id: str
    account_id: str
    livemode: bool
    created: int
    expires_at: int
    currency: str
    line_items: tuple[Json, ...]
    amount_total: int
    payment_methods: tuple[str, ...]
    success_url: str
    cancel_url: str | None
    origin: str
    metadata: Json = field(default_factory=dict)
    client_reference_id: str | None = None
    customer_email: str | None = None
    options: Json = field(default_factory=dict)
    intent_options: Json = field(default_factory=dict)
    status: str = OPEN
    payment_status: str = "unpaid"
    intent_id: str | None = None
    email: str | None = None
    name: str | None = None

    @property
    def key(self) -> str:
        return self.id

    @property
    def url(self) -> str:
        """Where a person pays."""
        return f"{self.origin}/stripe/pay/{self.id}"


@dataclass(frozen=True)
class Intent:
    """A PaymentIntent, made at the first attempt to pay a session."""

    id: str
    account_id: str
    livemode: bool
    created: int
    amount: int
    currency: str
    session_id: str
    payment_methods: tuple[str, ...]
    client_secret: str
    status: str = "requires_payment_method"
    latest_charge: str | None = None
    last_error: Json | None = None
    canceled_at: int | None = None
    cancellation_reason: str | None = None
    metadata: Json = field(default_factory=dict)
    description: str | None = None
    receipt_email: str | None = None
    statement_descriptor_suffix: str | None = None

    @property
    def key(self) -> str:
        return self.id


@dataclass(frozen=True)
class Charge:
    """One attempt to take the money: succeeded, pending with a delayed method, or failed."""

    id: str
    account_id: str
    livemode: bool
    created: int
    amount: int
    currency: str
    intent_id: str
    status: str
    method: str
    last4: str
    email: str | None = None
    name: str | None = None
    failure_code: str | None = None
    failure_message: str | None = None
    refund_ids: tuple[str, ...] = ()
    dispute_id: str | None = None
    metadata: Json = field(default_factory=dict)
    description: str | None = None

    @property
    def key(self) -> str:
        return self.id


@dataclass(frozen=True)
class Refund:
    """Money on its way back; failed or canceled it is the account's again."""

    id: str
    account_id: str
    livemode: bool
    created: int
    amount: int
    currency: str
    charge_id: str
    intent_id: str
    status: str
    reason: str | None = None
    failure_reason: str | None = None
    metadata: Json = field(default_factory=dict)

    @property
    def key(self) -> str:
        return self.id

    @property
    def counts(self) -> bool:
        """Whether the money is gone from the charge."""
        return self.status not in ("failed", "canceled")


@dataclass(frozen=True)
class Dispute:
    """A charge called back by its card's holder, or an inquiry before that."""

    id: str
    account_id: str
    livemode: bool
    created: int
    amount: int
    currency: str
    charge_id: str
    intent_id: str
    reason: str
    status: str

    @property
    def key(self) -> str:
        return self.id

    @property
    def is_inquiry(self) -> bool:
        """Whether no money has been withdrawn."""
        return self.status.startswith("warning_")

    @property
    def is_over(self) -> bool:
        return self.status in ("won", "lost", "warning_closed")

    @property
    def withdrawn(self) -> int:
        """What the dispute keeps from the account."""
        return 0 if self.is_inquiry or self.status == "won" else self.amount


@dataclass(frozen=True)
class StoredAnswer:
    """The first answer to an idempotency key; `scope` holds account and mode."""

    scope: str
    idempotency_key: str
    route: str
    fingerprint: str
    status: int
    body: Json
    request_id: str
    at: float

    @property
    def key(self) -> str:
        return f"{self.scope}/{self.idempotency_key}"


@dataclass(frozen=True)
class ClockOffset:
    """How far the stand-in's clock is ahead of the machine's."""

    seconds: float

    @property
    def key(self) -> str:
        return "clock"


KINDS: tuple[type, ...] = (
    Account,
    ApiKey,
    Session,
    Intent,
    Charge,
    Refund,
    Dispute,
    Event,
    Endpoint,
    Delivery,
    StoredAnswer,
    ClockOffset,
)
