"""Reads of what a seat costs, line by line, and of what its extras give."""

from dataclasses import dataclass

from coaching.booking.models import Seat, SeatLine
from coaching.vault import Unreadable

# From then on a free seat's extras are its student's; a paid one's are once they have paid, whatever comes after.
AGREED = ("scheduled", "in_progress", "completed", "no_show")


@dataclass(frozen=True, slots=True)
class SoldExtra:
    """An extra as it was sold; `gives` is what its student gets, empty until it is theirs."""

    title: str
    amount_cents: int
    gives: str
    gives_later: bool
    is_refundable: bool


def kept_lines(seat: Seat) -> list[SeatLine]:
    """The lines of what the seat costs, in order; none of what was free and nothing else."""
    if not seat.id:
        return []  # of an invitation that nobody has taken
    return list(SeatLine.select().where(SeatLine.seat == seat).order_by(SeatLine.position, SeatLine.id))


def extras_of(seat: Seat) -> list[SoldExtra]:
    """The extras that were booked with the seat."""
    return [sold_extra(line, is_given(seat)) for line in kept_lines(seat) if line.kind == "bump"]


def sold_extra(line: SeatLine, is_theirs: bool) -> SoldExtra:
    """The extra of one line."""
    gives = "" if isinstance(line.gives, Unreadable) else line.gives
    return SoldExtra(
        title=line.title,
        amount_cents=line.amount_cents,
        gives=gives if is_theirs else "",
        gives_later=bool(gives) and not is_theirs,
        is_refundable=line.is_refundable,
    )


def is_given(seat: Seat) -> bool:
    """Whether what the extras give is the student's by now."""
    return seat.paid_at is not None or (seat.payment == "free" and seat.coaching_session.state in AGREED)
