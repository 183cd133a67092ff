"""The queue and its tasks: each reads the clock and calls one action. Imported by the consumer, and late by app.py.

Rooms are looked after by one loop that the consumer's process keeps; a task only wakes it. The database says what is
due, so that a lost or doubled task changes nothing.
"""

import logging
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from time import monotonic
from urllib.parse import unquote

from huey import Huey, PostgresHuey, SqliteHuey, crontab
from huey.serializer import SignedSerializer
from huey.signals import SIGNAL_INTERRUPTED

import clock
import logs
from coaching import marks, vault
from coaching.backups.actions import back_up_nightly
from coaching.backups.erased_actions import look_after_deletions
from coaching.backups.files import Policy
from coaching.calendars.actions import refresh_feeds
from coaching.call_budget.mutations import SharedBudget
from coaching.coaches.avatar_actions import fetch_avatars
from coaching.db import UNAVAILABLE, database, keep_connections, open_database
from coaching.db_trouble import is_full
from coaching.diagnostics.actions import free_bytes
from coaching.directory.refresh_mutations import refresh_directory
from coaching.messages.actions import Outlets
from coaching.operation.actions import look_after, record_broken_loop, record_minute, send_messages
from coaching.operation.reserve_actions import drop_reserve, keep_reserve
from coaching.own_data.export_actions import EXPORTS, make_exports
from coaching.own_data.retention_mutations import delete_what_is_old
from coaching.payments.account_actions import look_after_accounts
from coaching.payments.claim_mutations import free_claims
from coaching.payments.sweep_actions import look_after_payments
from coaching.rooms.reconciler.loop import Reconciler
from coaching.rooms.reconciler.pool import Threads
from coaching.runtime.queries import clock_offset
from gateways.discord import DiscordHost
from gateways.discord_cdn import DiscordCdn
from gateways.feeds import WebFeeds
from gateways.heartbeat import ping
from gateways.mail import open_mailer
from gateways.providers import no_offset, open_provider_of
from hints import Hint, Hints
from refreshing import Refresher
from settings import Settings

logger = logging.getLogger("greenroom.tasks")

# Discord takes up to 0.3 s to answer: so many at a time use up what it allows in a second.
CALLS_AT_ONCE = 16
# Each thread may hold one connection to the database: these, and the tasks' own.
CONNECTIONS = CALLS_AT_ONCE + 7
LONGEST_CONNECT = 3  # seconds, to the queue
LONGEST_LOCK = 1  # second, of the queue; whoever meets one comes back
# Watched pages ask again in seconds. Where nobody empties the queue, they must not fill it.
MOST_WAITING = 20
# A loop that has not planned for so long hangs, and another one takes over. Its threads' calls end by themselves.
LOOP_HANGS_AFTER = 90  # seconds
# Whoever is told to stop waits so long for the calls under way.
LAST_CHANCE = 2  # seconds
# A message that waits for so long is sent within the minute; anything else is left to the next one.
SOON = 60  # seconds
LEAST_PAUSE = 5  # seconds


def open_queue(url: str, key: bytes) -> Huey:
    """The queue behind `sqlite:///path` or `postgresql://…`. Its messages are pickles, so it takes signed ones only."""
    signed = SignedSerializer(secret=key)
    if url.startswith("sqlite:///"):
        filename = unquote(url.removeprefix("sqlite:///"))
        return SqliteHuey("greenroom", filename=filename, serializer=signed, timeout=LONGEST_LOCK)
    return PostgresHuey("greenroom", dsn=url, serializer=signed, connect_timeout=LONGEST_CONNECT)


os.umask(0o077)
settings = Settings.from_env(os.environ)
huey = open_queue(settings.huey_url, settings.queue_key)
budget = SharedBudget(clock.machine_now)
host = DiscordHost(settings.discord_api_url, settings.discord_bot_token, settings.app_url, budget=budget)
outlets = Outlets(open_mailer(settings.mail_url, settings.site_name), host)
avatars = DiscordCdn(settings.discord_cdn_url)
feeds = WebFeeds(allows_loopback=settings.demo)
provider_of = open_provider_of(settings.stripe_api_url, clock_offset if settings.demo else no_offset)
if database.obj is None:
    logs.set_up("worker", settings.demo, settings.log_level, settings.secrets)
    logs.log_uncaught()
    vault.keys.use(settings.vault_keys)
    marks.keys.use(settings.mark_keys)
    database.initialize(open_database(settings.database_url, CONNECTIONS))


@huey.on_startup()
def make_ready() -> None:
    """Connections are kept, and lines look like all others: the consumer gave them a form since this was imported."""
    logs.take_over("huey")
    keep_connections()


