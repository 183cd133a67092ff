"""The fault matrix: a room's life, in each mode, in which calls of one kind meet one trouble for two minutes.

The worker lives on, or it dies at the first such call and another one comes up when its claim has run out.
"""

import random
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from coaching.booking.models import CoachingSession, Seat
from coaching.catalog.models import Store
from coaching.guild_parts import CATEGORY, VOICE
from coaching.guild_rights import VIDEO_RIGHTS
from coaching.rooms.models import Room
from coaching.rooms.orphans.mutations import want_sweep
from sandbox import admin_actions, seed
from sandbox.records import FOR_MEMBER, Channel, Overwrite
from tests import factories
from tests.clocks import at
from tests.fakes import Killed
from tests.rooms.in_process_sandbox import (
    COACH,
    GUILD,
    STUDENT,
    InProcessHost,
    InProcessSandbox,
    Snapshot,
    Wire,
    WireFault,
)
from tests.rooms.kept_tables import KeptTables
from tests.rooms.reconciling import reconcile

START = datetime(2027, 3, 1, 15, 0, tzinfo=UTC)
END = START + timedelta(hours=1)
MINUTE = timedelta(minutes=1)
READY = START - 120 * MINUTE  # the category, or the shared role with its own, stands before any room is due
MADE, LATE_BOOKING, OPEN = START - 30 * MINUTE, START - 5 * MINUTE, START - 15 * MINUTE
CLOSED, LIMIT, REMOVED = END + 15 * MINUTE, END + 60 * MINUTE, END + 120 * MINUTE
GIVEN_UP = REMOVED + 10 * MINUTE
TROUBLE_LASTS = 2 * MINUTE
# A room taken for deleted by mistake leaves an orphan, which is searched for after a minute.
SWEPT_WITHIN = 3 * MINUTE
# A supervisor starts a worker that died, and by then its claim has run out.
BACK_AFTER = 31.0
BOTH = frozenset({COACH, STUDENT})
NOBODY: frozenset[str] = frozenset()

MEMBERS, SESSION_ROLE, SHARED_ROLE = "members", "session_role", "shared_role"
TROUBLES: dict[str, dict[str, Any]] = {
    "refused connection": {"kind": "refused"},
    "time-out, late effect": {"kind": "time-out before"},
    "time-out after effect": {"kind": "time-out after"},
    "dropped before effect": {"kind": "drop_before"},
    "dropped after effect": {"kind": "drop_after"},
    "500": {"kind": "5xx", "status": 500},
    "500 after effect": {"kind": "5xx_after", "status": 500},
    "429 short": {"kind": "429", "seconds": 4},
    "429 long": {"kind": "429", "seconds": 300},
    "429 Cloudflare": {"kind": "429_cloudflare", "seconds": 90},
    "401": {"kind": "401"},
    "403 50001": {"kind": "50001"},
    "403 50013": {"kind": "50013"},
    "404": {"kind": "404"},
}
# Nothing but the death of the worker itself.
DEATHS = ("before effect", "after effect")
# How often a call is made within the two minutes: with growing pauses, but as soon as we are told where we are told.
MOST_STRUCK = {"429 short": 10, "429 long": 3, "429 Cloudflare": 3, "401": 4, "403 50001": 6, "403 50013": 6, "404": 8}
USUALLY_STRUCK = 16
# Beside those, in two minutes of trouble and until all is known to be right; an undisturbed life takes 22 to 38 calls.
MOST_OTHERS = 70
# Told that a room which exists is unknown, by the one call that is the proof of it, one has to make another; the sweep
# removes the first. Every other 404 is checked by asking again in another way, but for those about people: who is said
# to be no member is shut out as long as that is said.
LIES = {("check", "404"): "room"}


@dataclass(frozen=True)
class Ask:
    """How a kind of call looks to Discord."""

    method: str
    path: str
    body: dict[str, Any] = field(default_factory=dict)

    def meets(self, trouble: dict[str, Any], *, times: int | None = None, dies: str = "") -> WireFault:
        """What such calls meet."""
        return WireFault(self.method, self.path, trouble, self.body, times, dies)


