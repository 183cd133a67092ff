"""Anything that may happen to sessions, people, clocks, Discord and the worker, as the rules of a state machine."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from peewee import IntegrityError

from coaching.accounts import discord_mutations
from coaching.accounts.details import DiscordAccount
from coaching.accounts.queries import find_discord_link
from coaching.booking.models import CoachingSession
from coaching.booking.mutations import cancel_session
from coaching.catalog.guild_mutations import record_guild_verification, record_verification_lost
from coaching.catalog.models import Product, Store
from coaching.catalog.store_mutations import set_access_mode
from coaching.catalog.timing import DEFAULT, EARLY_DOORS, JUST_IN_TIME, OPEN_AT_BOOKING, RoomTiming
from coaching.db import database
from coaching.errors import CoachingError
from coaching.rooms import manual_mutations
from coaching.rooms.models import Presence, Room
from coaching.schema import MODELS
from sandbox.faults import Fault
from tests import factories
from tests.clocks import at
from tests.fakes import Killed
from tests.rooms.reconciling import reconcile
from tests.rooms.reference_model import RUNNING, SHARED_ROLE, Booking, Model, Shop
from tests.rooms.simulated_discord import ACCOUNTS, BOT, GUILD, LOUNGE, STRANGER, SimulatedDiscord, Trouble

T = TypeVar("T")
MINUTE = timedelta(minutes=1)
EPOCH = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
# Whatever is refused, held up or of unknown outcome is settled by then: the longest pause there is, a sweep after it.
SETTLES_WITHIN = timedelta(hours=1, minutes=30)
MOST_BOOKINGS = 7
SHOPS = {"alice": "Alice", "carol": "Carol"}
STUDENTS = ("bob", "dave")
PEOPLE = (*SHOPS, *STUDENTS)
MODES = ("members", "session_role", "shared_role")
TIMINGS = (DEFAULT, EARLY_DOORS, JUST_IN_TIME, OPEN_AT_BOOKING, RoomTiming(60, 0, 0, 0), RoomTiming(5, 5, 5, 20, 20))
METHODS = ("*", "GET", "POST", "PATCH", "PUT", "DELETE")
ROUTES = (
    ("*", "/**"),
    ("POST", "/guilds/*/channels"),
    ("GET", "/guilds/*/channels"),
    ("POST", "/guilds/*/roles"),
    ("PATCH", "/channels/*"),
    ("GET", "/channels/*"),
    ("DELETE", "/channels/*"),
    ("POST", "/channels/*/messages"),
    ("*", "/guilds/*/members/*"),
    ("PUT", "/guilds/*/members/*/roles/*"),
    ("DELETE", "/guilds/*/members/*/roles/*"),
    ("DELETE", "/guilds/*/roles/*"),
    ("GET", "/guilds/*/voice-states/*"),
    ("GET", "/guilds/*"),
)
FAULTS = {
    "401": Fault("401"),
    "403 50013": Fault("403"),
    "403 50001": Fault("50001"),
    "500": Fault("5xx", status=500),
    "502 after effect": Fault("5xx_after", status=502),
    "429 short": Fault("429", seconds=2),
    "429 long": Fault("429", seconds=180),
    "429 global": Fault("429_global", seconds=3),
    "429 Cloudflare": Fault("429_cloudflare", seconds=90),
    "dropped before effect": Fault("drop_before"),
    "dropped after effect": Fault("drop_after"),
    "guild full": Fault("30013"),
}
NO_ROLES_FOR = timedelta(hours=36)
NO_MORE_ROLES = {"250 roles": Fault("30005"), "429 for days": Fault("429", seconds=NO_ROLES_FOR.total_seconds())}
CATEGORY_FULL = Fault("50035", field="parent_id", inner="CHANNEL_PARENT_MAX_CHANNELS")
LINE_TROUBLES = ("refused", "late", "killed_before", "killed_after", "bug")
THRESHOLDS = ("made", "opens", "closes", "goes", "limit")
# What follows upon what happens: nothing yet, a worker who looks, some minutes of it, or that everything settles.
AFTERWARDS = st.sampled_from(("nothing", "nothing", "a look", "a look", "minutes", "settle"))


class RoomsMachine(RuleBasedStateMachine):
    """Two stores on one guild, two students, and whatever may come over them."""

    def __init__(self) -> None:
        super().__init__()
        for model in reversed(MODELS):
            model.delete().execute()
        self.discord = SimulatedDiscord(EPOCH)
        self.model = Model(self.discord)
        self.discord.on_time = self.model.note_time
        self.discord.on_change = self.model.note_leaks
        self.discord.on_asked = self.model.note_asked
        self.discord.on_put_out = lambda account, seat: self.model.note_put_out(account, seat, self.running())
        self.people = {name: factories.make_person(name.title()) for name in PEOPLE}
        self.stores = {
            name: factories.make_store(self.people[name], guild=factories.make_guild(GUILD)) for name in SHOPS
        }
        self.products = {}
        for name, store in self.stores.items():
            schedule = factories.make_schedule(self.people[name], weekdays=range(0))
            self.products[name] = factories.make_product(store, schedule=schedule)
            self.model.shops[name] = Shop(store.id, name)
        for name, account in zip(PEOPLE, ACCOUNTS, strict=False):
            self.link(name, account)

    # --- Sessions

    @initialize(mode=st.sampled_from(MODES), other=st.sampled_from(MODES), ahead=st.integers(1, 50))
    def begin(self, mode: str, other: str, ahead: int) -> None:
        self.change_mode("alice", mode, "nothing")
        self.change_mode("carol", other, "nothing")
        self.book("alice", "bob", ahead, False, "nothing")
        self.book("carol", "bob", 1, True, "nothing")

    @rule(
        coach=st.sampled_from(sorted(SHOPS)),
        student=st.sampled_from(STUDENTS),
        ahead=st.integers(1, 50),
        follows_on=st.booleans(),
        then=AFTERWARDS,
    )
    def book(self, coach: str, student: str, ahead: int, follows_on: bool, then: str) -> None:
        shop, bookings = self.model.shops[coach], self.model.bookings
        if len(bookings) >= MOST_BOOKINGS:
            return
        starts_at = self.discord.now + ahead * MINUTE
        if follows_on and bookings:
            starts_at = max(starts_at, bookings[-1].ends_at)
        try:
            with database.atomic():
                made = factories.make_coaching_session(
                    self.products[coach],
                    self.people[student],
                    coach=self.people[coach],
                    starts_at=starts_at,
                    minutes=30,
                    created_at=self.discord.now,
                )
        except IntegrityError:
            return
        bookings.append(Booking(made.id, shop, student, starts_at, made.ends_at, self.discord.now))
        self.follow(then)

    @precondition(lambda self: self.model.bookings)
    @rule(data=st.data(), by_coach=st.booleans(), then=AFTERWARDS)
    def cancel(self, data: st.DataObject, by_coach: bool, then: str) -> None:
        booking = self.some_booking(data)
        person = self.people[booking.shop.coach if by_coach else booking.student]
        try:
            cancel_session(CoachingSession.get_by_id(booking.session_id), person, self.discord.now)
        except CoachingError:
            return
        booking.is_cancelled = True
        self.discord.unsettle_seats()
        self.follow(then)

    @precondition(lambda self: self.model.bookings)
    @rule(data=st.data(), wish=st.sampled_from(("open", "more", "close")), then=AFTERWARDS)
    def coach_steers(self, data: st.DataObject, wish: str, then: str) -> None:
        self.steer(self.some_booking(data), wish)
        self.discord.unsettle_seats()
        self.follow(then)

    @rule(coach=st.sampled_from(sorted(SHOPS)), timing=st.sampled_from(TIMINGS), then=AFTERWARDS)
    def change_timing(self, coach: str, timing: RoomTiming, then: str) -> None:
        shop = self.model.shops[coach]
        if timing.opens_at_booking and shop.mode != SHARED_ROLE:
            return
        shop.timing = timing
        Product.update(
            make_minutes=timing.make_minutes,
            open_minutes=timing.open_minutes,
            close_minutes=timing.close_minutes,
            remove_minutes=timing.remove_minutes,
            overrun_minutes=timing.overrun_minutes,
            opens_at_booking=timing.opens_at_booking,
        ).where(Product.id == self.products[coach].id).execute()
        self.discord.unsettle_seats()
        self.follow(then)

    @rule(coach=st.sampled_from(sorted(SHOPS)), mode=st.sampled_from(MODES), then=AFTERWARDS)
    def change_mode(self, coach: str, mode: str, then: str) -> None:
        try:
            set_access_mode(self.store(coach), mode, self.discord.now)
        except CoachingError:
            return
        self.model.note_mode(self.model.shops[coach], mode)
        self.discord.unsettle_seats()
        self.follow(then)

    @rule(coach=st.sampled_from(sorted(SHOPS)), then=AFTERWARDS)
    def verification_changes(self, coach: str, then: str) -> None:
        shop = self.model.shops[coach]
        shop.is_verified = not shop.is_verified
        if shop.is_verified:
            record_guild_verification(self.store(coach), GUILD, "Nova Studio", self.discord.now)
        else:
            record_verification_lost(self.store(coach), self.discord.now)
        self.follow(then)

    # --- People

    @rule(name=st.sampled_from(PEOPLE), account=st.sampled_from(ACCOUNTS), then=AFTERWARDS)
    def relink(self, name: str, account: str, then: str) -> None:
        try:
            self.link(name, account)
        except CoachingError:
            return
        self.discord.unsettle_seats()
        self.follow(then)

    @rule(name=st.sampled_from(PEOPLE), then=AFTERWARDS)
    def unlink(self, name: str, then: str) -> None:
        discord_mutations.unlink_discord(self.people[name], self.discord.machine_now)
        self.model.links.pop(name, None)
        self.discord.unsettle_seats()
        self.follow(then)

    @rule(account=st.sampled_from(ACCOUNTS), then=AFTERWARDS)
    def leave_guild(self, account: str, then: str) -> None:
        self.discord.leave(account)
        self.model.let_in = {pair for pair in self.model.let_in if pair[1] != account}
        self.follow(then)

    @rule(then=AFTERWARDS)
    def return_to_guild(self, then: str) -> None:
        self.discord.come_back()
        self.follow(then)

    @precondition(lambda self: self.model.bookings)
    @rule(data=st.data(), by_coach=st.booleans(), then=AFTERWARDS)
    def enter_voice(self, data: st.DataObject, by_coach: bool, then: str) -> None:
        booking = self.some_booking(data)
        self.enter_room(booking, booking.shop.coach if by_coach else booking.student)
        self.follow(then)

    @precondition(lambda self: self.model.bookings)
    @rule(data=st.data(), then=AFTERWARDS)
    def they_meet(self, data: st.DataObject, then: str) -> None:
        """Time has come for this session, and both are there."""
        booking = self.some_booking(data)
        self.pass_until(booking.starts_at)
        self.enter_room(booking, booking.shop.coach)
        self.enter_room(booking, booking.student)
        self.discord.sleep(150)
        self.settle()
        self.follow(then)

    @precondition(lambda self: self.discord.seats)
    @rule(data=st.data(), then=AFTERWARDS)
    def leave_voice(self, data: st.DataObject, then: str) -> None:
        self.discord.hang_up(pick(data, sorted(self.discord.seats)))
        self.follow(then)

    @precondition(lambda self: self.discord.ours())
    @rule(data=st.data(), account=st.sampled_from((STRANGER, *ACCOUNTS)), then=AFTERWARDS)
    def somebody_enters(self, data: st.DataObject, account: str, then: str) -> None:
        """Whoever sees a room may go in, be it theirs or not."""
        self.discord.enter(account, pick(data, self.discord.ours()))
        self.model.note_time()
        self.follow(then)

    # --- Moderators

    @precondition(lambda self: self.discord.ours())
    @rule(data=st.data(), then=AFTERWARDS)
    def moderator_deletes_channel(self, data: st.DataObject, then: str) -> None:
        self.discord.delete_channel(pick(data, self.discord.ours()))
        self.follow(then)

    @precondition(lambda self: self.discord.roles())
    @rule(data=st.data(), then=AFTERWARDS)
    def moderator_deletes_role(self, data: st.DataObject, then: str) -> None:
        self.model.with_changed_roles |= set(ACCOUNTS)
        self.discord.delete_role(pick(data, self.discord.roles()))
        self.follow(then)

    @precondition(lambda self: self.discord.ours())
    @rule(data=st.data(), edit=st.sampled_from(("let in", "drop one", "drop the bot")), then=AFTERWARDS)
    def moderator_edits(self, data: st.DataObject, edit: str, then: str) -> None:
        channel = pick(data, self.discord.ours())
        others = sorted({entry.id for entry in channel.overwrites} - {BOT, GUILD})
        if edit == "let in":
            self.model.let_in.add((channel.id, STRANGER))
            self.discord.let_in(channel, STRANGER)
        elif edit == "drop the bot":
            self.discord.drop_entry(channel, BOT)
        elif others:
            self.discord.drop_entry(channel, pick(data, others))
        self.follow(then)

    @precondition(lambda self: self.discord.roles())
    @rule(data=st.data(), account=st.sampled_from((STRANGER, *ACCOUNTS)), gives=st.booleans(), then=AFTERWARDS)
    def moderator_changes_role(self, data: st.DataObject, account: str, gives: bool, then: str) -> None:
        role = pick(data, self.discord.roles())
        self.model.with_changed_roles.add(account)
        if gives and self.discord.is_member(account):
            self.model.let_in.add((role.id, account))
            self.discord.give_role(role, account)
        elif not gives:
            self.model.let_in.discard((role.id, account))
            self.discord.take_role(role, account)
        self.follow(then)

    # --- Discord, the line to it, and the worker

    @rule(
        fault=st.sampled_from(sorted(FAULTS)),
        route=st.sampled_from(ROUTES),
        times=st.integers(1, 4),
        skip=st.integers(0, 3),
        then=AFTERWARDS,
    )
    def discord_fails(self, fault: str, route: tuple[str, str], times: int, skip: int, then: str) -> None:
        self.order(FAULTS[fault], *route, times, skip)
        self.follow(then)

    @rule(fault=st.sampled_from(sorted(NO_MORE_ROLES)), then=AFTERWARDS)
    def discord_has_no_more_roles(self, fault: str, then: str) -> None:
        self.model.has_fallen_back = True
        # Should it strike now: from the rest on nobody expects a shared role before that time.
        self.model.no_roles_until = self.discord.machine_now + NO_ROLES_FOR
        self.order(NO_MORE_ROLES[fault], "POST", "/guilds/*/roles", 1, 0)
        self.follow(then)

    @rule(then=AFTERWARDS)
    def category_is_full(self, then: str) -> None:
        self.model.most_categories += 1
        self.order(CATEGORY_FULL, "POST", "/guilds/*/channels", 1, 0)
        self.follow(then)

    @rule(
        kind=st.sampled_from(LINE_TROUBLES),
        method=st.sampled_from(METHODS),
        times=st.integers(1, 3),
        skip=st.integers(0, 5),
        then=AFTERWARDS,
    )
    def line_breaks(self, kind: str, method: str, times: int, skip: int, then: str) -> None:
        self.discord.troubles.append(Trouble(kind, method, times, skip))
        self.follow(then)

    @rule(seconds=st.integers(0, 90))
    def worker_looks(self, seconds: int) -> None:
        self.discord.sleep(seconds)
        self.work()

    @rule(minutes=st.integers(1, 30), then=AFTERWARDS)
    def minutes_pass(self, minutes: int, then: str) -> None:
        self.discord.sleep(minutes * 60)
        self.follow(then)

    @precondition(lambda self: self.model.bookings)
    @rule(data=st.data(), threshold=st.sampled_from(THRESHOLDS), then=AFTERWARDS)
    def time_comes(self, data: st.DataObject, threshold: str, then: str) -> None:
        """The worker was there all the while, now and then at least."""
        self.pass_until(getattr(self.model.times(self.some_booking(data)), threshold))
        self.follow(then)

    @precondition(lambda self: self.model.bookings)
    @rule(data=st.data(), then=AFTERWARDS)
    def call_passes(self, data: st.DataObject, then: str) -> None:
        """The call goes by from its start to its end, and the worker looks all the while."""
        booking = self.some_booking(data)
        self.pass_until(booking.starts_at)
        self.watch_until(booking.ends_at)
        self.follow(then)

    @rule(minutes=st.integers(-60, 90), then=AFTERWARDS)
    def clock_jumps(self, minutes: int, then: str) -> None:
        if minutes < 0:
            self.model.note_opened(self.running())
        self.discord.now += minutes * MINUTE
        self.model.note_time()
        self.follow(then)

    def teardown(self) -> None:
        try:
            # Whatever it was, it ends: two days on, any room is one too many.
            self.discord.sleep(60)
            self.discord.now += timedelta(days=2)
            self.model.note_time()
            self.settle()
        finally:
            self.discord.end()

    def pass_until(self, instant: datetime) -> None:
        """It is that time, and a worker has looked shortly before; a time that has passed stays so."""
        for left in (timedelta(minutes=2), timedelta(0)):
            seconds = (instant - left - self.discord.now).total_seconds()
            if seconds > 0:
                self.discord.sleep(seconds)
                self.work()

    def watch_until(self, instant: datetime) -> None:
        """It is that time, and a worker has looked often enough to say who was not there."""
        while self.discord.now < instant:
            self.discord.sleep(240)
            self.work()

    def enter_room(self, booking: Booking, who: str) -> None:
        account = self.model.links.get(who, "")
        own = [key for key in self.discord.ours() if self.model.session_of(key) == booking.session_id]
        for channel in own or [key for key in self.discord.all_channels() if key.id == LOUNGE]:
            self.discord.enter(account, channel)
        self.model.note_time()

    # --- How it settles

    def follow(self, then: str) -> None:
        """What comes of it, sooner or later."""
        self.model.note_time()
        if then == "a look":
            self.work()
        elif then == "minutes":
            for _ in range(3):
                self.discord.sleep(min(self.work(), 60))
        elif then == "settle":
            self.settle()
        assert not self.model.found, self.model.found

    def settle(self) -> None:
        """Nothing breaks any more, and soon the promises hold."""
        self.work()
        self.discord.end_trouble()
        until = self.discord.machine_now + SETTLES_WITHIN
        longest = 60.0
        while True:
            wait = self.work(by_hand=True)
            wrongs = [*self.model.wrongs(self.states()), *self.unseen()]
            if not wrongs:
                break
            assert self.discord.machine_now <= until, wrongs
            self.discord.sleep(min(wait, longest))
            longest = min(longest * 1.5, 600)
        assert not self.model.found, self.model.found
        self.note_settled()

    def note_settled(self) -> None:
        """Whoever is inside has been seen there; what moderators did to channels is undone."""
        self.model.note_seen()
        self.model.let_in -= {(key.id, STRANGER) for key in self.discord.ours()}

    def work(self, by_hand: bool = False) -> float:
        """One run, and how long until the worker looks again. A dead one is replaced after half a minute."""
        began = self.discord.machine_now
        try:
            report = reconcile(
                self.discord.host,
                at(self.discord.now, began),
                by_hand=by_hand,
                sleep=self.discord.sleep,
                monotonic=lambda: self.discord.slept,
            )
        except Killed:
            self.discord.sleep(31)
            return 0.0
        wait = (report.next_at - self.discord.machine_now).total_seconds() if report.next_at else 60.0
        return max(wait, 1.0)

    # --- Means

    def order(self, fault: Fault, method: str, route: str, times: int, skip: int) -> None:
        self.discord.order(Fault(**{**vars(fault), "method": method, "route": route, "times": times, "skip": skip}))

    def steer(self, booking: Booking, wish: str) -> None:
        """The coach pressed a button on the session's page, which may have been too late."""
        now = self.discord.now
        coaching_session, coach = CoachingSession.get_by_id(booking.session_id), self.people[booking.shop.coach]
        planned = self.planned_opening(booking)
        try:
            if wish == "open":
                manual_mutations.open_now(coaching_session, coach, now)
                booking.opened_at, booking.closed_at = now, None
            elif wish == "more":
                manual_mutations.add_minutes(coaching_session, coach, 10, now)
                booking.extra, booking.closed_at = booking.extra + 10 * MINUTE, None
            else:
                manual_mutations.close_now(coaching_session, coach, now)
                booking.opened_at, booking.closed_at = None, None if now < planned else now
        except CoachingError:
            return

    def some_booking(self, data: st.DataObject) -> Booking:
        return pick(data, self.model.bookings)

    def planned_opening(self, booking: Booking) -> datetime:
        opened_at, booking.opened_at = booking.opened_at, None
        planned, booking.opened_at = self.model.times(booking).opens, opened_at
        return planned

    def states(self) -> dict[int, tuple[str, str | None]]:
        return {
            coaching_session.id: (coaching_session.state, coaching_session.absent)
            for coaching_session in CoachingSession.select()
        }

    def unseen(self) -> list[str]:
        """Who sits in an open room and has not been noticed."""
        seen = Presence.select(Presence, Room).join(Room).where(Presence.is_inside)
        known = {(presence.room.coaching_session_id, presence.person_id) for presence in seen}
        return [
            f"{who} is in {key} unseen" for key, who in self.model.inside() if (key, self.people[who].id) not in known
        ]

    def running(self) -> set[int]:
        return {key for key, (state, _) in self.states().items() if state in RUNNING}

    def store(self, coach: str) -> Store:
        store: Store = Store.get_by_id(self.stores[coach].id)
        return store

    def link(self, name: str, account: str) -> None:
        details = DiscordAccount(account, f"{name}_d", name.title(), None)
        discord_mutations.link_discord(self.people[name], details, self.discord.machine_now, may_replace=True)
        self.model.links = {
            who: link.discord_user_id for who, person in self.people.items() if (link := find_discord_link(person))
        }


def pick(data: st.DataObject, options: Sequence[T]) -> T:
    """One of them, told by its place: what is drawn is printed."""
    return options[data.draw(st.integers(0, len(options) - 1))]