def note_broken_loop(now: datetime) -> None:
    """Record it with a connection of its own, if the database takes it; the log has it anyway."""
    with suppress(*UNAVAILABLE), connected():
        record_broken_loop(now)


def send_soon() -> None:
    """The outbox is looked into at once. Should this be lost, it is within a minute."""
    hints.add(("deliver_notices", ()))


def enqueue(hint: Hint) -> None:
    """Put a hint into the queue, from a thread that no room waits for."""
    name, arguments = hint
    globals()[name](*arguments)


hints = Hints(enqueue)


class Loop:
    """The reconciler of this process in a thread of its own, and another one where that has died or hangs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._is_ended = False
        self.reconciler = self._new_reconciler()

    def keep(self) -> None:
        """Begin it, unless it lives."""
        with self._lock:
            if self._is_ended or self.lives:
                return
            if self._thread:
                logger.error("the reconciler died or hangs: another one takes over")
                note_broken_loop(clock.machine_now())
                self.reconciler.stop()
                self.reconciler = self._new_reconciler()
            self._thread = threading.Thread(target=self.reconciler.run, daemon=True, name="reconciler")
            self._thread.start()

    def end(self) -> None:
        """Begin nothing more. Whatever is due is left to the next worker."""
        self._is_ended = True
        self.reconciler.stop(LAST_CHANCE)

    @property
    def lives(self) -> bool:
        """True while its thread plans now and then."""
        is_at_work = self._thread is not None and self._thread.is_alive()
        return is_at_work and monotonic() - self.reconciler.planned_at < LOOP_HANGS_AFTER

    def _new_reconciler(self) -> Reconciler:
        give_up_reserve = partial(drop_reserve, settings.data_dir)
        threads = Threads(CALLS_AT_ONCE)
        return Reconciler(
            host, clock.both, threads, make_room=give_up_reserve, on_break=note_broken_loop, on_owed=send_soon
        )


def refresh_lists() -> bool:
    """Public lists say what is so. True when some of it is left to the next run."""
    with connected():
        return bool(refresh_directory(clock.now()))


loop = Loop()
lists = Refresher(refresh_lists)


@huey.on_startup()
def keep_rooms() -> None:
    """Whatever became due while no worker ran is done at once, and from then on at its time."""
    loop.keep()
    lists.keep()


@huey.on_shutdown()
def begin_nothing_more() -> None:
    """Whatever is due is left to the next worker."""
    loop.end()
    lists.end()


@huey.signal(SIGNAL_INTERRUPTED)
def leave_what_hangs(*_: object) -> None:
    """The consumer has waited for its tasks in vain: what they were at is taken up again by the next worker.

    Python itself would wait for the threads that make calls.
    """
    logger.warning("stopped in the middle of a task")
    sys.stderr.flush()
    os._exit(0)


@huey.periodic_task(crontab(minute="*"))
def reconcile_rooms() -> None:
    """Once a minute: the loop lives, and what it has done is written down; or it begins again."""
    lives = loop.lives
    loop.keep()
    lists.keep()
    with connected():
        keep_reserve(settings.data_dir, free_bytes(settings.data_dir))
        if lives:
            record_minute(loop.reconciler.take_counts(), clock.machine_now())
    if lives and settings.heartbeat_url:
        record_heartbeats()


@huey.task()
def record_heartbeats() -> None:
    """Tell whoever watches from outside that this minute's run is done. Given by itself: it may hang for seconds."""
    if settings.heartbeat_url and (problem := ping(settings.heartbeat_url)):
        logger.warning("HEARTBEAT_URL does not answer", extra={"reason": problem})


@huey.task()
def look_at_rooms() -> None:
    """A wake-up: somebody has changed something."""
    loop.reconciler.wake()
    lists.ask()


@huey.task()
def look_at_lists() -> None:
    """The same, where no room follows from it: hours, prices, who may sell."""
    lists.ask()


@huey.task(priority=-1)
def look_into_room(room_id: int) -> None:
    """Somebody watches the page of this room's session: who is inside is looked for more often."""
    loop.reconciler.watch(room_id)


@huey.periodic_task(crontab(minute="*"))
def deliver_notices() -> None:
    """Whatever waits in the outbox is sent. What gave way to calls for rooms comes again in seconds."""
    with connected():
        next_at = send_messages(outlets, settings.sender, clock.both())
        wait = (next_at - clock.machine_now()).total_seconds() if next_at else SOON
    if wait < SOON and not huey.scheduled_count():
        deliver_notices.schedule(delay=max(wait, LEAST_PAUSE))


reading_calendars = threading.Lock()


