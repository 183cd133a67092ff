"""Limits on what people may do about accounts; the first refusal of each is written into the security log."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from coaching.accounts.details import UNKNOWN, Visit
from coaching.accounts.event_mutations import note
from coaching.accounts.limited import answer_uses
from coaching.accounts.models import Person
from coaching.errors import RateLimited
from coaching.rate_limits import mutations
from coaching.rate_limits.limits import Use

Uses = Sequence[Use]


def take(uses: Uses, now: datetime, person: Person | None = None, visit: Visit = UNKNOWN) -> None:
    """All of these uses are counted; or none, and RateLimited. Not inside a transaction that this undoes."""
    with _noted(now, person, visit):
        mutations.take(uses, now)


def refuse_spent(uses: Uses, now: datetime, person: Person | None = None, visit: Visit = UNKNOWN) -> None:
    """Nothing, or RateLimited if one of these uses would not be let in: before anything costly is done."""
    with _noted(now, person, visit):
        mutations.refuse_spent(uses, now)


def give_back(uses: Uses) -> None:
    """These uses do not count after all."""
    mutations.give_back(uses)


def take_back_taken(visit: Visit) -> None:
    """Nobody was told that an address is taken: it was its owner who signed up once more."""
    mutations.give_back(answer_uses(visit))


def note_hit(limit: str, now: datetime, person: Person | None = None, visit: Visit = UNKNOWN) -> None:
    """The security log says whom a limit holds back. Once for each time: the access log has a line for every refusal,
    and a row for every refusal would let an attacker fill the disk.
    """
    note("limit hit", now, person, limit, visit.address)


@contextmanager
def _noted(now: datetime, person: Person | None, visit: Visit) -> Iterator[None]:
    try:
        yield
    except RateLimited as error:
        if error.is_news:
            note_hit(error.limit, now, person, visit)
        raise
