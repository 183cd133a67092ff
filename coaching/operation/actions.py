"""The clockwork's runs: everything that is due is done once, and the run is written down."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import Any

from coaching.accounts.actions import recheck_memberships
from coaching.accounts.events import forget_old_events
from coaching.catalog.actions import recheck_guilds
from coaching.db import UNAVAILABLE, is_full
from coaching.host import Host
from coaching.mailer import Mailer
from coaching.notices.actions import deliver_due
from coaching.notices.letters import NO_FOOT
from coaching.operation.checks import disk_check
from coaching.operation.free_room import look_at_free_room
from coaching.operation.mutations import (
    MILLISECOND,
    add_to_run,
    claim_run,
    claim_turn,
    forget_old_runs,
    record_heartbeat,
    record_run,
    release_turn,
)
from coaching.operation.outlook_mutations import warn_admins
from coaching.operation.queries import WORKER
from coaching.operation.records import tell_of_unreadable
from coaching.operation.trial_room import remove_left_rooms
from coaching.rate_limits.mutations import forget_old_counts
from coaching.rooms.actions import reconcile
from coaching.rooms.alert_mutations import write_alerts
from coaching.rooms.run import BY_HAND, EACH_MINUTE, IN_A_REQUEST, Limits, Report
from coaching.rooms.workers import Workers

logger = logging.getLogger(__name__)

CRON = "cron"


def run_minute(
    host: Host,
    now: datetime,
    machine_now: datetime,
    workers: Workers | None = None,
    *,
    make_room: Callable[[], object] = bool,
) -> Report | None:
    """This minute's run of the rooms, its calls shared among `workers`, or None when another machine has it.

    Where nothing can be written it goes on all the same, on every machine: rooms have to be closed. On a full disk
    `make_room` is called before.
    """
    is_written, run = True, None
    try:
        record_heartbeat(WORKER, machine_now)
        run = claim_run(machine_now)
    except UNAVAILABLE as error:
        is_written = False
        logger.exception("the minute's run is not written down")
        if is_full(error):
            make_room()
    if is_written and run is None:
        return None
    report, took = _timed(host, now, machine_now, EACH_MINUTE, workers)
    if run:
        record_run(run, report.due, report.done, report.failed, took)
    _tell(report, took)
    return report


def run_between(host: Host, now: datetime, machine_now: datetime, workers: Workers | None = None) -> Report:
    """A run at an exact time, or for what was booked just now, beside the one of the minute."""
    report, took = _timed(host, now, machine_now, EACH_MINUTE, workers)
    # There are many, and most come upon what another run has done.
    if report.due:
        _count_in(report, took, machine_now)
    return report


def run_by_hand(host: Host, now: datetime, machine_now: datetime, limits: Limits = BY_HAND) -> Report:
    """A run that somebody has asked for."""
    report, took = _timed(host, now, machine_now, limits)
    _count_in(report, took, machine_now)
    return report


def run_by_cron(
    host: Host,
    mailer: Mailer | None,
    site_url: str,
    free_bytes: int,
    now: datetime,
    machine_now: datetime,
    *,
    foot: str = NO_FOOT,
) -> Report | None:
    """All that a worker does in a minute, for a machine without one; None while another such run is under way.

    Where nothing can be written, rooms are closed all the same, as in `run_minute`.
    """
    try:
        claim = claim_turn(CRON, machine_now, IN_A_REQUEST.budget * 4)
    except UNAVAILABLE:
        logger.exception("the run of the cron address is not written down")
        # Nothing is waited for: the next call comes within minutes.
        report, took = _timed(host, now, machine_now, replace(IN_A_REQUEST, patience=timedelta()))
        _tell(report, took)
        return report
    if claim is None:
        return None
    try:
        record_heartbeat(WORKER, machine_now)
        # It claims no minute: a worker, if there is one too, is not to lose it to this shorter run.
        report = run_by_hand(host, now, machine_now, IN_A_REQUEST)
        deliver_mail(mailer, site_url, machine_now, foot=foot)
        look_after(host, site_url, free_bytes, now, machine_now)
    finally:
        release_turn(CRON, claim)
    return report


def deliver_mail(mailer: Mailer | None, site_url: str, machine_now: datetime, *, foot: str = NO_FOOT) -> None:
    """Whatever waits in the outbox was tried, and the mails about what was refused are written for the next time."""
    # Somebody may be waiting for a link; what was refused can wait a minute.
    _do_all(partial(deliver_due, mailer, machine_now, foot=foot), partial(write_alerts, site_url, machine_now))


def look_after(host: Host, site_url: str, free_bytes: int, now: datetime, machine_now: datetime) -> None:
    """What is known of guilds and their members is at most a day old, coaches know of servers that fill up, admins of
    a disk that does and of rows nobody can read, and no room made on trial is left anywhere."""
    _do_all(
        partial(recheck_guilds, host, machine_now),
        partial(recheck_memberships, host, machine_now),
        partial(remove_left_rooms, host, machine_now),
        partial(forget_old_runs, machine_now),
        partial(forget_old_counts, machine_now),
        partial(forget_old_events, machine_now),
        partial(warn_admins, disk_check(free_bytes), site_url, machine_now),
        partial(tell_of_unreadable, site_url, now, machine_now),
        partial(look_at_free_room, host, site_url, now, machine_now),
    )


def _do_all(*chores: "partial[Any]") -> None:
    """Each was tried: one that breaks keeps no other from being done."""
    for chore in chores:
        try:
            chore()
        except Exception:
            logger.exception("chore broke", extra={"chore": chore.func.__name__})


def _timed(
    host: Host, now: datetime, machine_now: datetime, limits: Limits, workers: Workers | None = None
) -> tuple[Report, timedelta]:
    """What a look at the rooms came to, and how long it took."""
    began = monotonic()
    report = reconcile(host, now, machine_now, limits, workers=workers)
    return report, timedelta(seconds=monotonic() - began)


def _count_in(report: Report, took: timedelta, machine_now: datetime) -> None:
    add_to_run(machine_now, report.due, report.done, report.failed, took)
    _tell(report, took)


def _tell(report: Report, took: timedelta) -> None:
    facts = {"due": report.due, "done": report.done, "failed": report.failed, "took_ms": took // MILLISECOND}
    logger.log(logging.WARNING if report.failed else logging.INFO, "run", extra=facts)