@huey.periodic_task(crontab(minute="*"))
def read_calendars() -> None:
    """Outside calendars that are due are read. One run at a time: it takes whatever becomes due meanwhile."""
    if not reading_calendars.acquire(blocking=False):
        return
    try:
        with connected():
            read = refresh_feeds(feeds, settings.app_url, clock.both)
    finally:
        reading_calendars.release()
    if read:
        lists.ask()
        send_soon()


fetching_pictures = threading.Lock()


@huey.periodic_task(crontab(minute="*"))
def fetch_pictures() -> None:
    """Coaches' pages show the pictures that Discord shows. One run at a time: each picture waits for the network."""
    if not fetching_pictures.acquire(blocking=False):
        return
    try:
        with connected():
            fetch_avatars(avatars, settings.data_dir, clock.now())
    finally:
        fetching_pictures.release()


@huey.periodic_task(crontab(minute="*"))
def delete_old_data() -> None:
    """Once a night what is older than docs/security.md says is deleted; what is too much for a minute, in the next."""
    with connected():
        delete_what_is_old(clock.both())


putting_together = threading.Lock()


@huey.periodic_task(crontab(minute="*"))
def put_data_together() -> None:
    """Files that people asked for are made, and go when their day is over. One run at a time: it takes all there is."""
    if not putting_together.acquire(blocking=False):
        return
    try:
        with connected():
            free = free_bytes(settings.data_dir)
            is_news = make_exports(settings.data_dir / EXPORTS, settings.sender, free, clock.both)
    finally:
        putting_together.release()
    if is_news:
        send_soon()


settling = threading.Lock()


@huey.periodic_task(crontab(minute="*"))
def settle_payments() -> None:
    """Payments and refunds are as their providers have them. One run at a time: it takes whatever becomes due."""
    if not settling.acquire(blocking=False):
        return
    try:
        with connected():
            changed = look_after_payments(provider_of, clock.both)
    finally:
        settling.release()
    if changed:
        loop.reconciler.wake()
        lists.ask()
        send_soon()


@huey.on_startup()
def take_up_payments() -> None:
    """What an earlier worker was at when it was ended is asked about at once."""
    with suppress(*UNAVAILABLE):
        with connected():
            free_claims()
        settle_payments()


@huey.periodic_task(crontab(minute="*"))
def back_up() -> None:
    """Once a night the database is copied."""
    policy = Policy(settings.backup_count, settings.backup_days, settings.backup_command)
    with connected():
        free = free_bytes(settings.data_dir)
        back_up_nightly(settings.data_dir / "backups", policy, free, clock.machine_now())


@huey.periodic_task(crontab(minute="*"))
def finish_deleting() -> None:
    """Accounts that were deleted leave nothing behind, and stand on the list beside the backups."""
    with connected():
        look_after_deletions(settings.data_dir / "backups", clock.both())


@huey.periodic_task(crontab(minute="*"))
def look_after_guilds() -> None:
    """Verifications of guilds and memberships are renewed daily, and room on servers is foreseen, some each minute."""
    with connected():
        look_after(host, free_bytes(settings.data_dir), clock.both())


@huey.periodic_task(crontab(minute="*"))
def look_after_payment_accounts() -> None:
    """The site's own account is that of the settings, and what is needed no longer is forgotten."""
    with connected():
        look_after_accounts(provider_of, settings.stripe_secret_key, settings.stripe_webhook_secret, clock.now())


def wake_rooms() -> None:
    """The worker sees at once what has changed. Should this be lost, it sees it a second or two later."""
    if huey.pending_count() < MOST_WAITING:
        look_at_rooms()


def wake_lists() -> None:
    """Public lists are refreshed at once. Should this be lost, they are within a minute."""
    if huey.pending_count() < MOST_WAITING:
        look_at_lists()


def watch_room(room_id: int) -> None:
    """The worker looks who is in this room, unless it has enough to do."""
    if huey.pending_count() < MOST_WAITING:
        look_into_room(room_id)


def queue_depth() -> int | None:
    """How many tasks wait in the queue, or None when it cannot be read."""
    try:
        depth: int = huey.pending_count()
    except Exception:
        return None
    return depth


def queue_answers() -> bool:
    """True when the queue can be read and takes what is put into it."""
    try:
        huey.put("alive", True)
    except Exception:
        return False
    return queue_depth() is not None


@contextmanager
def connected() -> Iterator[None]:
    """A database connection of this thread's own, for the length of one task."""
    try:
        with database.connection_context():
            yield
    except Exception as error:
        if is_full(error):
            drop_reserve(settings.data_dir)
        raise
