"""Reads of the call budget, for whoever watches it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from coaching.call_budget import pace as budget
from coaching.call_budget.models import ALL, CallPace
from coaching.call_budget.pace import Pace


@dataclass(frozen=True)
class Standing:
    """How the budget stands: how long the queue is, how many calls were refused lately, and for how long all wait."""

    queue: timedelta
    refused: int
    held_for: timedelta


def standing(machine_now: datetime) -> Standing:
    """How the budget stands now."""
    row = CallPace.get_or_none(CallPace.name == ALL)
    pace = Pace(row.next_at, row.held_until, row.refused, row.refused_since) if row else Pace()
    stopped_until = budget.stopped_until(pace, machine_now) or machine_now
    return Standing(
        queue=budget.queue(pace, machine_now),
        refused=budget.refusals(pace, machine_now),
        held_for=stopped_until - machine_now,
    )
