"""When a student was absent so often with one coach that the coach's calls may refuse them. Pure.

What counts is the record as it is now, so a correction counts at once: a call at which the student was missing. One at
which both were, or of which nobody knows, is nobody's fault.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

MOST_ABSENCES = 2
COUNTED_FOR = timedelta(days=90)  # from the end of the call


def refused_until(ended_at: Sequence[datetime], now: datetime) -> datetime | None:
    """Until when the student is refused, by the ends of the calls at which they were missing; None for not at all."""
    counted = sorted((at for at in ended_at if at > now - COUNTED_FOR), reverse=True)
    return counted[MOST_ABSENCES - 1] + COUNTED_FOR if len(counted) >= MOST_ABSENCES else None
