"""Backups: by hand, each night, and restored. Everything here reads or writes files."""

import logging
import sqlite3
import subprocess
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from coaching import schema
from coaching.alerts.mutations import warn_admins
from coaching.backups import files, postgres, sqlite
from coaching.backups.erased_actions import NO_LIST, find_barred, find_lists, has_list, keep_list
from coaching.backups.files import Policy
from coaching.backups.mutations import Settled, settle
from coaching.checks import backup_check
from coaching.db import UNREADABLE, database, is_sqlite
from coaching.errors import Refused
from coaching.own_data.erased import Erased
from coaching.own_data.erased_queries import all_erased
from coaching.people.barred_queries import all_barred
from coaching.people.suspended_queries import Suspended, all_suspended
from coaching.resealing import seal_open
from coaching.rooms.orphans.mutations import keep_installations
from coaching.rooms.orphans.queries import installation_ids
from coaching.runtime.mutations import claim_lease, record_heartbeat, release_lease
from coaching.runtime.queries import BACKUP, FAILED_BACKUP, last_heartbeat

logger = logging.getLogger(__name__)


LASTS_AT_MOST = timedelta(hours=2)
COMMAND_LASTS_AT_MOST = 30 * 60
# What is left free for bookings, and for rooms that have to close.
LEFT_FREE_BYTES = 500 * 1024 * 1024


def back_up(target: Path) -> None:
    """Write the whole database as it is now to `target`, checked, and beside it the list of deleted accounts.

    Refused with the reason why not.
    """
    (sqlite if is_sqlite() else postgres).back_up(target)
    with suppress(*UNREADABLE):  # a database that is only about to be brought up to date knows of no list
        keep_list(target.parent)


def back_up_nightly(folder: Path, policy: Policy, free_bytes: int, now: datetime) -> Path | None:
    """Make the night's backup, remove those that have to go, and run the site's own command; None where none is due."""
    made_at, failed_at = last_heartbeat(BACKUP), last_heartbeat(FAILED_BACKUP)
    if not policy.count or not files.is_due(made_at, failed_at, now):
        return None
    claim = claim_lease(BACKUP, now, LASTS_AT_MOST)
    if claim is None:
        return None
    try:
        return _made_and_kept(folder, policy, free_bytes, now)
    except (Refused, OSError) as problem:
        # Looked for by whoever runs the site: on the admin page, in `flask doctor`, in /metrics and by mail.
        logger.error("nightly backup failed", extra={"reason": str(problem)})
        record_heartbeat(FAILED_BACKUP, now)
        warn_admins([backup_check(made_at, now, now)], now)
        return None
    finally:
        release_lease(BACKUP, claim)


def restore(source: Path, kept_in: Path, now: datetime) -> list[str]:
    """Put the backup at `source` in the database's place; what was done comes back, a sentence each.

    The present database is kept in the folder `kept_in`. Nobody else may be using it. Nothing is changed when the
    backup is damaged, of another kind, or newer than this Greenroom.
    """
    _check(source)
    kept_in.mkdir(mode=0o700, exist_ok=True)
    installations, present, suspended, barred = _of_present()
    folders = (source.absolute().parent, kept_in)
    listed, problems = find_lists(folders)
    erased = sorted({*listed, *(present or ())})
    # One that was lifted stands in an older list only.
    barred = barred if present is not None else sorted(find_barred(folders))
    if present is None and not has_list(folders):
        problems.append(NO_LIST)
    if is_sqlite():
        kept = kept_in / f"{now:{files.STAMP}}-before-restore.{sqlite.ENDING}"
        sqlite.refuse_company()
        with sqlite.copied(source) as copy:
            with sqlite.speaking_to(copy):
                done = _bring_up_to_date(now, installations, erased, suspended, barred)
            return [sqlite.put_in_place(copy, kept), f"{source} is the database now.", *problems, *done]
    kept = kept_in / f"{now:{files.STAMP}}-before-restore.{postgres.ENDING}"
    with database.connection_context():
        postgres.refuse_company()
        postgres.back_up(kept)
        with postgres.restored(source, now):
            done = _bring_up_to_date(now, installations, erased, suspended, barred)
    return [f"The database before is kept as {kept}.", f"{source} is the database now.", *problems, *done]


def _of_present() -> tuple[list[str], list[Erased] | None, list[Suspended], list[str]]:
    """Our marks in the present database, who was deleted (None where it is unreadable) and who is suspended: with an
    account, and without one.
    """
    marks: list[str] = []
    erased: list[Erased] | None = None
    suspended: list[Suspended] = []
    barred: list[str] = []
    if is_sqlite() and not Path(database.obj.database).exists():
        return marks, erased, suspended, barred
    # In one connection: PostgreSQL sees one that was just closed a moment longer.
    with suppress(*UNREADABLE, sqlite3.Error), database.connection_context():
        marks = installation_ids()
        erased = all_erased()
        suspended = all_suspended()
        barred = all_barred()
    return marks, erased, suspended, barred


