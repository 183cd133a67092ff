"""Reads of applications to become a coach: one's own, and the queue of the admins."""

from dataclasses import dataclass
from datetime import datetime

from coaching.accounts.models import DiscordLink, Person
from coaching.accounts.queries import find_discord_link
from coaching.coaches.applications import ApplicationDetails, State
from coaching.coaches.models import CoachApplication
from coaching.discord_ids import made_at
from coaching.errors import NotFound


@dataclass(frozen=True)
class Applicant:
    """One application as an admin reads it, with what is known about whoever wrote it."""

    application: CoachApplication
    person: Person
    link: DiscordLink | None
    discord_made_at: datetime | None
    earlier: list[CoachApplication]  # the latest first


def find_latest(person: Person) -> CoachApplication | None:
    """The person's latest application, in whatever state."""
    theirs = CoachApplication.select().where(CoachApplication.person == person)
    coach_application: CoachApplication | None = theirs.order_by(CoachApplication.id.desc()).first()
    return coach_application


def details_of(application: CoachApplication | None) -> ApplicationDetails:
    """What stands in it."""
    if application is None:
        return ApplicationDetails()
    return ApplicationDetails(application.teaches, application.links, application.why)


def mark_of(application: CoachApplication | None) -> str:
    """Changes with anything that its applicant writes, and with every answer."""
    return f"{application.id}.{application.revision}.{application.state}" if application else ""


def waiting_applications(limit: int) -> list[CoachApplication]:
    """Those that wait for an admin, with their people, the oldest first."""
    query = CoachApplication.select(CoachApplication, Person).join(Person, on=CoachApplication.person)
    return list(query.where(CoachApplication.state == State.SENT).order_by(CoachApplication.sent_at).limit(limit))


def answered_applications(limit: int) -> list[CoachApplication]:
    """Those that an admin answered, with their people, the latest answer first."""
    query = CoachApplication.select(CoachApplication, Person).join(Person, on=CoachApplication.person)
    answered = CoachApplication.state.in_((State.ASKED, State.APPROVED, State.REJECTED))
    return list(query.where(answered).order_by(CoachApplication.answered_at.desc()).limit(limit))


def count_waiting() -> int:
    """How many applications wait for an admin."""
    return int(CoachApplication.select().where(CoachApplication.state == State.SENT).count())


def get_applicant(application_id: int) -> Applicant:
    """The application, with what is known about its person; NotFound for a draft, which is nobody else's business."""
    application: CoachApplication | None = CoachApplication.get_or_none(CoachApplication.id == application_id)
    if application is None or application.sent_at is None:
        raise NotFound
    person: Person = application.person
    link = find_discord_link(person)
    earlier = CoachApplication.select().where(
        CoachApplication.person == person, CoachApplication.id < application.id, CoachApplication.sent_at.is_null(False)
    )
    return Applicant(
        application=application,
        person=person,
        link=link,
        discord_made_at=made_at(link.discord_user_id) if link else None,
        earlier=list(earlier.order_by(CoachApplication.id.desc())),
    )
