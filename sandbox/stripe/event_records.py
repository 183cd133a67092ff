"""What the stand-in for Stripe remembers of events: what happened, to whom it is sent, and what is still to be sent."""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Event:
    """What happened, with the object as it was then."""

    id: str
    account_id: str
    livemode: bool
    created: int
    type: str
    object: Json
    previous: Json | None
    request_id: str | None
    idempotency_key: str | None
    pending: int

    @property
    def key(self) -> str:
        return self.id


@dataclass(frozen=True)
class Endpoint:
    """An address that events are sent to."""

    id: str
    account_id: str
    livemode: bool
    created: int
    url: str
    secret: str
    enabled_events: tuple[str, ...]
    description: str | None = None
    metadata: Json = field(default_factory=dict)

    @property
    def key(self) -> str:
        return self.id

    def wants(self, event_type: str) -> bool:
        """Whether events of this type are sent here."""
        return "*" in self.enabled_events or event_type in self.enabled_events


@dataclass(frozen=True)
class Delivery:
    """An event that an endpoint still has to be sent; gone once it was taken with a 2xx, or given up."""

    id: str
    event_id: str
    endpoint_id: str
    due_at: float
    attempts: int = 0
    last_answer: str | None = None
    waits_for_next: bool = False

    @property
    def key(self) -> str:
        return self.id
