"""Links that make coaches of those who take them: what has become of one. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

MOST_USES = 100
MOST_DAYS = 90
LONGEST_NOTE = 200


class InvitationState(StrEnum):
    """Whether anybody can still take it."""

    OPEN = "open"
    USED_UP = "used_up"
    EXPIRED = "expired"
    REVOKED = "revoked"


SENTENCES = {
    InvitationState.USED_UP: "This link has been used as often as it was meant to be.",
    InvitationState.EXPIRED: "This link has run out.",
    InvitationState.REVOKED: "This link was taken back by whoever made it.",
}


@dataclass(frozen=True)
class InvitationDetails:
    """What an admin chose for a new link."""

    most_uses: int = 1
    lasts: timedelta = timedelta(days=14)
    note: str = ""


def state_of(
    uses: int, most_uses: int, ends_at: datetime, revoked_at: datetime | None, now: datetime
) -> InvitationState:
    """What has become of a link at `now`."""
    if revoked_at is not None:
        return InvitationState.REVOKED
    if uses >= most_uses:
        return InvitationState.USED_UP
    return InvitationState.EXPIRED if now >= ends_at else InvitationState.OPEN
