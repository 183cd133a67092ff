"""Who deletes a suspended account stays suspended: their address and Discord account are known again by a digest."""

from collections.abc import Iterable
from datetime import datetime

from coaching.accounts.models import Person
from coaching.db import new_code
from coaching.people.barred_queries import digests_of
from coaching.people.models import BarredIdentity


def keep_barred(person: Person, now: datetime) -> None:
    """The person's address and Discord account are known again. Call it before they are cleared."""
    hold_barred([" ".join(digests[0] for digests in digests_of(person))], now)


def hold_barred(people: Iterable[str], now: datetime) -> None:
    """These stay suspended, each by their digests, as barred_queries.all_barred gives them; twice does no harm."""
    for digests in (person.split() for person in people):
        codes = _codes_of(digests)
        code = codes[0] if codes else new_code()
        is_theirs = BarredIdentity.digest.in_(digests) | BarredIdentity.code.in_(codes)
        BarredIdentity.update(code=code).where(is_theirs).execute()
        for digest in digests:
            BarredIdentity.insert(digest=digest, code=code, barred_at=now).on_conflict_ignore().execute()


def lift_barred(person: Person) -> None:
    """The person is suspended no more by address or Discord account, also by the one that they have not shown again."""
    known = [digest for digests in digests_of(person) for digest in digests]
    is_theirs = BarredIdentity.digest.in_(known) | BarredIdentity.code.in_(_codes_of(known))
    BarredIdentity.delete().where(is_theirs).execute()


def _codes_of(digests: list[str]) -> list[str]:
    rows = BarredIdentity.select().where(BarredIdentity.digest.in_(digests), BarredIdentity.code != "")
    return sorted({row.code for row in rows})
