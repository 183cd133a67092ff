"""What the booking form hands to its mutation. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class BookingDetails:
    """What a student chose and typed; `answers` by question."""

    offer_id: int
    starts_at: datetime
    goals: str = ""
    phone: str | None = None
    answers: Mapping[int, str] = field(default_factory=dict)
    form_key: str | None = None