MAKE_ROOM = Ask("POST", "/guilds/*/channels", {"type": VOICE})
MAKE_CATEGORY = Ask("POST", "/guilds/*/channels", {"type": CATEGORY})
MAKE_ROLE = Ask("POST", "/guilds/*/roles")
LIST, GUILD_ROLES = Ask("GET", "/guilds/*/channels"), Ask("GET", "/guilds/*")
CHANNEL, EDIT, DELETE = Ask("GET", "/channels/*"), Ask("PATCH", "/channels/*"), Ask("DELETE", "/channels/*")
DELETE_ROLE = Ask("DELETE", "/guilds/*/roles/*")
GIVE, TAKE = Ask("PUT", "/guilds/*/members/*/roles/*"), Ask("DELETE", "/guilds/*/members/*/roles/*")
POST, MEMBER, VOICE_STATE = (
    Ask("POST", "/channels/*/messages"),
    Ask("GET", "/guilds/*/members/*"),
    Ask("GET", "/guilds/*/voice-states/*"),
)
GUEST = seed.STRANGER_ID
LOOK_FOR_GUEST = Ask("GET", f"/guilds/*/voice-states/{GUEST}")
DISCONNECT, MYSELF = Ask("PATCH", "/guilds/*/members/*"), Ask("GET", "/users/@me")


@dataclass(frozen=True)
class Call:
    """One kind of call: how it looks, when a life needs it, and what had to happen for that.

    `lost` is a creation that took effect while its answer was lost; `by_hand` happens right before the call is due.
    """

    name: str
    ask: Ask
    at: datetime
    before: tuple[datetime, ...] = ()
    lost: Ask | None = None
    by_hand: "Callable[[Lifecycle], object] | None" = None
    is_talk: bool = False
    right_within: timedelta = 4 * MINUTE
    double: str = ""  # of what there are two from the beginning
    not_with: tuple[str, ...] = ()  # troubles that are no trouble here but an answer


# How often it is looked for orphans, and after a shared part.
RARELY = 10 * MINUTE


@dataclass
class Outcome:
    """What became of a room whose calls met trouble."""

    calls: int = 0
    changes: int = 0
    struck: int = 0  # calls that met the trouble
    deaths: int = 0
    right_after: timedelta = timedelta()
    doubles: set[str] = field(default_factory=set)
    seen_wrongly: list[str] = field(default_factory=list)
    left_over: tuple[int, ...] = ()
    state: str = ""


