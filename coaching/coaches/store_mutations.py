"""A coach opens a store."""

from datetime import datetime

from coaching.accounts.form_key_queries import find_result
from coaching.accounts.lock_mutations import lock_people
from coaching.accounts.models import Person
from coaching.catalog.details import StoreDetails
from coaching.catalog.models import Store
from coaching.catalog.store_mutations import create_store
from coaching.coaches.application_mutations import settle_open
from coaching.coaches.approval_mutations import approve
from coaching.coaches.signup import CoachSignup
from coaching.coaches.standing_queries import coach_of, may_open_store
from coaching.db import database
from coaching.errors import CoachStopped, NotACoach


def open_store(owner: Person, details: StoreDetails, form_key: str, policy: CoachSignup, now: datetime) -> Store:
    """A new store of `owner`, who is a coach from now on; the same form sent twice gives the first one again.

    NotACoach for whoever has to be approved first, CoachStopped for whom an admin keeps from selling.
    """
    with database.atomic():
        lock_people(owner.id)
        if find_result(owner, "store", form_key) is None and not may_open_store(owner, policy):
            raise CoachStopped if coach_of(owner) else NotACoach
        store = create_store(owner, details, form_key, now)
        approve(owner, now)
        settle_open(owner)
    return store