def _bring_up_to_date(
    now: datetime, installations: list[str], erased: list[Erased], suspended: list[Suspended], barred: list[str]
) -> list[str]:
    """Migrate what was restored and settle what time has overtaken; a sentence for each thing done."""
    if newer := schema.unknown_migrations():
        raise Refused(f"This backup was made by a newer Greenroom: it has {', '.join(newer)}.")
    done = [f"Applied {name}." for name in schema.migrate()]
    seal_open()
    # What was made since the backup carries our mark, even where the backup is from before there were any.
    keep_installations(installations)
    settled = settle(now, erased, suspended, barred)
    return [*done, *_account_sentences(settled, len(erased)), *_sentences_of_what_changed(settled)]


def _account_sentences(settled: Settled, listed: int) -> list[str]:
    """Who cannot sign in any more, and what waits for a hand; `listed` accounts were deleted by the lists."""
    deleted = (
        f"Accounts on the list of those that were deleted: {listed}. In the backup were still {settled.erased} of "
        "them, and are deleted again."
    )
    stopped = (
        f"Accounts that were suspended since the backup, and are suspended again: {settled.suspended}. Who was "
        "restored, or is no admin any more since, stands under Operation, People as in the backup: look there."
    )
    return [
        f"Sign-ins ended: {settled.sign_ins}. Links by mail ended: {settled.links}.",
        f"Messages that waited when the backup was made, or were due since: {settled.messages}. They may have gone, so "
        "they are sent only by hand, under Operation, Messages.",
        *([deleted] if listed else []),
        *([stopped] if settled.suspended else []),
    ]


def _sentences_of_what_changed(settled: Settled) -> list[str]:
    """What is in the backup that may have changed since, where there is any of it."""
    counted = (
        (
            settled.pending,
            "Times that were held or asked for when the backup was made: {}. They may have been paid, answered or "
            "taken since, and run out as if they had not: write to their coaches, who see them on their pages.",
        ),
        (
            settled.accounts,
            "Accounts on which students pay by card: {}. What was paid and given back since the backup is read from "
            "Stripe as soon as Greenroom runs; until then no money goes back. What was paid for and stands in no "
            "record is shown to its coach, and to you under Operation, Paid without a booking.",
        ),
        (
            settled.partner_links,
            "Links to partners' own pages are those of the backup again: {}. One that was replaced since, as somebody "
            "else had it, opens its page again: its coach replaces it once more.",
        ),
        (
            settled.receipts,
            "Receipts in the backup: {}. Numbers that were given since then are given again, to other payments "
            "perhaps. Coaches read so on their page of payments; who has sent or printed some compares them.",
        ),
        (
            settled.coach_links,
            "Links that make coaches revoked: {}. Approvals are those of the backup: look at Operation, Coaches, "
            "whether one was given or taken back since.",
        ),
    )
    return [sentence.format(count) for count, sentence in counted if count]


def _check(source: Path) -> None:
    try:
        with source.open("rb") as file:
            is_dump = file.read(len(postgres.MAGIC)) == postgres.MAGIC
    except OSError as problem:
        raise Refused(f"{source} cannot be read: {problem.strerror}.") from None
    if is_dump == is_sqlite():
        raise Refused(
            f"{source} is a backup of PostgreSQL, and DATABASE_URL names SQLite."
            if is_dump
            else f"{source} is no backup of PostgreSQL. Restore it on SQLite, then: flask db copy-to DATABASE_URL"
        )
    (sqlite if is_sqlite() else postgres).check(source)


def _made_and_kept(folder: Path, policy: Policy, free_bytes: int, now: datetime) -> Path:
    if free_bytes < LEFT_FREE_BYTES:
        raise Refused(f"only {free_bytes // 1024**2} MB are free")
    folder.mkdir(mode=0o700, exist_ok=True)
    target = folder / files.nightly_name(now, sqlite.ENDING if is_sqlite() else postgres.ENDING)
    back_up(target)
    for name in files.superfluous((path.name for path in folder.iterdir()), policy, now):
        (folder / name).unlink(missing_ok=True)
    if policy.command:
        _run(policy.command, target)
    record_heartbeat(BACKUP, now)
    logger.info("nightly backup made", extra={"bytes": target.stat().st_size})
    return target


def _run(command: tuple[str, ...], target: Path) -> None:
    arguments = [*command, str(target)]
    try:
        done = subprocess.run(arguments, capture_output=True, text=True, timeout=COMMAND_LASTS_AT_MOST, check=False)
    except subprocess.TimeoutExpired:
        raise Refused("BACKUP_COMMAND was not done after half an hour") from None
    if done.returncode:
        raise Refused(f"BACKUP_COMMAND ended with {done.returncode}: {' '.join(done.stderr.split())[-200:]}")
