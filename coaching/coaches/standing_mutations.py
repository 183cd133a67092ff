"""An admin takes a coach's approval back, and gives it again.

Both wait behind the lock of the coach, as bookings do: what is booked before stays, nothing is booked after.
"""

from datetime import datetime

from coaching.accounts import event_mutations as events
from coaching.accounts.merge_mutations import lock_people
from coaching.accounts.models import Person
from coaching.catalog.models import Store
from coaching.coaches import letters
from coaching.coaches.models import Coach
from coaching.coaches.outbox_mutations import tell
from coaching.db import database
from coaching.errors import ChangedMeanwhile


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
        tell(kept.person, letters.stopped(reason, site_url), f"standing:{kept.id}:{now.isoformat()}", now)


def resume_coach(coach: Coach, admin: Person, site_url: str, now: datetime) -> None:
    """The coach may sell as before. Twice does no harm."""
    with database.atomic():
        kept = _locked(coach)
        if kept.stopped_at is None:
            return
        Coach.update(stopped_at=None, stopped_why="", updated_at=now).where(Coach.id == kept.id).execute()
        Store.update(stopped_at=None).where(Store.owner == kept.person_id).execute()
        events.note("coach resumed", now, kept.person, actor=admin)
        tell(kept.person, letters.resumed(site_url), f"standing:{kept.id}:{now.isoformat()}", now)


def _locked(coach: Coach) -> Coach:
    lock_people(coach.person_id)
    kept: Coach = Coach.get_by_id(coach.id)
    return kept
