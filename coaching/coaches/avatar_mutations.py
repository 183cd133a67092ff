"""What has become of fetching Discord's picture of a coach. Each names the state it expects: a form may be faster."""

from datetime import datetime

from coaching.accounts.models import Person
from coaching.catalog.portrait_mutations import drop_portrait, keep_portrait
from coaching.catalog.web_pictures import WebPicture
from coaching.coaches.avatar_queries import DueAvatar
from coaching.coaches.avatars import PAUSES, pause_after
from coaching.coaches.models import Coach
from coaching.db import database


def claim_avatar(due: DueAvatar, now: datetime) -> bool:
    """This one is being asked for, for one more time; False where somebody else does, or it was tried often enough.

    Written before it is asked for: whatever ends the process meanwhile counts as a try.
    """
    pause = pause_after(due.attempts + 1)
    if pause is None:
        give_up_avatar(due)
        return False
    claim = Coach.update(avatar_attempts=due.attempts + 1, avatar_due_at=now + pause)
    return bool(claim.where(Coach.id == due.coach_id, Coach.avatar_attempts == due.attempts).execute())


def record_avatar(due: DueAvatar, picture: WebPicture, now: datetime) -> None:
    """The coach's page shows this picture, if it is still to show Discord's."""
    with database.atomic():
        coach = _taker(due)
        if coach is None:
            return
        before = coach.portrait_id
        _settle(due, portrait=keep_portrait(coach.person, picture, now))
        if before:
            drop_portrait(before)


def keep_asking(due: DueAvatar) -> None:
    """Discord could not be reached, which is no fault of the picture's: it is never given up for that."""
    if due.attempts + 1 == len(PAUSES):
        claimed = (Coach.id == due.coach_id) & (Coach.avatar_attempts == due.attempts + 1)
        Coach.update(avatar_attempts=due.attempts).where(claimed).execute()


def give_up_avatar(due: DueAvatar) -> None:
    """This picture is not asked for again; the one before stays, and another one is fetched like any."""
    _settle(due)


def drop_avatar(due: DueAvatar) -> None:
    """The account has no picture any more, or the coach no account: the page shows none."""
    with database.atomic():
        coach = _taker(due)
        if coach is None:
            return
        before = coach.portrait_id
        _settle(due, portrait=None)
        if before:
            drop_portrait(before)


def forget_avatar(person: Person) -> None:
    """The person's page shows nothing of a Discord account that they have disconnected."""
    coach = Coach.get_or_none(Coach.person == person, Coach.takes_avatar)
    if coach is not None:
        drop_avatar(DueAvatar(coach.id, None, None, coach.avatar_attempts))


def _taker(due: DueAvatar) -> Coach | None:
    # Whoever saves the page's form waits here.
    Coach.update(slug=Coach.slug).where(Coach.id == due.coach_id).execute()
    coach: Coach | None = Coach.select(Coach, Person).join(Person).where(Coach.id == due.coach_id).first()
    return coach if coach and coach.takes_avatar else None


def _settle(due: DueAvatar, **more: object) -> None:
    changes = {"avatar": due.avatar, "avatar_attempts": 0, "avatar_due_at": None} | more
    Coach.update(**changes).where(Coach.id == due.coach_id, Coach.takes_avatar).execute()
