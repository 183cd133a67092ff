"""Random lives: anything may happen to sessions, people, clock and Discord; when the dust settles the promises hold.

`pytest tests/rooms/test_random_lives.py --lives 100000` takes that many steps, other ones each time.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from peewee import IntegrityError

from coaching.accounts import discord_mutations
from coaching.accounts.details import DiscordAccount
from coaching.accounts.queries import find_discord_link
from coaching.booking.models import LIVE_STATES, CoachingSession
from coaching.booking.mutations import cancel_session
from coaching.catalog.models import Product
from coaching.catalog.timing import PRESETS, RoomTiming
from coaching.db import database
from coaching.errors import CoachingError
from coaching.guild_parts import Overwrite
from coaching.host import HostError
from coaching.refusals import Refusal
from coaching.rooms.actions import BY_HAND, EACH_MINUTE, Limits, reconcile
from coaching.rooms.models import Room
from coaching.rooms.plan import IN_ORDER, RoomState
from coaching.rooms.queries import session_timeline
from coaching.schema import MODELS
from tests import factories
from tests.fakes import BOT_ID, GUILD_ID, FakeHost, Killed

STEPS_A_LIFE = 40
SHARDS = 4
MINUTE = timedelta(minutes=1)
EPOCH = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
MACHINE = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
# Everything in doubt, refused or held up is over by then: the longest pause there is, and a sweep after it.
SETTLES_WITHIN = timedelta(hours=1, minutes=15)
ACCOUNTS = [str(3000 + number) for number in range(6)]
STRANGER = "2999"
PEOPLE = ("alice", "carol", "bob", "dave")
COACHES, STUDENTS = ("alice", "carol"), ("bob", "dave")
CALLS = (
    "create_channel",
    "list_channels",
    "find_channel",
    "set_overwrites",
    "delete_channel",
    "post_message",
    "find_member",
)
ERRORS = {
    "refused": HostError("no connection", Refusal.REFUSED_CONNECTION),
    "silent": HostError("no answer", Refusal.NO_ANSWER),
    "500": HostError("500", Refusal.SERVER_ERROR, status=500),
    "429 short": HostError("wait", Refusal.RATE_LIMITED, status=429, retry_after=timedelta(seconds=2)),
    "429 long": HostError("wait", Refusal.RATE_LIMITED, status=429, retry_after=timedelta(minutes=3)),
    "blocked": HostError("<html>", Refusal.BLOCKED, status=429, retry_after=2 * MINUTE, is_global=True),
    "401": HostError("401", Refusal.UNAUTHORIZED, status=401),
    "403": HostError("403", Refusal.MISSING_PERMISSION, status=403, code=50013),
    "crash": Killed(),
    "bug": ValueError("a bug of ours"),
}
STRIKE_AFTER = ("silent", "500", "crash")


class Lives(RuleBasedStateMachine):
    """A store with two coaches, two students, and whatever may come over them.

    What ought to be is worked out here from sessions, timing and clock alone, never from what the rooms have recorded.
    """

    def __init__(self) -> None:
        super().__init__()
        for model in reversed(MODELS):
            model.delete().execute()
        self.host = FakeHost()
        self.now, self.slept = EPOCH, 0.0
        self.people = {name: factories.make_person(name.title()) for name in PEOPLE}
        for name, account in zip(PEOPLE, ACCOUNTS, strict=False):
            self.link(name, account)
        store = factories.make_store(self.people["alice"])
        schedule = factories.make_schedule(self.people["alice"], weekdays=range(0))
        self.product = factories.make_product(store, schedule=schedule)
        self.furthest: dict[int, tuple[RoomTiming, RoomState]] = {}

    # --- What happens

    @rule(coach=st.sampled_from(COACHES), student=st.sampled_from(STUDENTS), ahead=st.integers(1, 50))
    def book(self, coach: str, student: str, ahead: int) -> None:
        starts_at = self.now + ahead * MINUTE
        try:
            with database.atomic():
                factories.make_coaching_session(
                    self.product, self.people[student], coach=self.people[coach], starts_at=starts_at, minutes=30
                )
        except IntegrityError:
            return
        self.settle()

    @rule(data=st.data(), by_coach=st.booleans())
    def cancel(self, data: st.DataObject, by_coach: bool) -> None:
        live = list(CoachingSession.select().where(CoachingSession.state.in_(LIVE_STATES)).order_by(CoachingSession.id))
        if not live:
            return
        one = data.draw(st.sampled_from(live))
        person = one.coach if by_coach else one.seats.get().student
        try:
            cancel_session(one, person, self.now)
        except CoachingError:
            return
        self.settle()

    @rule(name=st.sampled_from(PEOPLE), account=st.sampled_from(ACCOUNTS))
    def relink(self, name: str, account: str) -> None:
        try:
            self.link(name, account)
        except CoachingError:
            return
        self.settle()

    @rule(name=st.sampled_from(PEOPLE))
    def unlink(self, name: str) -> None:
        discord_mutations.unlink_discord(self.people[name], self.machine_now)
        self.settle()

    @rule(account=st.sampled_from(ACCOUNTS), is_noticed=st.booleans())
    def leave_guild(self, account: str, is_noticed: bool) -> None:
        self.host.gone.add((GUILD_ID, account))
        if is_noticed:
            self.settle()

    @rule(is_noticed=st.booleans())
    def return_to_guild(self, is_noticed: bool) -> None:
        self.host.joined |= dict.fromkeys(self.host.gone, self.machine_now)
        self.host.gone.clear()
        if is_noticed:
            self.settle()

    @precondition(lambda self: self.host.channels)
    @rule(data=st.data())
    def moderator_deletes(self, data: st.DataObject) -> None:
        del self.host.channels[data.draw(st.sampled_from(sorted(self.host.channels)))]
        self.settle()

    @precondition(lambda self: self.host.channels)
    @rule(data=st.data(), lets_in=st.booleans())
    def moderator_edits(self, data: st.DataObject, lets_in: bool) -> None:
        channel_id = data.draw(st.sampled_from(sorted(self.host.channels)))
        guild_id, channel = self.host.channels[channel_id]
        kept = {one for one in channel.overwrites if not one.is_member or one.target_id == BOT_ID}
        edited = kept | ({Overwrite(STRANGER, True, allow=1024)} if lets_in else set())
        self.host.channels[channel_id] = (guild_id, replace(channel, overwrites=frozenset(edited)))
        self.settle()

    @rule(timing=st.sampled_from([*PRESETS.values(), RoomTiming(60, 0, 0, 0), RoomTiming(5, 5, 5, 20)]))
    def change_timing(self, timing: RoomTiming) -> None:
        Product.update(
            make_minutes=timing.make_minutes,
            open_minutes=timing.open_minutes,
            close_minutes=timing.close_minutes,
            remove_minutes=timing.remove_minutes,
        ).execute()
        self.settle()

    @rule(
        error=st.sampled_from(sorted(ERRORS)),
        name=st.sampled_from(CALLS),
        times=st.integers(1, 4),
        after_effect=st.booleans(),
    )
    def break_something(self, error: str, name: str, times: int, after_effect: bool) -> None:
        is_after = after_effect and error in STRIKE_AFTER
        self.host.fail(ERRORS[error], name=name, times=times, after_effect=is_after)

    @rule(seconds=st.integers(0, 90))
    def worker_looks(self, seconds: int) -> None:
        self.sleep(seconds)
        self.work(EACH_MINUTE)

    @rule(minutes=st.integers(1, 30))
    def minutes_pass(self, minutes: int) -> None:
        self.sleep(minutes * 60)
        self.settle()

    @rule(minutes=st.integers(-60, 90), is_noticed=st.booleans())
    def clock_jumps(self, minutes: int, is_noticed: bool) -> None:
        self.now += minutes * MINUTE
        if is_noticed:
            self.settle()

    def teardown(self) -> None:
        # Whatever it was, it ends: two days on, `wrongs` takes any channel for a wrong.
        self.now += timedelta(days=2)
        self.settle()

    # --- How it settles

    def settle(self) -> None:
        """The worker goes on while things still break; then nothing breaks any more, and soon the promises hold."""
        for _ in range(2):
            self.work(EACH_MINUTE)
        self.host.faults.clear()
        until = self.machine_now + SETTLES_WITHIN
        while True:
            wait = self.work(BY_HAND)
            wrongs = self.wrongs()
            if not wrongs:
                return
            assert self.machine_now <= until, wrongs
            self.sleep(wait)

    def work(self, limits: Limits) -> float:
        """One run, and how long until the worker looks again. A dead one is replaced after half a minute."""
        try:
            report = reconcile(
                self.host, self.now, self.machine_now, limits, sleep=self.sleep, monotonic=lambda: self.slept
            )
        except Killed:
            self.sleep(31)
            return 0.0
        finally:
            self.note_furthest()
        wait = (report.look_again_at - self.machine_now).total_seconds() if report.look_again_at else 60.0
        return min(max(wait, 1.0), 60.0)

    def note_furthest(self) -> None:
        """How far each session's room may have come, since a clock that is put back undoes nothing."""
        for one in CoachingSession.select():
            timing, reached = self.timing, self.state_by_clock(one)
            former = self.furthest.get(one.id)
            if former and former[0] == timing:
                reached = max(reached, former[1], key=IN_ORDER.index)
            self.furthest[one.id] = (timing, reached)

    # --- What ought to be

    def wrongs(self) -> list[str]:
        """What of the promises does not hold; empty when all is well."""
        channels = dict(self.host.channels)
        found = [f"stray {channel.name}" for _, channel in channels.values() if not self.session_of(channel.name)]
        for one in CoachingSession.select():
            own = [key for key, (_, channel) in channels.items() if self.session_of(channel.name) == one]
            found += self.wrongs_of(one, own)
        return found

    def wrongs_of(self, one: CoachingSession, own: list[str]) -> list[str]:
        """What is wrong with the session's channels `own`."""
        if len(own) > 1:
            return [f"{len(own)} channels of {one.code}"]
        allowed = self.allowed_states(one)
        if not own:
            return [] if allowed & {RoomState.ABSENT, RoomState.REMOVED} else [f"no channel of {one.code}: {allowed}"]
        seen_by = {who for who in (*ACCOUNTS, STRANGER) if self.host.can_see(own[0], who)}
        for state in allowed - {RoomState.ABSENT, RoomState.REMOVED}:
            if seen_by == (self.members_of(one) if state == RoomState.OPEN else set()):
                return []
        return [f"{one.code} is seen by {seen_by}, may be {allowed}"]

    def allowed_states(self, one: CoachingSession) -> set[RoomState]:
        """What the room may be: what the clock says, or further where the clock has been put back since."""
        if one.state == "cancelled":
            return {RoomState.REMOVED}
        least, most = self.state_by_clock(one), self.furthest[one.id][1]
        allowed = set(IN_ORDER[IN_ORDER.index(least) : IN_ORDER.index(most) + 1])
        opens_soon = timedelta(0) < session_timeline(one).opens_at - self.now <= 2 * MINUTE
        if one.ends_at <= self.now or opens_soon:
            # After its end a session gets no room any more, and right before the opening none that has to be opened.
            allowed.add(RoomState.ABSENT)
        return allowed

    def state_by_clock(self, one: CoachingSession) -> RoomState:
        due = session_timeline(one)
        reached = [RoomState.ABSENT]
        for at, state in zip((due.made_at, due.opens_at, due.closes_at, due.removed_at), IN_ORDER[1:], strict=True):
            reached += [state] if at <= self.now else []
        return reached[-1]

    def members_of(self, one: CoachingSession) -> set[str]:
        """The accounts of coach and student that are on the server."""
        links = [find_discord_link(person) for person in (one.coach, one.seats.get().student)]
        return {
            link.discord_user_id for link in links if link and (GUILD_ID, link.discord_user_id) not in self.host.gone
        }

    def session_of(self, name: str) -> CoachingSession | None:
        room = Room.get_or_none(Room.code == name.removeprefix("coaching-"))
        return room and room.coaching_session

    # --- Means

    @property
    def timing(self) -> RoomTiming:
        product = Product.get_by_id(self.product.id)
        return RoomTiming(product.make_minutes, product.open_minutes, product.close_minutes, product.remove_minutes)

    @property
    def machine_now(self) -> datetime:
        return MACHINE + timedelta(seconds=self.slept)

    def sleep(self, seconds: float) -> None:
        self.slept += seconds
        self.now += timedelta(seconds=seconds)

    def link(self, name: str, account: str) -> None:
        details = DiscordAccount(account, f"{name}_d", name.title(), None)
        discord_mutations.link_discord(self.people[name], details, self.machine_now, may_replace=True)


@pytest.mark.parametrize("shard", range(SHARDS))
def test_whatever_happens_the_promises_hold_when_it_has_settled(
    db: None, request: pytest.FixtureRequest, shard: int
) -> None:
    steps = request.config.getoption("--lives")
    seeded = type(f"Lives{shard}", (Lives,), {})
    run_state_machine_as_test(
        seeded,
        settings=settings(
            max_examples=max((steps or 2000) // SHARDS // STEPS_A_LIFE, 1),
            stateful_step_count=STEPS_A_LIFE,
            derandomize=not steps,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
