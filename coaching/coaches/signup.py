"""Who may become a coach on this site, as its settings say. Pure."""

from enum import StrEnum


class CoachSignup(StrEnum):
    """By what way somebody who is no coach yet becomes one."""

    OPEN = "open"  # by opening a store
    APPROVAL = "approval"  # an admin approves an application, or they were invited
    INVITE = "invite"  # by the link of an admin alone
    CLOSED = "closed"  # nobody new; who is a coach stays one

    @property
    def takes_invitations(self) -> bool:
        """True where the link of an admin makes a coach."""
        return self is not CoachSignup.CLOSED
