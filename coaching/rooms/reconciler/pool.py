"""Who does the jobs of a plan: threads, of which no guild gets more than half, or whoever waits for them."""

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import structlog

from coaching.db import database

logger = structlog.get_logger(__name__)

PAUSE_WITHOUT_DATABASE = 1.0  # seconds


@dataclass(frozen=True)
class Job:
    """What is to be done once, and never twice at a time under the same key."""

    key: str
    guild_id: str
    run: Callable[[], None]
    can_wait: bool = False  # until others have changed their state


class Inline:
    """Whoever waits does the next job: one at a time, and nothing happens beside it."""

    busy: frozenset[str] = frozenset()
    has_plenty = False

    def __init__(self, sleep: Callable[[float], None]) -> None:
        self.ended = 0
        self._sleep = sleep
        self._queue: deque[Job] = deque()

    def offer(self, jobs: Iterable[Job]) -> None:
        self._queue = deque(jobs)

    def wait(self, seconds: float) -> bool:
        if not self._queue:
            self._sleep(seconds)
            return False
        self._queue.popleft().run()
        self.ended += 1
        return not self._queue

    def wake(self) -> None:
        """Nobody waits here."""

    def finish(self, seconds: float | None = None) -> None:
        self._queue.clear()


class Threads:
    """So many threads, half of them for any one guild: one that does not answer leaves the others theirs."""

    def __init__(self, count: int) -> None:
        self.ended = 0
        self._count = count
        self._share = max(count // 2, 1)
        self._changed = threading.Condition()
        self._queue: deque[Job] = deque()
        self._busy: dict[str, str] = {}  # key -> guild
        self._has_news = False
        self._broken: BaseException | None = None
        self._started = 0
        self._is_closed = False

    def __enter__(self) -> "Threads":
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    @property
    def busy(self) -> frozenset[str]:
        """The keys of the jobs under way."""
        with self._changed:
            return frozenset(self._busy)

    @property
    def has_plenty(self) -> bool:
        """True while more can be begun at once than there are threads."""
        with self._changed:
            return sum(1 for _ in self._ready()) > self._count

    def offer(self, jobs: Iterable[Job]) -> None:
        """Take these jobs in place of all that have not begun."""
        with self._changed:
            self._queue = deque(job for job in jobs if job.key not in self._busy)
            while self._started < min(self._count, len(self._queue) + len(self._busy)):
                self._started += 1
                threading.Thread(target=self._work, daemon=True, name=f"rooms-{self._started}").start()
            self._changed.notify_all()

    def wait(self, seconds: float) -> bool:
        """Wait for news, so long at most: True once a job has ended whose guild has few left, or after `wake`."""
        with self._changed:
            self._changed.wait_for(lambda: self._has_news or self._broken, seconds)
            if self._broken:
                broken, self._broken = self._broken, None
                raise broken
            had_news, self._has_news = self._has_news, False
            return had_news

    def wake(self) -> None:
        """End the wait."""
        with self._changed:
            self._has_news = True
            self._changed.notify_all()

    def finish(self, seconds: float | None = None) -> None:
        """Drop what has not begun, and wait for the rest, for so long at most."""
        with self._changed:
            self._queue.clear()
            self._changed.wait_for(lambda: not self._busy, seconds)

    def _work(self) -> None:
        while self._await_job():
            try:
                with database.connection_context():
                    while job := self._begin():
                        self._do(job)
            except Exception as error:
                logger.error("a thread has no database", error=type(error).__name__)
                threading.Event().wait(PAUSE_WITHOUT_DATABASE)

    def _await_job(self) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._is_closed or next(self._ready(), None))
            return not self._is_closed

    def _begin(self) -> Job | None:
        """The first job whose guild has a thread left for it, now under way."""
        with self._changed:
            job = next(self._ready(), None)
            if job:
                self._queue.remove(job)
                self._busy[job.key] = job.guild_id
            return job

    def _ready(self) -> Iterator[Job]:
        """The jobs whose guild has a thread left for them, in their order."""
        full = {guild_id for guild_id, count in Counter(self._busy.values()).items() if count >= self._share}
        return (job for job in self._queue if job.guild_id not in full)

    def _do(self, job: Job) -> None:
        try:
            job.run()
        except BaseException as error:
            self._broken = error
        finally:
            with self._changed:
                self.ended += 1
                del self._busy[job.key]
                left = sum(other.guild_id == job.guild_id for other in self._queue)
                self._has_news = self._has_news or left < self._share
                self._changed.notify_all()


Pool = Inline | Threads
