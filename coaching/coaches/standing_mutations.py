"""An admin takes a coach's approval back, and gives it again.

Both wait behind the lock of the coach, as bookings do: what is booked before stays, nothing is booked after.
"""

from datetime import datetime

from coaching.accounts import event_mutations as events
from coaching.accounts.lock_mutations import lock_people
from coaching.accounts.models import Person
from coaching.catalog.models import Store
from coaching.coaches import emails
from coaching.coaches.models import Coach
from coaching.coaches.outbox_mutations import notify
from coaching.db import database
from coaching.errors import ChangedMeanwhile, Refused

IS_SUSPENDED = "This account is suspended, so nothing can be booked with its coach. Restore the account first."


def stop_coach(coach: Coach, admin: Person, reason: str, site_url: str, now: datetime) -> None:
    """Nothing new can be booked with the coach or put on sale; they read why. What is booked stays.

    ChangedMeanwhile where it was taken back before, with another reason; the same once more changes nothing.
    """
    with database.atomic():
        kept = _locked(coach)
        if kept.stopped_at is not None:
            if kept.stopped_why != reason:
                raise ChangedMeanwhile
            return
        Coach.update(stopped_at=now, stopped_why=reason, updated_at=now).where(Coach.id == kept.id).execute()
        Store.update(stopped_at=now).where(Store.owner == kept.person_id).execute()
        events.note("coach stopped", now, kept.person, reason, actor=admin)
        notify(kept.person, emails.stopped(reason, site_url), f"standing:{kept.id}:{now.isoformat()}", now)


def resume_coach(coach: Coach, admin: Person, reason: str, site_url: str, now: datetime) -> None:
    """The coach may sell as before. Twice does no harm; Refused while their account is suspended."""
    with database.atomic():
        kept = _locked(coach)
        if kept.stopped_at is None:
            return
        if kept.person.suspended_at:
            raise Refused(IS_SUSPENDED)
        _resume(kept, now)
        events.note("coach resumed", now, kept.person, reason, actor=admin)
        notify(kept.person, emails.resumed(site_url), f"standing:{kept.id}:{now.isoformat()}", now)


def stop_with_account(person: Person, reason: str, now: datetime) -> None:
    """Nothing new can be booked with the person while their account is suspended. A part of that transaction."""
    is_theirs = (Coach.person == person) & Coach.stopped_at.is_null()
    stopped = {"stopped_at": now, "stopped_why": reason, "stopped_with_account": True, "updated_at": now}
    if Coach.update(stopped).where(is_theirs).execute():
        Store.update(stopped_at=now).where(Store.owner == person).execute()


def resume_with_account(person: Person, now: datetime) -> None:
    """They may sell as before, unless their approval was taken back by itself. A part of that transaction."""
    coach: Coach | None = Coach.get_or_none(Coach.person == person, Coach.stopped_with_account)
    if coach:
        _resume(coach, now)


def _resume(coach: Coach, now: datetime) -> None:
    fresh = {"stopped_at": None, "stopped_why": "", "stopped_with_account": False, "updated_at": now}
    Coach.update(fresh).where(Coach.id == coach.id).execute()
    Store.update(stopped_at=None).where(Store.owner == coach.person_id).execute()


def _locked(coach: Coach) -> Coach:
    lock_people(coach.person_id)
    kept: Coach = Coach.get_by_id(coach.id)
    return kept
