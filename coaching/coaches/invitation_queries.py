"""Reads of the links that make coaches."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from coaching.accounts.models import Person
from coaching.accounts.tokens import digest
from coaching.coaches.invitations import InvitationState, state_of
from coaching.coaches.models import CoachInvitation, CoachInvitationUse
from coaching.errors import NotFound
from coaching.paging import page_of


@dataclass(frozen=True)
class InvitationView:
    """A link as admins see it."""

    invitation: CoachInvitation
    uses: list[CoachInvitationUse]
    state: InvitationState


def find_by_token(token: str) -> CoachInvitation | None:
    """The link with this token, in whatever state."""
    coach_invitation: CoachInvitation | None = CoachInvitation.get_or_none(
        CoachInvitation.token_sha256 == digest(token)
    )
    return coach_invitation


def get_invitation(invitation_id: int) -> CoachInvitation:
    """The link with this number, in whatever state; NotFound."""
    coach_invitation: CoachInvitation | None = CoachInvitation.get_or_none(CoachInvitation.id == invitation_id)
    if coach_invitation is None:
        raise NotFound
    return coach_invitation


def state_at(invitation: CoachInvitation, now: datetime) -> InvitationState:
    """What has become of the link."""
    uses = CoachInvitationUse.select().where(CoachInvitationUse.invitation == invitation).count()
    return state_of(uses, invitation.most_uses, invitation.ends_at, invitation.revoked_at, now)


def invitations_page(page: int, size: int, now: datetime) -> tuple[list[InvitationView], bool]:
    """The links with who took them, the newest first; and whether there are more."""
    query = CoachInvitation.select(CoachInvitation, Person)
    query = query.left_outer_join(Person, on=CoachInvitation.made_by).order_by(CoachInvitation.id.desc())
    invitations, has_more = page_of(query, page, size)
    uses: dict[int, list[CoachInvitationUse]] = defaultdict(list)
    taken = CoachInvitationUse.select(CoachInvitationUse, Person).join(Person)
    for use in (
        taken.where(CoachInvitationUse.invitation.in_(invitations)).order_by(CoachInvitationUse.id)
        if invitations
        else ()
    ):
        uses[use.invitation_id].append(use)
    return [
        InvitationView(
            invitation,
            uses[invitation.id],
            state_of(len(uses[invitation.id]), invitation.most_uses, invitation.ends_at, invitation.revoked_at, now),
        )
        for invitation in invitations
    ], has_more