class Lifecycle:
    """One session's room from before its making until after its removal."""

    def __init__(self, sandbox: InProcessSandbox, mode: str = MEMBERS, *, is_talk: bool = False) -> None:
        self.sandbox, self.clock, self.mode, self.is_talk = sandbox, sandbox.clock, mode, is_talk
        sandbox.begin_anew()
        self.clock.to_come.clear()
        self.wire = Wire(sandbox)
        self.host = InProcessHost(self.wire)
        self.outcome = Outcome()
        self.is_wanted = self.has_category = self.is_public = True
        self.moved_by = timedelta()
        self.guests: set[str] = set()
        self.ahead = START - timedelta(hours=3) - self.clock.machine_now
        self.coaching_session = book(mode)
        # Pauses have jitter: the same one each time, so that a cell of the matrix is the same each time.
        random.seed(7)

    @property
    def now(self) -> datetime:
        return self.clock.machine_now + self.ahead

    def meet(self, call: Call, trouble: str, *, is_killed: bool = False) -> Outcome:
        """The whole life, with this trouble at every such call for two minutes from when it is first due."""
        self.is_talk = call.is_talk
        self.live_until(call.before)
        if call.by_hand:
            self.clock.sleep(max((call.at - self.now).total_seconds(), 0.0))
            call.by_hand(self)
        if call.lost:
            self.wire.faults.append(call.lost.meets(TROUBLES["dropped after effect"], times=1))
        dies = {"before effect": "before"}.get(trouble, "after") if is_killed else ""
        fault = call.ask.meets(TROUBLES.get(trouble, {}), dies=dies, times=1 if trouble in DEATHS else None)
        self.wire.faults.append(fault)
        self.go_to(call.at)
        self.work_until(call.at + TROUBLE_LASTS)
        self.wire.faults.clear()
        self.outcome.struck = fault.struck
        self.heal()
        return self.live_on()

    def live_until(self, instants: tuple[datetime, ...]) -> None:
        """These instants without trouble: alike in many lives, so lived once in each sandbox and gone on with."""
        if not instants:
            return
        beginning = (self.mode, self.is_talk and OPEN in instants, instants)
        if not self.sandbox.beginnings.get(beginning):
            self.live_until(instants[:-1])
            self.go_to(instants[-1])
            self.sandbox.beginnings[beginning] = self.keep()
        self.sandbox.beginnings[beginning](self)

    def keep(self) -> "Callable[[Lifecycle], None]":
        """This life so far: what comes back makes another one that has only begun go on from here."""
        tables, bring_world_back, dice = KeptTables(), self.sandbox.keep(), random.getstate()
        ahead, outcome, bot_id = self.ahead, deepcopy(self.outcome), self.host._bot_id
        calls, waited = list(self.wire.calls), self.wire.waited

        def go_on(lifecycle: Lifecycle) -> None:
            tables.put_back()
            bring_world_back()
            random.setstate(dice)
            lifecycle.ahead, lifecycle.outcome, lifecycle.host._bot_id = ahead, deepcopy(outcome), bot_id
            lifecycle.wire.calls, lifecycle.wire.waited = list(calls), waited
            lifecycle.coaching_session = CoachingSession.get()

        return go_on

    def live_on(self) -> Outcome:
        """The rest of the life, without trouble."""
        for instant in (READY, MADE, OPEN, *((END, LIMIT) if self.is_talk else (CLOSED,)), REMOVED):
            if instant + self.moved_by > self.now:
                self.go_to(instant + self.moved_by)
                assert self.is_right(), f"{self.now - START} from the start: {self.sandbox.snapshot()}"
        if self.outcome.doubles:
            self.work_until(self.now + SWEPT_WITHIN)
        assert self.is_right(), f"at the end: {self.sandbox.snapshot()}"
        calls = self.wire.calls
        self.outcome.calls = len(calls)
        self.outcome.changes = sum(not call.startswith("GET") for call in calls)
        self.outcome.left_over = self.sandbox.snapshot().things
        self.outcome.state = Room.get(Room.coaching_session == self.coaching_session).state
        return self.outcome

    def heal(self) -> None:
        """The room is right again, and known to be; noted how long after the trouble."""
        healed_from, waited = self.now, self.wire.waited
        # What a lie has left in our own records shows at the next look.
        self.work_until(self.now)
        while not (self.is_right() and self.is_known()) and self.now < healed_from + 20 * MINUTE:
            self.work_until(self.now)
        # Without what the calls themselves take, one after the other at the rate of the budget.
        self.outcome.right_after = self.now - healed_from - timedelta(seconds=round(self.wire.waited - waited, 6))

    def go_to(self, instant: datetime) -> None:
        """Nobody needed anything until then; now a worker looks."""
        self.clock.sleep(max((instant - self.now).total_seconds(), 0.0))
        # The clock counts in floats: it may be a hair past the instant.
        self.work_until(max(instant, self.now))
        if self.is_talk and OPEN <= instant < START:
            room = seed.LOUNGE_CHANNEL_ID if self.mode == SHARED_ROLE else self.sandbox.room().id
            for person in BOTH:
                self.sandbox.by_hand(
                    lambda state, who=person: admin_actions.enter_voice(state, state.find(Channel, room), who)
                )

    def work_until(self, instant: datetime) -> None:
        """A worker looks each minute and at the instants it foretold, as `tasks.py` lets it."""
        while self.now <= instant:
            self.clock.sleep(self.work().total_seconds())

    def work(self) -> timedelta:
        """One run of a worker; how long until the next one."""
        try:
            report = reconcile(
                self.host, at(self.now, self.clock.machine_now), sleep=self.clock.sleep, monotonic=self.clock.monotonic
            )
        except Killed:
            self.outcome.deaths += 1
            self.host = InProcessHost(self.wire)
            return timedelta(seconds=BACK_AFTER)
        finally:
            self.look()
        if report.next_at is None:
            return MINUTE
        return min(MINUTE, max(report.next_at - self.clock.machine_now, timedelta(seconds=1)))

    def look(self) -> None:
        """Note what must not be, whatever the trouble."""
        snapshot = self.sandbox.snapshot()
        for name, there in zip(THINGS, snapshot.things, strict=True):
            if there > 1:
                self.outcome.doubles.add(name)
        if self.mode != SHARED_ROLE and any(messages > 2 for messages in snapshot.messages):
            self.outcome.doubles.add("message")
        for seen_by in (*snapshot.rooms, *snapshot.shared_categories, *snapshot.shared_roles):
            is_early = seen_by and self.now < OPEN + self.moved_by and not self.moved_by
            if seen_by - BOTH - self.guests or is_early:
                self.outcome.seen_wrongly.append(f"{self.now - START}: {sorted(seen_by)}")

    def is_right(self) -> bool:
        """True while Discord has exactly what this instant asks for."""
        snapshot, inside = self.sandbox.snapshot(), self.let_in()
        if self.mode == SHARED_ROLE:
            shared = [inside] if self.is_wanted and self.now >= READY else []
            return snapshot.things[:3] == (0, 0, 0) and snapshot.shared_roles == snapshot.shared_categories == shared
        rooms = [inside] if MADE + self.moved_by <= self.now < self.removed_at else []
        roles = len(rooms) if self.mode == SESSION_ROLE else 0
        categories = 1 if self.is_wanted and self.now >= READY else 0
        is_there = (snapshot.rooms, snapshot.session_roles, snapshot.shared_roles) == (rooms, roles, [])
        is_empty = not snapshot.inside - (BOTH if self.now < self.closed_at else NOBODY)
        return is_there and is_empty and snapshot.categories <= categories and (not inside or self.is_told(snapshot))

    def is_told(self, snapshot: Snapshot) -> bool:
        """True when those inside have read what they ought to: the greeting, and the warning at the planned end."""
        is_warned = self.is_talk and self.now >= END
        return snapshot.messages == [1 + is_warned] or (self.now >= END and not self.is_talk)

    def let_in(self) -> frozenset[str]:
        """Who ought to be let in now."""
        return BOTH if OPEN + self.moved_by <= self.now < self.closed_at else NOBODY

    @property
    def closed_at(self) -> datetime:
        return LIMIT if self.is_talk else CLOSED + self.moved_by

    @property
    def removed_at(self) -> datetime:
        return REMOVED + self.moved_by

    def is_known(self) -> bool:
        """True when no outcome is unknown, nothing waits for another try, and no search for orphans is due."""
        is_open = Room.intended_at.is_null(False) | Room.failing_step.is_null(False)
        return not Room.select().where(is_open).exists()


