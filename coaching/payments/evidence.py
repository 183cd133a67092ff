"""The record of a call as text to copy: for a bank that disputes its payment. All times in UTC. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from coaching.money import amount
from coaching.rooms.planning.coverage import Span


@dataclass(frozen=True)
class Attendance:
    """What was seen of one side: whole minutes inside; None where they were never seen, or nobody could look."""

    who: str
    minutes: int | None
    looks: Sequence[Span] | None  # in which they were looked for; None where nobody could look
    last_seen_at: datetime | None


@dataclass(frozen=True)
class Movement:
    """A payment or a refund."""

    at: datetime
    label: str
    amount_cents: int
    currency: str
    reference: str


@dataclass(frozen=True)
class Evidence:
    """Everything that is known of one call, of its two people and of nobody else."""

    title: str
    code: str
    coach: str
    student: str
    booked_at: datetime
    starts_at: datetime
    ends_at: datetime
    movements: Sequence[Movement]
    attendance: Sequence[Attendance]
    history: Sequence[tuple[datetime, str]]  # what was done and written down, in words
    room_log: Sequence[tuple[datetime, str]]


def evidence_text(about: Evidence) -> str:
    """It in plain lines."""
    lines = [
        f"Coaching call “{about.title}”, booking {about.code}. All times in UTC.",
        f"Coach: {about.coach}. Student: {about.student}.",
        f"Booked on {_at(about.booked_at)}, planned from {_at(about.starts_at)} to {_at(about.ends_at)}.",
        *_part("Money", (_movement(movement) for movement in about.movements)),
        *_part(
            "Who was in the call’s private room on Discord, which was looked into about once a minute",
            (_attendance(attendance) for attendance in about.attendance),
        ),
        *_part("History of the booking", (f"{_at(at)}: {text}" for at, text in about.history)),
        *_part("Log of the room", (f"{_at(at)}: {text}" for at, text in about.room_log)),
    ]
    return "\n".join(lines)


def _part(title: str, lines: Iterable[str]) -> list[str]:
    bullets = [f"- {line}" for line in lines]
    return ["", f"{title}:", *bullets] if bullets else []


def _movement(movement: Movement) -> str:
    reference = f" ({movement.reference})" if movement.reference else ""
    return f"{_at(movement.at)}: {movement.label} {amount(movement.amount_cents, movement.currency)}{reference}"


def _attendance(attendance: Attendance) -> str:
    if attendance.looks is None:
        return f"{attendance.who}: not known, for nobody could look"
    looked = ", ".join(f"{_at(since)} to {_at(until)}" for since, until in attendance.looks)
    if attendance.minutes is None:
        return f"{attendance.who}: never seen; looked for {looked or 'at no time'}"
    seen = f"{attendance.minutes} minutes" if attendance.minutes else "less than a minute"
    last = f", last seen {_at(attendance.last_seen_at)}" if attendance.last_seen_at else ""
    return f"{attendance.who}: {seen} in the room{last}; looked for {looked or 'at no time'}"


def _at(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
