"""What the booking form hands to its mutation. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from coaching.booking.changes import SeenTerms


@dataclass(frozen=True, slots=True)
class BookingDetails:
    """What a student chose and typed; `answers` by question, as it was asked. `seen` is None where nobody says it."""

    offer_id: int
    starts_at: datetime
    goals: str = ""
    phone: str | None = None
    answers: Mapping[int, str] = field(default_factory=dict)
    form_key: str | None = None
    seen: SeenTerms | None = None
    bumps: tuple[int, ...] = ()  # the extras that were chosen
    code: str = ""  # for a discount, as it was typed
    seen_discount: str = ""  # as its page said it (coaching/pricing/seen_discount.py); empty where it said none
    via: str = ""  # the code of the partner whose link led here
    source: str | None = None  # by which way its student came, one of sources.SOURCES

    @property
    def asked(self) -> set[int]:
        """The questions that the form asked."""
        return {*self.answers, *(self.seen.questions if self.seen else ())}
