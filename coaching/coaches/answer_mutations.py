"""The admin's side: an application is approved, asked about, or rejected."""

from datetime import datetime

from coaching.accounts import event_mutations as events
from coaching.accounts.emails import Email
from coaching.accounts.lock_mutations import lock_people
from coaching.accounts.models import Person
from coaching.coaches import emails
from coaching.coaches.applications import STATE_AFTER, ApplicationAnswer, State
from coaching.coaches.approval_mutations import approve
from coaching.coaches.models import CoachApplication
from coaching.coaches.outbox_mutations import notify
from coaching.db import database
from coaching.errors import ChangedMeanwhile

EVENTS = {
    ApplicationAnswer.APPROVE: "coach approved",
    ApplicationAnswer.ASK: "coach asked",
    ApplicationAnswer.REJECT: "coach rejected",
}


def answer_application(
    application: CoachApplication,
    admin: Person,
    answer: ApplicationAnswer,
    reply: str,
    revision: int,
    site_url: str,
    now: datetime,
) -> None:
    """The application is answered: who wrote it is a coach, or reads the question or the reason in `reply`.

    `revision` is that of the words that the admin read: ChangedMeanwhile when the applicant has changed them since, or
    taken them back, or another admin was faster. The same answer of the same admin, pressed twice, counts once.
    """
    with database.atomic():
        lock_people(application.person_id)
        kept = CoachApplication.get_by_id(application.id)
        is_twice = kept.state == STATE_AFTER[answer] and kept.answered_by_id == admin.id
        if is_twice and kept.revision == revision + 1:
            return
        if kept.state != State.SENT or kept.revision != revision:
            raise ChangedMeanwhile
        CoachApplication.update(
            state=STATE_AFTER[answer],
            reply=reply,
            answered_at=now,
            answered_by=admin,
            revision=revision + 1,
        ).where(CoachApplication.id == kept.id).execute()
        applicant: Person = kept.person
        if answer is ApplicationAnswer.APPROVE:
            approve(applicant, now)
        events.note(EVENTS[answer], now, applicant, f"application {kept.id}", actor=admin)
        notify(applicant, _email(answer, reply, site_url), f"application:{kept.id}:{revision}", now)


def _email(answer: ApplicationAnswer, reply: str, site_url: str) -> Email:
    if answer is ApplicationAnswer.APPROVE:
        return emails.approved(reply, site_url)
    return emails.asked(reply, site_url) if answer is ApplicationAnswer.ASK else emails.rejected(reply, site_url)
