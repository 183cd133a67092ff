"""A room's life against a sandbox on a real socket, while calls of one kind meet one trouble for two minutes."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

from coaching.booking.models import CoachingSession
from coaching.rooms.actions import reconcile
from coaching.rooms.models import Room
from gateways.discord import DiscordHost
from sandbox.app import create_app
from sandbox.config import SandboxConfig
from sandbox.faults import Fault
from tests import factories

BOT_TOKEN = "bot-token-for-tests"
GUILD, COACH, STUDENT = "1210000000000000100", "1210000000000000011", "1210000000000000013"
# They see every channel: the bot, and the guild's owner.
SEE_ALL = {"1210000000000000001", "1210000000000000010"}
MACHINE = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
START = datetime(2027, 3, 1, 15, 0, tzinfo=UTC)
END = START + timedelta(hours=1)
MINUTE = timedelta(minutes=1)
MADE, OPEN, CLOSED, REMOVED = START - 30 * MINUTE, START - 15 * MINUTE, END + 15 * MINUTE, END + 60 * MINUTE
TROUBLE_LASTS = 2 * MINUTE
# How long the one call that is to time out waits for its answer, which comes later.
IMPATIENT_SECONDS, ANSWERED_AFTER = 0.1, 0.2


@dataclass(frozen=True)
class Call:
    """One kind of call to Discord: by whose method it is made, how it looks there, and when a life needs it."""

    name: str
    method: str
    route: str
    at: datetime
    before: tuple[datetime, ...] = ()


MAKE, LIST, CHANNEL = "POST /guilds/*/channels", "GET /guilds/*/channels", "/channels/*"
CALLS = {
    call.name: call
    for call in (
        Call("know itself", "bot_id", "GET /users/@me", MADE),
        Call("make hidden", "create_channel", MAKE, MADE),
        Call("make open", "create_channel", MAKE, START - 5 * MINUTE),
        Call("find in doubt", "list_channels", LIST, MADE),
        Call("search for strays", "list_channels", LIST, MADE),
        Call("open", "set_overwrites", f"PATCH {CHANNEL}", OPEN, (MADE,)),
        Call("greet", "post_message", f"POST {CHANNEL}/messages", OPEN, (MADE,)),
        Call("check", "find_channel", f"GET {CHANNEL}", OPEN + MINUTE, (MADE, OPEN)),
        Call("check member", "find_member", "GET /guilds/*/members/*", OPEN + MINUTE, (MADE, OPEN)),
        Call("close", "set_overwrites", f"PATCH {CHANNEL}", CLOSED, (MADE, OPEN)),
        Call("remove", "delete_channel", f"DELETE {CHANNEL}", REMOVED, (MADE, OPEN, CLOSED)),
    )
}
REFUSED_CONNECTION = "refused connection"
TIME_OUTS = {"time-out, late effect", "time-out after effect"}
TROUBLES: dict[str, dict[str, Any]] = {
    REFUSED_CONNECTION: {},
    "time-out, late effect": {"kind": "delay", "seconds": ANSWERED_AFTER},
    "time-out after effect": {"kind": "delay_after", "seconds": ANSWERED_AFTER},
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


class Clock:
    """The time of product, machine and sandbox alike. It moves by sleeping only, and waits for nothing."""

    def __init__(self) -> None:
        self.slept = 0.0

    def __call__(self) -> float:
        return self.machine_now.timestamp()

    @property
    def machine_now(self) -> datetime:
        return MACHINE + timedelta(seconds=self.slept)

    def monotonic(self) -> float:
        return self.slept

    def sleep(self, seconds: float) -> None:
        self.slept += seconds


class Silent(WSGIRequestHandler):
    def log(self, *message: object) -> None:
        """Nothing is printed."""


class ServedSandbox:
    """The real sandbox on a loopback socket, served by a thread of this process, with its own limits in force."""

    def __init__(self, data_dir: Path, clock: Clock) -> None:
        config = SandboxConfig(data_dir, "http://127.0.0.1:5000", "client secret for tests", BOT_TOKEN, clock=clock)
        self.clock = clock
        self.app = create_app(config)
        self.parts = self.app.extensions["sandbox"]
        self.control = self.app.test_client()
        self.server = make_server("127.0.0.1", 0, self.app, threaded=True, request_handler=Silent)
        self.api_url = f"http://127.0.0.1:{self.server.port}/api/v10"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    def channels(self) -> list[dict[str, Any]]:
        """The channels that carry our word, as they really are."""
        guild: dict[str, Any] = self.control.get(f"/control/guilds/{GUILD}").get_json()
        return [channel for channel in guild["channels"] if channel["name"].startswith("coaching-")]

    def order(self, route: str, **fault: Any) -> None:
        """Calls of this shape go wrong."""
        method, path = route.split()
        self.parts.faults.order(Fault(route=path, method=method, **fault))

    def forget_calls(self) -> None:
        """The log of calls begins anew."""
        self.parts.calls.clear()

    def calls(self) -> list[dict[str, Any]]:
        """The calls in the log, oldest first."""
        calls: list[dict[str, Any]] = self.parts.calls.since(0)
        return calls

    def await_late_answers(self, count: int) -> None:
        """So many calls whose answer was held back have come to their end."""
        deadline = time.monotonic() + 10
        while sum((call["fault"] or "").startswith("delay") for call in self.calls()) < count:
            assert time.monotonic() < deadline, "a call is still under way"
            time.sleep(0.005)

    def clear(self) -> None:
        """None of our channels is left, for the next life."""
        for channel in self.channels():
            self.control.post("/control/delete-channel", json={"channel_id": channel["id"]})

    def end(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
        self.parts.state.close()


class Line:
    """The line to Discord by the port of `coaching/host.py`; calls of one method can be led to a worse end of it."""

    def __init__(self, sandbox: ServedSandbox) -> None:
        self.sandbox = sandbox
        self.good = DiscordHost(sandbox.api_url, BOT_TOKEN)
        self.impatient = DiscordHost(sandbox.api_url, BOT_TOKEN, read_seconds=IMPATIENT_SECONDS)
        self.dead = DiscordHost("http://127.0.0.1:9/api/v10", BOT_TOKEN)
        self.led: dict[str, DiscordHost] = {}
        self.given_up = self.refused = 0

    def __getattr__(self, method: str) -> Callable[..., Any]:
        end = self.led.get(method, self.good)
        self.given_up += end is self.impatient
        self.refused += end is self.dead
        call: Callable[..., Any] = getattr(end, method)
        return call


@dataclass
class Outcome:
    """What became of a room whose calls met trouble."""

    calls: int = 0
    changes: int = 0
    struck: int = 0  # calls that met the trouble
    right_after: timedelta = timedelta()
    most_channels: int = 0
    most_messages: int = 0
    seen_wrongly: list[str] = field(default_factory=list)
    left_over: int = 0
    state: str = ""


class Life:
    """One session's room from before its making until after its removal."""

    def __init__(self, sandbox: ServedSandbox) -> None:
        self.sandbox, self.clock = sandbox, sandbox.clock
        self.line = Line(sandbox)
        self.outcome = Outcome()
        sandbox.forget_calls()
        self.channels: list[dict[str, Any]] = []
        self.ahead = START - timedelta(hours=1) - self.clock.machine_now
        self.coaching_session = book()

    @property
    def now(self) -> datetime:
        return self.clock.machine_now + self.ahead

    def meet(self, call: Call, trouble: str) -> Outcome:
        """The whole life, with this trouble at every such call for two minutes from when it is first due."""
        for instant in call.before:
            self.go_to(instant)
        if call.name == "find in doubt":
            self.sandbox.order(MAKE, kind="drop_after")
        self.begin_trouble(call, trouble)
        self.go_to(call.at)
        self.work_until(call.at + TROUBLE_LASTS)
        self.end_trouble()
        self.heal()
        return self.live_on()

    def live_on(self) -> Outcome:
        """The rest of the life, without trouble."""
        for instant in (MADE, OPEN, START, CLOSED, REMOVED):
            if instant > self.now:
                self.go_to(instant)
                assert self.is_right(), f"{self.now - START} from the start: {self.seen()}"
        # A room taken for deleted by mistake leaves a stray, which is searched for after a minute.
        self.work_until(REMOVED + 3 * MINUTE)
        calls = self.sandbox.calls()
        self.outcome.calls = len(calls)
        self.outcome.changes = sum(call["method"] != "GET" for call in calls)
        self.outcome.struck = sum(call["fault"] is not None for call in calls) + self.line.refused
        self.outcome.left_over = len(self.channels)
        self.outcome.state = Room.get().state
        return self.outcome

    def begin_trouble(self, call: Call, trouble: str) -> None:
        if trouble == REFUSED_CONNECTION:
            self.line.led[call.method] = self.line.dead
            return
        if trouble in TIME_OUTS:
            self.line.led[call.method] = self.line.impatient
        self.sandbox.order(call.route, times=None, **TROUBLES[trouble])

    def end_trouble(self) -> None:
        self.line.led.clear()
        self.sandbox.parts.faults.clear()

    def heal(self) -> None:
        """The room is right again, and known to be; noted how long after the trouble."""
        healed_from = self.now
        while not (self.is_right() and self.is_known()) and self.now < healed_from + 15 * MINUTE:
            self.work_until(self.now)
        self.outcome.right_after = self.now - healed_from

    def go_to(self, instant: datetime) -> None:
        """Nobody needed anything until then; now a worker looks."""
        self.clock.sleep(max((instant - self.now).total_seconds(), 0.0))
        self.work_until(instant)

    def work_until(self, instant: datetime) -> None:
        """A worker looks each minute and at the instants it foretold, as `tasks.py` lets it."""
        while self.now <= instant:
            report = reconcile(
                self.line,  # type: ignore[arg-type]
                self.now,
                self.clock.machine_now,
                sleep=self.sleep,
                monotonic=self.clock.monotonic,
            )
            self.look()
            wait = MINUTE
            if report.look_again_at:
                wait = min(wait, max(report.look_again_at - self.clock.machine_now, timedelta(seconds=1)))
            self.sleep(wait.total_seconds())

    def sleep(self, seconds: float) -> None:
        # Our hours are no time for the sandbox: let it finish what its caller has given up.
        self.sandbox.await_late_answers(self.line.given_up)
        self.clock.sleep(seconds)

    def look(self) -> None:
        """Note what must not be, whatever the trouble."""
        self.channels = self.sandbox.channels()
        self.outcome.most_channels = max(self.outcome.most_channels, len(self.channels))
        for channel, seen_by in zip(self.channels, self.seen(), strict=True):
            self.outcome.most_messages = max(self.outcome.most_messages, len(channel["messages"]))
            if seen_by - {COACH, STUDENT} or (seen_by and self.now < OPEN):
                self.outcome.seen_wrongly.append(f"{self.now - START}: {seen_by}")

    def is_right(self) -> bool:
        """True while Discord has exactly what this instant asks for."""
        if self.seen() != wanted(self.now):
            return False
        is_greeted = all(channel["messages"] for channel in self.channels)
        return is_greeted or not OPEN <= self.now < END

    def is_known(self) -> bool:
        """True when nothing is in doubt and nothing waits for another try."""
        room = Room.get()
        return room.intended_at is None and room.failing_step is None

    def seen(self) -> list[set[str]]:
        """For each of our channels, who sees it besides those who see all."""
        return [set(channel["visible_to"]) - SEE_ALL for channel in self.channels]


def wanted(now: datetime) -> list[set[str]]:
    """For each channel there ought to be, who ought to see it."""
    if not MADE <= now < REMOVED:
        return []
    return [{COACH, STUDENT} if OPEN <= now < CLOSED else set()]


def book() -> CoachingSession:
    """Alice coaches Bob from START for an hour; both are in the sandbox's guild."""
    store = factories.make_store(factories.make_person("Alice", linked_as=COACH), guild=factories.make_guild(GUILD))
    bob = factories.make_person("Bob", linked_as=STUDENT)
    return factories.make_coaching_session(factories.make_product(store), bob, starts_at=START)
