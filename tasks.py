"""The queue and its tasks: each reads the clock and calls one action. Imported by the consumer, and late by app.py.

A task is only a hint to look: the database says what is due, so that a lost or doubled task changes nothing.
"""

import logging
import math
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
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
from coaching.backups.files import Policy
from coaching.call_budget.mutations import SharedBudget
from coaching.db import database, is_full, open_database
from coaching.notices.letters import foot_of
from coaching.operation.actions import deliver_mail, look_after, run_between, run_minute
from coaching.operation.doctor import free_bytes
from coaching.operation.reserve import drop_reserve, keep_reserve
from coaching.rooms.actions import look_inside
from coaching.rooms.workers import Workers
from gateways.discord import DiscordHost
from gateways.heartbeat import ping
from gateways.mail import open_mailer
from settings import Settings

logger = logging.getLogger("greenroom.tasks")

# Discord takes up to 0.3 s to answer: so many at a time use up what it allows in a second.
CALLS_AT_ONCE = 16
# Each thread may hold one connection to the database: these, and the tasks' own.
CONNECTIONS = CALLS_AT_ONCE + 6
LONGEST_CONNECT = 3  # seconds, to the queue
LONGEST_LOCK = 1  # second, of the queue; whoever meets one comes back
# The next minute's run foretells what comes later.
FORETOLD = timedelta(seconds=70)
# Watched pages ask again in seconds. Where nobody empties the queue, they must not fill it.
MOST_WAITING = 20
# Its scheduler looks once a second, and so do its workers when there was nothing to do.
QUEUE_IS_LATE = timedelta(seconds=2.5)


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
mailer = open_mailer(settings.mail_url, settings.site_name)
mail_foot = foot_of(settings.site_name, settings.app_url, settings.imprint_url, settings.privacy_url)
workers = Workers(CALLS_AT_ONCE)
if database.obj is None:
    logs.set_up("worker", settings.demo, settings.log_level, settings.secrets)
    logs.log_uncaught()
    vault.keys.use(settings.vault_keys)
    marks.keys.use(settings.mark_keys)
    database.initialize(open_database(settings.database_url, CONNECTIONS))


@huey.on_startup()
def log_as_everybody() -> None:
    """Huey's lines look like all others: its consumer has given them a form of their own since this was imported."""
    logs.take_over("huey")


@huey.on_startup()
def catch_up() -> None:
    """Whatever became due while no worker ran is done at once."""
    look_at_rooms()


@huey.on_startup()
def watch_over_the_queue() -> None:
    """Rooms open and close although the queue takes or gives nothing."""
    net.spread()


@huey.on_shutdown()
def begin_nothing_more() -> None:
    """Whatever is due is left to the next worker."""
    net.end()


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
    """The net: each minute every room is brought to its wanted state."""
    net.note()
    with never_the_last_look(), connected():
        keep_reserve(settings.data_dir, free_bytes(settings.data_dir))
        give_up_reserve = partial(drop_reserve, settings.data_dir)
        report = run_minute(host, clock.now(), clock.machine_now(), workers, make_room=give_up_reserve)
    if report:
        look_again(report.look_again_at)
    if settings.heartbeat_url:
        give_sign_of_life()


@huey.task()
def give_sign_of_life() -> None:
    """Tell whoever watches from outside that this minute's run is done. Given by itself: it may hang for seconds."""
    if problem := ping(settings.heartbeat_url):
        logger.warning("HEARTBEAT_URL does not answer", extra={"reason": problem})


@huey.task()
def look_at_rooms() -> None:
    """The accelerator: the same step at an exact time."""
    with never_the_last_look(), connected():
        report = run_between(host, clock.now(), clock.machine_now(), workers)
    look_again(report.look_again_at)


@huey.task(priority=-1)
def look_into_room(room_id: int) -> None:
    """Somebody watches the page of this room's session: who is inside is looked for between the minute's runs, too."""
    with connected():
        look_inside(host, room_id, clock.now(), clock.machine_now())


