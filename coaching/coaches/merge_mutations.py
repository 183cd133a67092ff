"""What becomes of two accounts' standing as coaches when they are merged: a part of the transaction of all the rest.

It comes before the stores move, since a picture that both have uploaded is kept once from then on.
"""

from datetime import datetime

from coaching.accounts.models import Person
from coaching.catalog.models import Picture, Store
from coaching.catalog.portrait_mutations import drop_portrait
from coaching.coaches.application_mutations import settle_open
from coaching.coaches.applications import BY_PROGRESS, OPEN, State
from coaching.coaches.models import (
    Coach,
    CoachApplication,
    CoachInvitation,
    CoachInvitationUse,
    CoachLanguage,
    CoachSpecialty,
    FormerSlug,
)
from coaching.coaches.standing_queries import coach_of

# What the page of the one that stays says goes before; where it says nothing, the other's words stand there.
SAID = (Coach.headline, Coach.bio, Coach.links, Coach.portrait)


def move_coach(from_person: Person, to_person: Person, now: datetime) -> None:
    """The page, applications and invitations of the one are the other's; the former page leads to the one that is left.

    Approval that was taken back from either stays so: merging is no way around it.
    """
    here, there = coach_of(to_person), coach_of(from_person)
    if there and here is None:
        Coach.update(person=to_person).where(Coach.id == there.id).execute()
    elif there and here:
        _join(there, here, now)
    _move_applications(from_person, to_person)
    _move_invitations(from_person, to_person)
    if left := coach_of(to_person):
        Store.update(stopped_at=left.stopped_at).where(Store.owner.in_([from_person, to_person])).execute()
        _keep_portrait(left, from_person, to_person)


def _join(there: Coach, here: Coach, now: datetime) -> None:
    FormerSlug.update(coach=here).where(FormerSlug.coach == there).execute()
    values: dict[str, object] = {"approved_at": min(there.approved_at, here.approved_at), "updated_at": now}
    if there.stopped_at and not here.stopped_at:
        values |= {"stopped_at": there.stopped_at, "stopped_why": there.stopped_why}
    for field in SAID:
        if not getattr(here, field.name):
            values[field.name] = getattr(there, field.name)
    if there.portrait_id and here.portrait_id:
        drop_portrait(there.portrait_id)
    elif there.portrait_id:
        # With where it comes from: else the worker would put Discord's picture in place of one that was chosen.
        values |= {"takes_avatar": there.takes_avatar, "avatar": there.avatar}
    if not here.bio:
        values["bio_html"] = there.bio_html
    for model in (CoachSpecialty, CoachLanguage):
        if not model.select().where(model.coach == here).exists():
            model.update(coach=here).where(model.coach == there).execute()
    slug = there.slug
    there.delete_instance()
    FormerSlug.create(coach=here, slug=slug)
    Coach.update(values).where(Coach.id == here.id).execute()


def _keep_portrait(coach: Coach, from_person: Person, to_person: Person) -> None:
    """The portrait is the copy that will be kept, where both have uploaded it."""
    portrait = coach.portrait
    if portrait and portrait.owner_id == from_person.id:
        same = Picture.get_or_none(Picture.owner == to_person, Picture.sha256 == portrait.sha256)
        if same:
            Coach.update(portrait=same).where(Coach.id == coach.id).execute()


def _move_applications(from_person: Person, to_person: Person) -> None:
    """All are the other's; of two that are open the one that got further stays so, and none of a coach's."""
    open_ones = CoachApplication.select().where(
        CoachApplication.person.in_([from_person, to_person]), CoachApplication.state.in_(OPEN)
    )
    in_order = sorted(
        open_ones,
        key=lambda application: (
            BY_PROGRESS.index(State(application.state)),
            application.person_id != to_person.id,
            -application.id,
        ),
    )
    for application in in_order[1:]:
        CoachApplication.update(state=State.WITHDRAWN, revision=application.revision + 1).where(
            CoachApplication.id == application.id
        ).execute()
    CoachApplication.update(person=to_person).where(CoachApplication.person == from_person).execute()
    CoachApplication.update(answered_by=to_person).where(CoachApplication.answered_by == from_person).execute()
    if coach_of(to_person):
        settle_open(to_person)


def _move_invitations(from_person: Person, to_person: Person) -> None:
    """Taken by both, a link was used once."""
    CoachInvitation.update(made_by=to_person).where(CoachInvitation.made_by == from_person).execute()
    known = CoachInvitationUse.select(CoachInvitationUse.invitation).where(CoachInvitationUse.person == to_person)
    same = CoachInvitationUse.person == from_person, CoachInvitationUse.invitation.in_(known)
    CoachInvitationUse.delete().where(*same).execute()
    CoachInvitationUse.update(person=to_person).where(CoachInvitationUse.person == from_person).execute()
