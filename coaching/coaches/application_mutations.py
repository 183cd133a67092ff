"""The applicant's side: an application is written, kept as a draft, sent, changed and taken back."""

from datetime import datetime

from coaching.accounts.lock_mutations import lock_people
from coaching.accounts.models import Person
from coaching.coaches import emails
from coaching.coaches.application_queries import details_of, find_latest, mark_of
from coaching.coaches.applications import OPEN, ApplicationDetails, State, faults
from coaching.coaches.models import CoachApplication
from coaching.coaches.outbox_mutations import notify_admins
from coaching.coaches.signup import CoachSignup
from coaching.coaches.standing_queries import coach_of
from coaching.db import database
from coaching.errors import ApplicationLacking, ChangedMeanwhile, Refused

NOT_TAKEN = "This site takes no applications at the moment. What you wrote was not kept."


def save_application(
    person: Person, details: ApplicationDetails, seen: str, policy: CoachSignup, now: datetime
) -> CoachApplication:
    """The person's application says this: a draft, or one that waits, changed. A new one where the last is settled.

    Saved again, or the same words from an older page, changes nothing; ChangedMeanwhile where another window has saved
    other words than the page that was marked `seen` showed; ApplicationLacking where one that waits would lack any.
    """
    with database.atomic():
        return _save(person, details, seen, policy, now)


def send_application(
    person: Person, details: ApplicationDetails, seen: str, policy: CoachSignup, site_url: str, now: datetime
) -> CoachApplication:
    """The application says this and waits for the admins, who are told once for each of their own answers.

    ApplicationLacking with what is missing by field. Pressed twice, it was sent once.
    """
    if lacking := faults(details):
        raise ApplicationLacking(lacking)
    with database.atomic():
        application = _save(person, details, seen, policy, now)
        if application.state == State.SENT:
            return application
        was_asked = application.state == State.ASKED
        application.state, application.sent_at = State.SENT, now
        application.revision += 1
        application.save(only=[CoachApplication.state, CoachApplication.sent_at, CoachApplication.revision])
        since = f"{application.answered_at:%Y-%m-%dT%H:%M:%S.%f}" if application.answered_at else "first"
        notify_admins(emails.applied(person.name, was_asked, site_url), f"applied:{application.id}:{since}", now)
        return application


def withdraw_application(person: Person, now: datetime) -> None:
    """The application waits for nobody any more; what stands in it is kept. Twice does no harm."""
    with database.atomic():
        lock_people(person.id)
        settle_open(person)


def settle_open(person: Person) -> None:
    """No application of the person's is open: they took it back, or became a coach by another way."""
    is_open = (CoachApplication.person == person) & CoachApplication.state.in_(OPEN)
    CoachApplication.update(state=State.WITHDRAWN, revision=CoachApplication.revision + 1).where(is_open).execute()


def _save(
    person: Person, details: ApplicationDetails, seen: str, policy: CoachSignup, now: datetime
) -> CoachApplication:
    lock_people(person.id)
    if coach_of(person):
        raise Refused("You are a coach here already. There is nothing to apply for.")
    if policy is not CoachSignup.APPROVAL:
        raise Refused(NOT_TAKEN)
    kept = find_latest(person)
    # One that was answered for good stays as it was read.
    goes_on = kept if kept and kept.state not in (State.APPROVED, State.REJECTED) else None
    if goes_on and details_of(goes_on) == details:
        return _reopened(goes_on)
    if seen != mark_of(kept):
        raise ChangedMeanwhile
    if goes_on and goes_on.state == State.SENT and (lacking := faults(details)):
        raise ApplicationLacking(lacking)
    application = _reopened(goes_on) if goes_on else CoachApplication(person=person, made_at=now)
    application.teaches, application.links, application.why = details.teaches, details.links, details.why
    application.revision += 1
    application.save()
    return application


def _reopened(application: CoachApplication) -> CoachApplication:
    """The same; one that was taken back is a draft again."""
    if application.state == State.WITHDRAWN:
        application.state = State.DRAFT
        application.revision += 1
        application.save(only=[CoachApplication.state, CoachApplication.revision])
    return application
