"""What happened around accounts: a line in the log always, and a row that admins read. Rows are only ever added.

    note("password changed", now, person)

Where the request comes from is told once, by whoever begins it (`come_from`). Call it inside the transaction it tells
of; for what is refused, outside of one that is going to be rolled back. It never makes the act fail that it tells of.

What anybody can cause as often as they like (event_kinds.py) gets one row a minute for each person and origin, with
how often it happened, and only so many of them an hour (event_tally.py).
"""

import logging
from collections.abc import Callable
from contextlib import nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from time import monotonic

from peewee import Expression

from coaching.accounts.event_kinds import ANYBODYS, kind_of
from coaching.accounts.event_tally import Row, Tally
from coaching.accounts.models import Person, SecurityEvent
from coaching.db import UNREADABLE, database, is_sqlite
from coaching.db_waits import waiting_at_most
from coaching.plain_text import clean

logger = logging.getLogger("greenroom.security")

KEPT = timedelta(days=180)
# Of each kind that anybody can cause: about 6 MB.
MOST_KEPT = 30_000
MOST_FORGOTTEN = 2_000
LONGEST_DETAIL = 240
LONGEST_ADDRESS = 45
# Seconds in which nothing that anybody can cause is tried after one that failed: a locked database makes each wait.
PAUSE = 10.0
# And what is tried waits no longer for a lock: pages that only say what is not there are pages that only read.
WAIT_MS = 1000


class _Book:
    """What this process knows about the rows of one database: the minute's tally, and until when none is tried."""

    def __init__(self, of: object) -> None:
        self.of = of
        self.tally = Tally()
        self.not_before = 0.0


_books: list[_Book] = []


@dataclass(frozen=True)
class Request:
    """What an event says about the request that it happened in."""

    address: str = ""
    number: str = ""


NO_REQUEST = Request()
_present: ContextVar[Request] = ContextVar("present_request", default=NO_REQUEST)


def come_from(request: Request) -> None:
    """Whatever this thread notes from now on happened in this request."""
    _present.set(request)


def come_from_nowhere() -> None:
    """What this thread notes from now on happened in no request."""
    _present.set(NO_REQUEST)


def note(
    kind: str,
    now: datetime,
    person: Person | None = None,
    detail: str = "",
    address: str = "",
    *,
    actor: Person | None = None,
) -> None:
    """Record what happened, to whom, by which other person if any, from which network address. No secrets in `detail`.

    A kind is a line in event_kinds.py.
    """
    request = _present.get()
    values = {
        "at": now,
        "kind": kind,
        "person_id": person.id if person else None,
        "actor_id": actor.id if actor else None,
        "detail": clean(detail)[:LONGEST_DETAIL],
        "address": clean(address or request.address)[:LONGEST_ADDRESS],
        "request": request.number,
    }
    facts = {"kind": kind, "person": values["person_id"], "actor": values["actor_id"], "address": values["address"]}
    logger.info("security event", extra={**facts, "detail": values["detail"]})
    if kind_of(kind).is_anybodys:
        for row in _book().tally.add(values, now, monotonic()):
            if monotonic() >= _book().not_before:
                _keep(partial(_write, row), WAIT_MS)
    else:
        _keep(lambda: SecurityEvent.insert(**values).execute())


def forget_old_events(now: datetime) -> int:
    """A part of the events older than KEPT are gone; how many comes back."""
    return _forget(SecurityEvent.at < now - KEPT)


def forget_floods() -> None:
    """Of what anybody can cause all but the last MOST_KEPT are gone, a part at a time."""
    for kind in ANYBODYS:
        of_this_kind = SecurityEvent.select(SecurityEvent.id).where(SecurityEvent.kind == kind)
        too_many = of_this_kind.order_by(SecurityEvent.id.desc()).offset(MOST_KEPT).first()
        if too_many:
            _forget((SecurityEvent.kind == kind) & (SecurityEvent.id <= too_many.id))


def _forget(which: Expression) -> int:
    some = [event.id for event in SecurityEvent.select(SecurityEvent.id).where(which).limit(MOST_FORGOTTEN)]
    if not some:
        return 0
    with database.atomic():
        return int(SecurityEvent.delete().where(SecurityEvent.id.in_(some)).execute())


def _write(row: Row) -> None:
    times = row.times
    if row.id is not None:
        # By more than its number: of what was rolled back the number may be another event's by now.
        is_it = (SecurityEvent.id == row.id) & (SecurityEvent.kind == row.values["kind"])
        is_it &= (SecurityEvent.at == row.values["at"]) & (SecurityEvent.address == row.values["address"])
        if SecurityEvent.update(times=times).where(is_it).execute():
            row.written = times
            return
    row.id = SecurityEvent.insert(**row.values, times=times).execute()
    row.written = times


def _book() -> _Book:
    """The one of the present database."""
    if not _books or _books[0].of is not database.obj:
        _books[:] = [_Book(database.obj)]
    return _books[0]


def _keep(write: Callable[[], object], wait_ms: int | None = None) -> None:
    """Write, if the database takes it; nothing that goes on around fails over it."""
    is_inside = database.in_transaction()  # and so has its lock already
    try:
        with waiting_at_most(wait_ms) if wait_ms and not is_inside else nullcontext(), database.atomic():
            write()
    except UNREADABLE as problem:
        if is_inside and is_sqlite() and not database.connection().in_transaction:
            raise  # SQLite has rolled all of it back: what goes on would be half an act
        _book().not_before = monotonic() + PAUSE
        logger.warning("a security event is in the log alone", extra={"reason": type(problem).__name__})
