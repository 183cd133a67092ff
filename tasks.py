"""The queue and its tasks: each reads the clock and calls one action. Imported by the consumer, and late by app.py.

Rooms are looked after by one loop that the consumer's process keeps; a task only wakes it. The database says what is
due, so that a lost or doubled task changes nothing.
"""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

from huey import crontab
from huey.signals import SIGNAL_INTERRUPTED

import clock
import logs
from coaching.backups.actions import back_up_nightly
from coaching.backups.erased_actions import look_after_deletions
from coaching.backups.files import Policy
from coaching.calendars.actions import refresh_feeds
from coaching.coaches.avatar_actions import fetch_avatars
from coaching.db import UNAVAILABLE, database, keep_connections
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
from gateways.discord_cdn import DiscordCdn
from gateways.feeds import WebFeeds
from gateways.heartbeat import ping
from gateways.mail import open_mailer
from hints import Hint, Hints
from outside import open_host, open_payments, open_store
from queues import Pace, one_at_a_time, open_queue
from reconciling import CALLS_AT_ONCE, Loop
from refreshing import Refresher
from settings import Settings

logger = logging.getLogger("greenroom.tasks")

# Each thread may hold one connection to the database: those of the loop, and the tasks' own.
CONNECTIONS = CALLS_AT_ONCE + 7
# Watched pages ask again in seconds. Where nobody empties the queue, they must not fill it.
MOST_WAITING = 20
# A message that waits for so long is sent within the minute; anything else is left to the next one.
SOON, LEAST_PAUSE = 60, 5  # seconds

os.umask(0o077)
settings = Settings.from_env(os.environ)
huey = open_queue(settings.huey_url, settings.queue_key)
host = open_host(settings)
avatars = DiscordCdn(settings.discord_cdn_url)
feeds = WebFeeds(allows_loopback=settings.demo)
provider_of = open_payments(settings)
if database.obj is None:
    logs.set_up("worker", settings.demo, settings.log_level, settings.secrets)
    logs.log_uncaught()
    open_store(settings, CONNECTIONS)


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
    """The outbox is looked into at once, or in seconds. Should this be lost, it is within a minute."""
    if not pace.is_planned:
        hints.add(("deliver_notices", ()))


def enqueue(hint: Hint) -> None:
    """Put a hint into the queue, from a thread that no room waits for."""
    name, arguments = hint
    globals()[name](*arguments)


hints = Hints(enqueue)


def refresh_lists() -> bool:
    """Public lists say what is so. True when some of it is left to the next run."""
    with connected():
        return bool(refresh_directory(clock.now()))


loop = Loop(host, settings.data_dir, on_break=note_broken_loop, on_owed=send_soon)
# In a rush messages take a fifth of the time at most, and wait for seconds: rooms open first.
pace = Pace(rest=4, longest=3.0, is_busy=lambda: loop.reconciler.is_busy)
outlets = Outlets(open_mailer(settings.mail_url, settings.site_name), host, pace.give_way)
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
    if not pace.may_begin(put_off=lambda rest: deliver_notices.schedule(delay=rest)):
        return
    with pace.run(), connected():
        next_at = send_messages(outlets, settings.sender, clock.both())
        wait = (next_at - clock.machine_now()).total_seconds() if next_at else SOON
    if wait < SOON and not huey.scheduled_count():
        deliver_notices.schedule(delay=max(wait, LEAST_PAUSE))


@huey.periodic_task(crontab(minute="*"))
@one_at_a_time
def read_calendars() -> None:
    """Outside calendars that are due are read. One run at a time: it takes whatever becomes due meanwhile."""
    with connected():
        read = refresh_feeds(feeds, settings.app_url, clock.both)
    if read:
        lists.ask()
        send_soon()


@huey.periodic_task(crontab(minute="*"))
@one_at_a_time
def fetch_pictures() -> None:
    """Coaches' pages show the pictures that Discord shows. One run at a time: each picture waits for the network."""
    with connected():
        fetch_avatars(avatars, settings.data_dir, clock.now())


@huey.periodic_task(crontab(minute="*"))
def delete_old_data() -> None:
    """Once a night what is older than docs/security.md says is deleted; what is too much for a minute, in the next."""
    with connected():
        delete_what_is_old(clock.both())


@huey.periodic_task(crontab(minute="*"))
@one_at_a_time
def put_data_together() -> None:
    """Files that people asked for are made, and go when their day is over. One run at a time: it takes all there is."""
    with connected():
        is_news = make_exports(settings.data_dir / EXPORTS, settings.sender, free_bytes(settings.data_dir), clock.both)
    if is_news:
        send_soon()


@huey.periodic_task(crontab(minute="*"))
@one_at_a_time
def settle_payments() -> None:
    """Payments and refunds are as their providers have them. One run at a time: it takes whatever becomes due."""
    with connected():
        changed = look_after_payments(provider_of, clock.both)
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
        back_up_nightly(settings.data_dir / "backups", policy, free_bytes(settings.data_dir), clock.machine_now())


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