def wrong_with(call: Call, trouble: str, outcome: Outcome, *, is_killed: bool = False) -> list[str]:
    """What a life that met this trouble must not show, and shows; empty when the promises held."""
    may_be_double = {call.double, LIES.get((call.name, trouble), "")}
    wrongs = {
        "the call never met the trouble": outcome.struck == 0,
        "the worker did not die": outcome.deaths != is_killed,
        f"right only after {outcome.right_after}": outcome.right_after > call.right_within + is_killed * MINUTE,
        f"two of a kind: {outcome.doubles}": not outcome.doubles <= may_be_double,
        f"seen by others or early: {outcome.seen_wrongly}": bool(outcome.seen_wrongly),
        f"called {outcome.struck} times in vain": outcome.struck > MOST_STRUCK.get(trouble, USUALLY_STRUCK),
        f"{outcome.calls - outcome.struck} other calls": outcome.calls - outcome.struck > MOST_OTHERS,
        f"the room is {outcome.state}": outcome.state != "removed",
    }
    return [wrong for wrong, is_so in wrongs.items() if is_so]


THINGS = ("room", "category", "session role", "shared role", "shared category")


# --- What people do by hand


def double_of_room(lifecycle: Lifecycle) -> None:
    """A creation that was given up has taken effect after all, and the search for such is due."""
    _double(lifecycle, lifecycle.sandbox.room())


def double_of_category(lifecycle: Lifecycle) -> None:
    [shared] = lifecycle.sandbox.channels("Coaching ", CATEGORY)
    _double(lifecycle, shared)


def _double(lifecycle: Lifecycle, channel: Channel) -> None:
    lifecycle.sandbox.by_hand(lambda state: state.put(replace(channel, id=state.new_id())))
    want_sweep(GUILD, lifecycle.clock.machine_now)


def double_of_role(lifecycle: Lifecycle) -> None:
    [role] = lifecycle.sandbox.roles(role_words(lifecycle))
    lifecycle.sandbox.by_hand(lambda state: state.put(replace(role, id=state.new_id())))
    want_sweep(GUILD, lifecycle.clock.machine_now)


def delete_role(lifecycle: Lifecycle) -> None:
    """A moderator deletes the role: nobody has it any more, and no channel names it."""
    [role] = lifecycle.sandbox.roles(role_words(lifecycle))

    def act(state: Any) -> None:
        for member in state.every(seed.Member, guild_id=GUILD):
            state.put(replace(member, role_ids=tuple(role_id for role_id in member.role_ids if role_id != role.id)))
        for channel in state.every(Channel, guild_id=GUILD):
            state.put(
                replace(
                    channel, overwrites=tuple(overwrite for overwrite in channel.overwrites if overwrite.id != role.id)
                )
            )
        state.remove(role)

    lifecycle.sandbox.by_hand(act)


