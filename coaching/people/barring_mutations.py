"""Who deletes a suspended account stays suspended: their address and Discord account are known again by a digest."""

from collections.abc import Iterable
from datetime import datetime

from coaching.accounts.models import Person
from coaching.people.barred_queries import digests_of
from coaching.people.models import BarredIdentity


def keep_barred(person: Person, now: datetime) -> None:
    """The person's address and Discord account are known again. Call it before they are cleared."""
    hold_barred([digests[0] for digests in digests_of(person)], now)


def hold_barred(digests: Iterable[str], now: datetime) -> None:
    """These stay suspended; twice does no harm."""
    for digest in digests:
        BarredIdentity.insert(digest=digest, barred_at=now).on_conflict_ignore().execute()


def lift_barred(person: Person) -> None:
    """The person's address and Discord account are suspended no more."""
    known = [digest for digests in digests_of(person) for digest in digests]
    BarredIdentity.delete().where(BarredIdentity.digest.in_(known)).execute()
