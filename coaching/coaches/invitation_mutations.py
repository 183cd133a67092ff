"""Links that make coaches: an admin makes and revokes them, and whoever has one takes it.

They live by the machine's clock, as every link does.
"""

from datetime import datetime

from coaching.accounts import event_mutations as events
from coaching.accounts.form_key_mutations import keep_result
from coaching.accounts.form_key_queries import find_result
from coaching.accounts.lock_mutations import lock_people
from coaching.accounts.models import Person
from coaching.accounts.tokens import digest, new_token
from coaching.coaches.application_mutations import settle_open
from coaching.coaches.approval_mutations import approve
from coaching.coaches.invitation_queries import find_by_token, get_invitation, state_at
from coaching.coaches.invitations import SENTENCES, InvitationDetails, InvitationState
from coaching.coaches.models import Coach, CoachInvitation, CoachInvitationUse
from coaching.coaches.signup import CoachSignup
from coaching.coaches.standing_queries import coach_of
from coaching.db import database
from coaching.errors import CoachStopped, InvitationOver, LimitReached
from coaching.now import Now

MOST_KEPT_OPEN = 200
NO_LINK = "This link leads to no invitation. It may have been cut off on its way: ask whoever gave it to you."
CLOSED = "This site takes no new coaches at the moment."


def invite_coaches(
    admin: Person, details: InvitationDetails, form_key: str, now: datetime
) -> tuple[CoachInvitation, str | None]:
    """A new link, and its token, which is told this once. The same form sent again gives the link, and no token."""
    token = new_token()
    with database.atomic():
        lock_people(admin.id)
        if known := find_result(admin, "coach invitation", form_key):
            return CoachInvitation.get_by_id(int(known)), None
        open_ones = CoachInvitation.revoked_at.is_null() & (CoachInvitation.ends_at > now)
        if CoachInvitation.select().where(open_ones).count() >= MOST_KEPT_OPEN:
            raise LimitReached("There are very many open links already. Revoke some, or wait until they run out.")
        invitation = CoachInvitation.create(
            token_sha256=digest(token),
            made_by=admin,
            note=details.note,
            most_uses=details.most_uses,
            made_at=now,
            ends_at=now + details.lasts,
        )
        keep_result(admin, "coach invitation", form_key, str(invitation.id), now)
        events.note("coach invited", now, None, f"link {invitation.id}, {details.most_uses} uses", actor=admin)
    return invitation, token


def revoke_invitation(invitation_id: int, admin: Person, reason: str, now: datetime) -> None:
    """Nobody can take the link any more, and `admin` has said why; who took it stays a coach. Twice does no harm."""
    with database.atomic():
        invitation = get_invitation(invitation_id)
        still_open = (CoachInvitation.id == invitation.id) & CoachInvitation.revoked_at.is_null()
        if CoachInvitation.update(revoked_at=now).where(still_open).execute():
            events.note("coach invitation revoked", now, None, f"link {invitation_id}: {reason}", actor=admin)


def revoke_all(now: datetime) -> int:
    """Nobody can take any link that is open now; how many there were."""
    open_ones = CoachInvitation.revoked_at.is_null() & (CoachInvitation.ends_at > now)
    return int(CoachInvitation.update(revoked_at=now).where(open_ones).execute())


def take_coach_invitation(token: str, person: Person, policy: CoachSignup, now: Now) -> Coach:
    """The person is a coach by this link. Who is one already uses nothing up.

    InvitationOver, with the reason, for a link that nobody can take any more; CoachStopped for whom an admin keeps from
    selling: no link gives that back.
    """
    with database.atomic():
        lock_people(person.id)
        if known := coach_of(person):
            if not known.may_sell:
                raise CoachStopped
            return known
        invitation = find_by_token(token)
        if invitation is None:
            raise InvitationOver(NO_LINK)
        if not policy.takes_invitations:
            raise InvitationOver(CLOSED)
        # Whoever takes the same link at the same time waits here, and counts this use.
        CoachInvitation.update(most_uses=CoachInvitation.most_uses).where(CoachInvitation.id == invitation.id).execute()
        invitation = CoachInvitation.get_by_id(invitation.id)
        state = state_at(invitation, now.machine)
        if state is not InvitationState.OPEN:
            raise InvitationOver(SENTENCES[state])
        CoachInvitationUse.insert(
            invitation=invitation, person=person, used_at=now.machine
        ).on_conflict_ignore().execute()
        settle_open(person)
        events.note("coach invitation taken", now.machine, person, f"link {invitation.id}", actor=invitation.made_by)
        return approve(person, now.product)