def role_words(lifecycle: Lifecycle) -> str:
    return "Session " if lifecycle.mode == SESSION_ROLE else "Coaching Access "


def shut_out(lifecycle: Lifecycle) -> None:
    """A moderator takes the student, or the role, out of the room's entries."""
    [channel] = (
        lifecycle.sandbox.channels("Coaching ", CATEGORY)
        if lifecycle.mode == SHARED_ROLE
        else lifecycle.sandbox.rooms()
    )
    roles = lifecycle.sandbox.roles(role_words(lifecycle)) if lifecycle.mode != MEMBERS else []
    gone = roles[0].id if roles else STUDENT
    kept: tuple[Overwrite, ...] = tuple(overwrite for overwrite in channel.overwrites if overwrite.id != gone)
    lifecycle.sandbox.by_hand(lambda state: state.put(replace(channel, overwrites=kept)))


def let_in_guest(lifecycle: Lifecycle) -> None:
    """A moderator lets somebody in, who sits down there."""
    lifecycle.guests.add(GUEST)
    entry = Overwrite(GUEST, FOR_MEMBER, allow=VIDEO_RIGHTS)
    room = lifecycle.sandbox.room()
    room = replace(room, overwrites=(*room.overwrites, entry))
    lifecycle.sandbox.by_hand(lambda state: state.put(room))
    lifecycle.sandbox.by_hand(admin_actions.enter_voice, room, GUEST)


def leave_voice(lifecycle: Lifecycle) -> None:
    """Everybody has left the call."""
    for person in BOTH:
        lifecycle.sandbox.by_hand(admin_actions.leave_voice, GUILD, person)
    lifecycle.is_talk = False


def move(lifecycle: Lifecycle) -> None:
    """The session is moved to a quarter of an hour later, out of the time in which its room is open."""
    lifecycle.moved_by = 15 * MINUTE
    for row in (*CoachingSession.select(), *Seat.select()):
        for name in ("starts_at", "ends_at", "busy_from", "busy_until"):
            if hasattr(row, name):
                setattr(row, name, getattr(row, name) + lifecycle.moved_by)
        row.save()


def give_up(lifecycle: Lifecycle) -> None:
    """The store has no use for what stands in the guild."""
    lifecycle.is_wanted = False
    if lifecycle.mode == SHARED_ROLE:
        Store.update(access_mode=MEMBERS).execute()
    else:
        Store.update(guild_verified_at=None).execute()


def book(mode: str) -> CoachingSession:
    """Alice coaches Bob from START for an hour; both are in the sandbox's guild."""
    alice = factories.make_person("Alice", linked_as=COACH)
    store = factories.make_store(alice, guild=factories.make_guild(GUILD), access_mode=mode)
    bob = factories.make_person("Bob", linked_as=STUDENT)
    product = factories.make_product(store, remove_minutes=120)
    return factories.make_coaching_session(product, bob, starts_at=START)


# --- The calls of each mode


TALKED = (READY, MADE, OPEN, START, END)
OPENED = (READY, MADE, OPEN)


