"""A session with a coach, a student and a Discord in memory, and a clock that only moves when told to."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from coaching.booking.models import CoachingSession
from coaching.catalog.models import Store
from coaching.rooms.models import Room
from coaching.rooms.reconciler.state import Counts
from tests import factories
from tests.clocks import at
from tests.fakes import GUILD_ID, FakeHost, Killed
from tests.rooms.reconciling import A_MOMENT, reconcile

START = datetime(2027, 3, 1, 15, 0, tzinfo=UTC)
END = START + timedelta(hours=1)
# What the default timing makes of them.
MADE, OPENED = START - timedelta(minutes=30), START - timedelta(minutes=15)
CLOSED, REMOVED = END + timedelta(minutes=15), END + timedelta(minutes=60)
MACHINE = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
COACH, STUDENT = "2001", "2002"
BOTH = {COACH, STUDENT}


@dataclass
class SteppedWorker:
    """Ticks at the product's times that a test names. The machine's clock moves by sleeping only."""

    host: FakeHost
    slept: float = 0.0

    def tick(self, now: datetime, *, patience: timedelta = A_MOMENT, by_hand: bool = False) -> Counts:
        """A minute's work at `now`."""
        began = MACHINE + timedelta(seconds=self.slept)
        return reconcile(
            self.host,
            at(now, began),
            patience=patience,
            by_hand=by_hand,
            sleep=self.sleep,
            monotonic=lambda: self.slept,
        )

    def tick_until_killed(self, now: datetime) -> bool:
        """One run at `now`; True when the process died in it, and another one has come up since."""
        try:
            self.tick(now)
        except Killed:
            self.sleep(31)
            return True
        return False

    def minutes(self, first: datetime, last: datetime, step: int = 1) -> None:
        """A run each minute from `first` to `last`, or each `step` minutes, whatever dies on the way."""
        now = first
        while now <= last:
            self.tick_until_killed(now)
            now += timedelta(minutes=step)
            self.sleep(60 * step)

    def by_hand(self, now: datetime) -> Counts:
        """One run as `flask rooms tick` does it."""
        return self.tick(now, by_hand=True)

    def during_the_next_call(self, seconds: float) -> None:
        """The next call to Discord takes this long."""
        usual = self.host.before_call

        def slowly() -> None:
            self.host.before_call = usual
            self.sleep(seconds)

        self.host.before_call = slowly

    def sleep(self, seconds: float) -> None:
        self.slept += seconds


@pytest.fixture
def worker(db: None, host: FakeHost) -> SteppedWorker:
    """The worker over this test's database and Discord."""
    return SteppedWorker(host)


@pytest.fixture
def coaching_session(alice, bob) -> CoachingSession:
    """Alice coaches Bob from START for an hour, by video, with the default timing."""
    product = factories.make_product(factories.make_store(alice), session_type="video")
    return factories.make_coaching_session(product, bob, starts_at=START)


@pytest.fixture
def by_role(coaching_session: CoachingSession) -> CoachingSession:
    """The same, entered by a role of its own."""
    Store.update(access_mode="session_role").execute()
    return coaching_session


@pytest.fixture
def by_shared_role(coaching_session: CoachingSession) -> CoachingSession:
    """The same, entered by the role that the store's sessions share."""
    Store.update(access_mode="shared_role").execute()
    return coaching_session


def minutes(count: int) -> timedelta:
    """So many of them."""
    return timedelta(minutes=count)


def room_of(coaching_session: CoachingSession) -> Room:
    """The session's room as recorded."""
    return Room.get(Room.coaching_session == coaching_session)


def who_sees(host: FakeHost) -> list[set[str]]:
    """For each channel, who of coach, student and a stranger sees it."""
    channels = host.rooms_in(GUILD_ID)
    return [{who for who in (COACH, STUDENT, "2999") if host.can_see(channel.channel_id, who)} for channel in channels]