@huey.periodic_task(crontab(minute="*"))
def deliver_notices() -> None:
    """Whatever waits in the outbox is sent."""
    with connected():
        deliver_mail(mailer, settings.app_url, clock.machine_now(), foot=mail_foot)


@huey.periodic_task(crontab(minute="*"))
def back_up() -> None:
    """Once a night the database is copied."""
    policy = Policy(settings.backup_count, settings.backup_days, settings.backup_command)
    with connected():
        free = free_bytes(settings.data_dir)
        back_up_nightly(settings.data_dir / "backups", policy, free, settings.app_url, clock.machine_now())


@huey.periodic_task(crontab(minute="*"))
def look_after_guilds() -> None:
    """Proofs of guilds and memberships are renewed daily, and room on servers is foreseen, some each minute."""
    with connected():
        look_after(host, settings.app_url, free_bytes(settings.data_dir), clock.now(), clock.machine_now())


def wake_rooms(*instants: datetime) -> None:
    """The worker looks at the rooms at these instants of the product's time; none means now.

    What lies further ahead is left to the minute's run before it, which foretells it to the second.
    """
    machine_now = clock.machine_now()
    ahead = clock.machine_time_of(machine_now) - machine_now
    times = {max(instant + ahead, machine_now) for instant in instants} if instants else {machine_now}
    for at in sorted(time for time in times if time <= machine_now + FORETOLD):
        if at == machine_now:
            look_at_rooms()
        else:
            look_at_rooms.schedule(eta=at)


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


def look_again(at: datetime | None) -> None:
    """The rooms are looked at when the next thing is due, if that is before the next minute's run."""
    if at is None or at > clock.machine_now() + FORETOLD:
        return
    second = math.ceil(at.timestamp() - 0.001)
    if foretold.is_new(second):
        # Slightly before it: the queue comes up to two seconds late, and the look waits for the instant itself.
        look_at_rooms.schedule(eta=datetime.fromtimestamp(second, UTC) - QUEUE_IS_LATE)


@contextmanager
def never_the_last_look() -> Iterator[None]:
    """A run that breaks is followed by another one: it may have relieved an older one of its work."""
    try:
        yield
    except Exception:
        # On the full ten seconds: however many break meanwhile, one look follows.
        tens = int(clock.machine_now().timestamp()) // 10 + 2
        look_again(datetime.fromtimestamp(tens * 10, UTC))
        raise


class Foretold:
    """The seconds for which a look is already scheduled: without this, looks that foretell looks would multiply."""

    def __init__(self) -> None:
        self._seconds: set[int] = set()
        self._lock = threading.Lock()

    def is_new(self, second: int) -> bool:
        """True the first time that this second is asked about."""
        with self._lock:
            is_new = second not in self._seconds
            self._seconds = {known for known in self._seconds if known > second - 600} | {second}
        return is_new


foretold = Foretold()


class Net:
    """The minute's run without a queue: when that has brought none for so long, it is full, locked or away."""

    LATEST = 90  # seconds
    EVERY = 10  # seconds

    def __init__(self) -> None:
        self._noted_at = monotonic()
        self._ends = threading.Event()
        self._lock = threading.Lock()
        self._is_spread = False

    def note(self) -> None:
        """A run begins."""
        self._noted_at = monotonic()

    def spread(self) -> None:
        """From now on it is looked whether runs come, by one thread however often this is asked."""
        with self._lock:
            if not self._is_spread:
                self._is_spread = True
                threading.Thread(target=self._watch, daemon=True, name="net").start()

    def end(self) -> None:
        """No more runs are begun."""
        self._ends.set()

    def _watch(self) -> None:
        while not self._ends.wait(self.EVERY):
            if monotonic() - self._noted_at > self.LATEST:
                logger.error("the queue brings no runs: the minute's is done without it")
                try:
                    reconcile_rooms.call_local()
                except Exception:
                    logger.exception("the run without a queue broke")


net = Net()


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
