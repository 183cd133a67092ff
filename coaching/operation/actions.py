"""What a worker does beside its loop, what is done by hand, and what came of both."""

import logging
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from coaching.accounts.actions import recheck_memberships
from coaching.accounts.event_mutations import forget_floods
from coaching.alerts.mutations import warn_admins
from coaching.booking.lapse_mutations import lapse_due
from coaching.calendars.actions import refresh_feeds
from coaching.calendars.source import FeedSource
from coaching.catalog.actions import recheck_guilds
from coaching.catalog.share_picture_mutations import make_share_pictures
from coaching.checks import disk_check
from coaching.db import UNAVAILABLE
from coaching.diagnostics.money_queries import money_checks
from coaching.diagnostics.server_actions import look_at_free_room
from coaching.directory.refresh_mutations import refresh_directory
from coaching.fields import MILLISECOND
from coaching.figures.refresh_mutations import refresh_figures
from coaching.host import Host
from coaching.messages.actions import Outlets, send_due
from coaching.messages.outbox_mutations import put_late_aside
from coaching.messages.sender import Sender
from coaching.notices.queries import next_due_at
from coaching.now import Now, running_from
from coaching.operation.mutations import warn_of_lost_servers, warn_of_unreadable
from coaching.rate_limits.mutations import forget_old_counts
from coaching.rooms.reconciler.loop import PATIENCE, Reconciler
from coaching.rooms.reconciler.state import Counts
from coaching.runtime.mutations import add_to_run, claim_lease, forget_old_runs, record_heartbeat, release_lease
from coaching.runtime.queries import BROKEN_LOOP, WORKER

logger = logging.getLogger(__name__)

CRON = "cron"
# `flask rooms tick`: somebody waits for the result.
LONGEST_BY_HAND = timedelta(minutes=10)
# The same with a browser or a caller waiting, which does not do so for ever: long enough for a fresh room to settle.
LONGEST_IN_A_REQUEST = timedelta(seconds=25)
PATIENCE_IN_A_REQUEST = timedelta(seconds=12)
# Products whose next free time is worked out anew; the others come with the next call.
MOST_IN_A_REQUEST = 500
# Outside calendars begun after that are left to the next call.
LONGEST_READING_IN_A_REQUEST = timedelta(seconds=5)


def record_minute(counts: Counts, now: datetime) -> None:
    """Record that the worker's loop lives, and what it has done since this was last recorded."""
    record_heartbeat(WORKER, now)
    _count_in(counts, now)


def record_broken_loop(now: datetime) -> None:
    """Record that a turn of the loop broke; where that cannot be written, the log has it."""
    with suppress(*UNAVAILABLE):
        record_heartbeat(BROKEN_LOOP, now)


def run_by_hand(host: Host, now: Now, longest: timedelta = LONGEST_BY_HAND, patience: timedelta = PATIENCE) -> Counts:
    """Do all that is due until nothing more is, for somebody who asks."""
    report = Reconciler(host, running_from(now)).settle(longest, patience=patience)
    _count_in(report, now.machine)
    return report


def run_in_a_request(host: Host, now: Now) -> Counts:
    """The same for somebody whose browser waits."""
    return run_by_hand(host, now, LONGEST_IN_A_REQUEST, PATIENCE_IN_A_REQUEST)


def run_by_cron(outlets: Outlets, sender: Sender, free_bytes: int, now: Now, feeds: FeedSource) -> Counts | None:
    """Rooms, messages, calendars and what `look_after` does, for a machine without a worker; None while another run is
    under way.

    Where nothing can be written, rooms are closed all the same.
    """
    try:
        claim = claim_lease(CRON, now.machine, LONGEST_IN_A_REQUEST * 4)
    except UNAVAILABLE:
        logger.exception("the run of the cron address is not written down")
        # Nothing is waited for: the next call comes within minutes.
        report = Reconciler(outlets.host, running_from(now)).settle(LONGEST_IN_A_REQUEST, patience=timedelta(0))
        _log(report)
        return report
    if claim is None:
        return None
    try:
        record_heartbeat(WORKER, now.machine)
        report = run_in_a_request(outlets.host, now)
        # First: what is wrong with one is told by a message.
        do_all(
            partial(refresh_feeds, feeds, sender.url, running_from(now), LONGEST_READING_IN_A_REQUEST),
            partial(refresh_directory, now.product, MOST_IN_A_REQUEST),
        )
        send_messages(outlets, sender, now)
        look_after(outlets.host, free_bytes, now)
    finally:
        release_lease(CRON, claim)
    return report


def send_messages(outlets: Outlets, sender: Sender, now: Now) -> datetime | None:
    """Holds that have run out are ended, and whatever waits in the outbox was tried.

    When, by the machine's clock, another one may go comes back.
    """
    do_all(partial(lapse_due, now.product), partial(send_due, outlets, sender, now))
    return next_due_at(outlets.channels, now.machine)


def look_after(host: Host, free_bytes: int, now: Now) -> None:
    """What is known of guilds and their members is at most a day old, coaches know of servers that fill up, admins of
    a disk that does and of rows nobody can read, and pictures have previews."""
    do_all(
        partial(recheck_guilds, host, now.machine),
        partial(warn_of_lost_servers, now),
        partial(recheck_memberships, host, now.machine),
        partial(forget_old_runs, now.machine),
        partial(forget_old_counts, now.machine),
        partial(forget_floods),
        partial(put_late_aside, now),
        partial(warn_admins, [disk_check(free_bytes)], now.machine),
        partial(warn_of_unreadable, now),
        partial(warn_admins, money_checks(now.product), now.machine),
        partial(look_at_free_room, host, now),
        partial(make_share_pictures, now.machine),
        partial(refresh_figures, now),
    )


def do_all(*chores: "partial[Any]") -> list[str]:
    """Try each: one that breaks keeps no other from being done. The names of those that broke come back."""
    broken = []
    for chore in chores:
        try:
            chore()
        except Exception:
            broken.append(chore.func.__name__)
            logger.exception("chore broke", extra={"chore": broken[-1]})
    return broken


def _count_in(counts: Counts, now: datetime) -> None:
    add_to_run(now, counts.due, counts.done, counts.failed, counts.took)
    _log(counts)


def _log(counts: Counts) -> None:
    facts = {"due": counts.due, "done": counts.done, "failed": counts.failed, "took_ms": counts.took // MILLISECOND}
    logger.log(logging.WARNING if counts.failed else logging.INFO, "run", extra=facts)
