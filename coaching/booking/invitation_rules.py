"""Until when a time is kept for somebody who was invited to it, and what has become of an invitation. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum

from coaching.booking.hold_rules import LEAST_TO_ACT, LONGEST_INVITATION, TimingLike, has_lapsed, settled_by

MOST_OPEN = 20  # of one coach
MOST_A_DAY = 60  # of one coach
MOST_TO_ONE_A_DAY = 3  # each is a message to them
DAY = timedelta(days=1)


class InvitationState(StrEnum):
    OPEN = "open"
    TAKEN = "taken"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


def kept_until(now: datetime, starts_at: datetime, product: TimingLike, is_paid_after: bool) -> datetime | None:
    """When an invitation that is made now lapses: where it has to be paid then, there is time left to do so.

    None where too little time is left to answer in.
    """
    latest = settled_by(starts_at, product) - (LEAST_TO_ACT if is_paid_after else timedelta(0))
    until = min(now + LONGEST_INVITATION, latest)
    return until if until >= now + LEAST_TO_ACT else None


def state_of(session_state: str, until: datetime | None, used_at: datetime | None, now: datetime) -> InvitationState:
    """What has become of an invitation, by its session."""
    if used_at is not None:
        return InvitationState.TAKEN
    if session_state == "expired" or has_lapsed(session_state, until, now):
        return InvitationState.LAPSED
    return InvitationState.OPEN if session_state == "held" else InvitationState.WITHDRAWN