def in_rooms(*more: Call) -> tuple[Call, ...]:
    """The calls of a mode with a channel for each session."""
    return (
        Call("know itself", MYSELF, READY),
        Call("make category", MAKE_CATEGORY, READY),
        Call("find category of unknown outcome", LIST, READY, lost=MAKE_CATEGORY),
        Call("make hidden", MAKE_ROOM, MADE, (READY,)),
        Call("make open", MAKE_ROOM, LATE_BOOKING, (READY,)),
        Call("find room of unknown outcome", LIST, MADE, (READY,), lost=MAKE_ROOM),
        Call("search for orphans", LIST, MADE, (READY,)),
        Call(
            "remove an orphan",
            DELETE,
            MADE + 2 * MINUTE,
            (READY, MADE),
            by_hand=double_of_room,
            right_within=RARELY,
            double="room",
        ),
        Call("greet", POST, OPEN, (READY, MADE)),
        Call("check", CHANNEL, OPEN + MINUTE, (READY, MADE, OPEN)),
        Call("check member", MEMBER, OPEN + MINUTE, (READY, MADE, OPEN)),
        Call("put right", EDIT, OPEN + MINUTE, (READY, MADE, OPEN), by_hand=shut_out),
        Call("look", VOICE_STATE, START, (READY, MADE, OPEN), is_talk=True),
        Call("warn", POST, END, (READY, MADE, OPEN, START), is_talk=True),
        Call("look before closing", VOICE_STATE, CLOSED, TALKED, by_hand=leave_voice, is_talk=True),
        # Both mean that the person is in no voice channel, or in one that the bot cannot enter: in no room of ours.
        Call("look while they talk", VOICE_STATE, CLOSED, TALKED, is_talk=True, not_with=("404", "403 50001")),
        Call("close", EDIT, CLOSED, (READY, MADE, OPEN, START)),
        Call("close at the limit", EDIT, LIMIT, TALKED, is_talk=True),
        Call("disconnect", DISCONNECT, LIMIT, TALKED, is_talk=True),
        Call(
            "look for a guest",
            LOOK_FOR_GUEST,
            OPEN + MINUTE,
            OPENED,
            by_hand=let_in_guest,
            not_with=("404", "403 50001"),
        ),
        Call("put out a guest", DISCONNECT, OPEN + MINUTE, OPENED, by_hand=let_in_guest),
        Call("remove", DELETE, REMOVED, (READY, MADE, OPEN, START, CLOSED)),
        Call("remove category", DELETE, GIVEN_UP, (READY, MADE, OPEN, CLOSED, REMOVED), by_hand=give_up),
        *more,
    )


CALLS: dict[str, tuple[Call, ...]] = {
    MEMBERS: in_rooms(Call("open", EDIT, OPEN, (READY, MADE))),
    SESSION_ROLE: in_rooms(
        Call("make role", MAKE_ROLE, MADE, (READY,)),
        Call("make role late", MAKE_ROLE, LATE_BOOKING, (READY,)),
        Call("find role of unknown outcome", GUILD_ROLES, MADE, (READY,), lost=MAKE_ROLE),
        Call("search for orphaned roles", GUILD_ROLES, MADE, (READY,)),
        Call(
            "remove an orphan role",
            DELETE_ROLE,
            MADE + 2 * MINUTE,
            (READY, MADE),
            by_hand=double_of_role,
            right_within=RARELY,
            double="session role",
        ),
        Call("give role", GIVE, OPEN, (READY, MADE)),
        Call("take role", TAKE, OPEN + MINUTE, OPENED, by_hand=move),
        Call("see whether role exists", GUILD_ROLES, OPEN + MINUTE, OPENED, by_hand=delete_role),
        Call("remove role", DELETE_ROLE, REMOVED, (*OPENED, START, CLOSED)),
    ),
    SHARED_ROLE: (
        Call("make role", MAKE_ROLE, READY),
        Call("make category", MAKE_CATEGORY, READY),
        Call("find role of unknown outcome", GUILD_ROLES, READY, lost=MAKE_ROLE),
        Call("find category of unknown outcome", LIST, READY, lost=MAKE_CATEGORY),
        Call("search for orphans", LIST, READY),
        Call("search for orphaned roles", GUILD_ROLES, READY),
        Call(
            "remove an orphan",
            DELETE,
            READY + 2 * MINUTE,
            (READY,),
            by_hand=double_of_category,
            right_within=RARELY,
            double="shared category",
        ),
        Call(
            "remove an orphan role",
            DELETE_ROLE,
            READY + 2 * MINUTE,
            (READY,),
            by_hand=double_of_role,
            right_within=RARELY,
            double="shared role",
        ),
        Call("check shared part", CHANNEL, READY + 11 * MINUTE, (READY,), right_within=RARELY),
        Call("put right", EDIT, READY + 11 * MINUTE, (READY,), by_hand=shut_out),
        Call(
            "see whether role exists",
            GUILD_ROLES,
            READY + 11 * MINUTE,
            (READY,),
            by_hand=delete_role,
            right_within=RARELY,
        ),
        Call("give role", GIVE, OPEN, (READY,)),
        Call("check member", MEMBER, OPEN + MINUTE, (READY, OPEN)),
        Call("look", VOICE_STATE, START, (READY, OPEN), is_talk=True),
        Call("take role", TAKE, CLOSED, (READY, OPEN, START)),
        Call("remove category", DELETE, GIVEN_UP, (READY, OPEN, CLOSED, REMOVED), by_hand=give_up),
        Call("remove role", DELETE_ROLE, GIVEN_UP, (READY, OPEN, CLOSED, REMOVED), by_hand=give_up),
    ),
}
