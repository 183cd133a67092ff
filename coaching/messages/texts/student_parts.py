"""What several messages to students share: what the call costs, how it is cancelled. Pure."""

from coaching.messages.facts import SessionMessage
from coaching.messages.sender import Sender
from coaching.messages.texts.parts import Row, formats, other_of, price, step
from coaching.messages.texts.times import short_time


def price_row(about: SessionMessage) -> Row:
    """What the call costs, and whether it is paid, or to whom it will be."""
    if not price(about):
        return "Price", "free"
    if about.seat.is_paid:
        return "Price", f"{price(about)}, paid{' by card' if about.seat.payment == 'stripe' else ''}"
    to_pay = f", which you pay {other_of(about)} directly" if about.seat.payment == "outside" else ""
    return "Price", f"{price(about)}{to_pay}"


def cancelling_row(about: SessionMessage) -> Row | None:
    """Until when the call can be cancelled, and what that costs; None once it has begun."""
    if about.now >= about.call.starts_at:
        return None
    until = about.terms.cancel_until if price(about) else about.call.starts_at
    start = short_time(about.call.starts_at, about.recipient.zone, formats(about))
    if until is None or (about.terms.cancel_clause and price(about)):
        return "Cancelling", f"until the start, {start}; {about.terms.cancel_clause}"
    if until >= about.call.starts_at:
        return "Cancelling", f"free until the start, {start}"
    if about.now > until:
        return "Cancelling", f"until the start; {other_of(about)} may have the price all the same"
    free_until = short_time(until, about.recipient.zone, formats(about))
    return "Cancelling", f"free until {free_until}, possible until the start"


def cancel_link(about: SessionMessage, sender: Sender) -> tuple[str, str]:
    """Where the call is cancelled."""
    return "Cancel", step(about, sender, "cancellation")
