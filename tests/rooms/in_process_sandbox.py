"""The real sandbox in this process, asked by the real gateway without a socket; calls of one kind can meet trouble.

Where a connection would be refused, time out or break off, the wire raises what urllib3 would have raised.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from heapq import heappop, heappush
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import MaxRetryError, NewConnectionError, ReadTimeoutError

from coaching.call_budget.mutations import SharedBudget
from coaching.guild_parts import VOICE
from coaching.rooms.names import code_in
from gateways.discord import DiscordHost
from gateways.discord_calls import READ_SECONDS
from sandbox import guilds, seed
from sandbox.app import create_app
from sandbox.calls import Calls
from sandbox.config import SandboxConfig
from sandbox.context import Sandbox
from sandbox.faults import Fault, Faults
from sandbox.limits import Limits
from sandbox.records import CATEGORY, KINDS, Channel, Member, Message, Role
from sandbox.state import State
from tests.fakes import Killed
from tests.in_process import answer_of

BOT_TOKEN = "bot-token-for-tests"
SITE = "http://localhost"
API = "/api/v10"
GUILD, COACH, STUDENT = seed.GUILD_ID, seed.COACH_ID, seed.STUDENT_ID
# They see every channel: the bot, and the guild's owner.
SEE_ALL = {seed.APPLICATION_ID, seed.OWNER_ID}
MACHINE = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
# How long after its caller gave up a call still takes effect.
LATE = 5.0


class Clock:
    """The time of product, machine and sandbox alike. It moves by sleeping only, and waits for nothing."""

    def __init__(self) -> None:
        self.slept = 0.0
        self.numbers = count()
        self.to_come: list[tuple[float, int, Callable[[], object]]] = []

    def __call__(self) -> float:
        return self.machine_now.timestamp()

    @property
    def machine_now(self) -> datetime:
        return MACHINE + timedelta(seconds=self.slept)

    def monotonic(self) -> float:
        return self.slept

    def sleep(self, seconds: float) -> None:
        until = self.slept + seconds
        while self.to_come and self.to_come[0][0] <= until:
            self.slept, _, act = heappop(self.to_come)
            act()
        self.slept = until

    def later(self, seconds: float, act: Callable[[], object]) -> None:
        """This happens when so many seconds have passed."""
        heappush(self.to_come, (self.slept + seconds, next(self.numbers), act))


@dataclass
class WireFault:
    """What calls of one kind meet: `trouble` as in matrix.TROUBLES, `times` of them, and whether the worker dies there.

    A worker dies at the first of them only: "before" the call has gone out, or "after" whatever became of it.
    """

    method: str
    path: str
    trouble: dict[str, Any]
    body: dict[str, Any] = field(default_factory=dict)
    times: int | None = None
    dies: str = ""
    struck: int = 0

    def strikes(self, request: requests.PreparedRequest) -> bool:
        """Whether this call is meant; then it is counted."""
        path = urlsplit(request.url or "").path.removeprefix(API)
        is_meant = Fault("delay", self.path, self.method).matches(request.method or "", path)
        sent = json.loads(request.body) if self.body and request.body else {}
        if not is_meant or self.times == self.struck or any(sent.get(name) != self.body[name] for name in self.body):
            return False
        self.struck += 1
        return True


class Wire(HTTPAdapter):
    """The way from the gateway to the sandbox, without a socket."""

    def __init__(self, sandbox: "InProcessSandbox") -> None:
        super().__init__()
        self.sandbox = sandbox
        self.faults: list[WireFault] = []
        self.calls: list[str] = []
        self.waited = 0.0  # seconds

    def wait_in_queue(self, seconds: float) -> None:
        """A call waits for its time in the queue."""
        self.sandbox.clock.sleep(seconds)
        self.waited += seconds

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """The answer, or what urllib3 raises where there is none."""
        self.calls.append(f"{request.method} {request.path_url.removeprefix(API)}")
        fault = next((fault for fault in self.faults if fault.strikes(request)), None)
        if fault is None:
            return self.hand_on(request)
        dies = fault.dies if fault.struck == 1 else ""
        if dies == "before":
            raise Killed
        try:
            answer = self.meet(fault.trouble, request)
        except requests.RequestException:
            if not dies:
                raise
        if dies:
            raise Killed
        return answer

    def meet(self, trouble: dict[str, Any], request: requests.PreparedRequest) -> requests.Response:
        """The answer of a call that meets trouble on the line or in Discord."""
        match trouble.get("kind"):
            case "refused":
                raise requests.ConnectionError(MaxRetryError(None, request.url, NewConnectionError(None, "refused")))
            case "time-out before":
                self.give_up()
                self.sandbox.clock.later(LATE, partial(self.hand_on, request))
                raise _timed_out(request)
            case "time-out after":
                self.hand_on(request)
                self.give_up()
                raise _timed_out(request)
            case None:
                return self.hand_on(request)
        self.sandbox.parts.faults.order(Fault(**trouble))
        return self.hand_on(request)

    def give_up(self) -> None:
        """As long has passed as the gateway waits for an answer."""
        self.sandbox.clock.sleep(READ_SECONDS)

    def hand_on(self, request: requests.PreparedRequest) -> requests.Response:
        """The sandbox's own answer."""
        return answer_of(self.sandbox.app, request, SITE)


def _timed_out(request: requests.PreparedRequest) -> requests.ReadTimeout:
    return requests.ReadTimeout(ReadTimeoutError(None, request.url, "Read timed out."), request=request)


class InProcessHost(DiscordHost):
    """The gateway and its call budget, with the wire in place of its sockets and the near clock for both."""

    def __init__(self, wire: Wire) -> None:
        clock = wire.sandbox.clock
        budget = SharedBudget(lambda: clock.machine_now)
        super().__init__(SITE + API, BOT_TOKEN, budget=budget, sleep=wire.wait_in_queue)
        self.wire = wire

    def _session(self) -> requests.Session:
        session = super()._session()
        session.mount(SITE, self.wire)
        return session


@dataclass(frozen=True)
class Snapshot:
    """What there is of ours in the guild, as it really is, and who of coach, student and others gets at it."""

    rooms: list[frozenset[str]]
    messages: list[int]
    categories: int
    session_roles: int
    shared_roles: list[frozenset[str]]
    shared_categories: list[frozenset[str]]
    inside: frozenset[str]

    @property
    def things(self) -> tuple[int, int, int, int, int]:
        """How many there are of each kind."""
        return (
            len(self.rooms),
            self.categories,
            self.session_roles,
            len(self.shared_roles),
            len(self.shared_categories),
        )


class InProcessSandbox:
    """The sandbox as its own process would run it, with its own limits in force; a new world as often as asked for."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir, self.numbers = data_dir, count()
        self.clock = Clock()
        self.config = SandboxConfig(data_dir, SITE, "client-secret-for-tests", BOT_TOKEN, clock=self.clock)
        self.app = create_app(self.config)
        self.state: State | None = None
        # How lives begin that have been lived so far, and how another one goes on from there.
        self.beginnings: dict[object, Callable[[Any], None]] = {}
        self.begin_anew()

    @property
    def parts(self) -> Sandbox:
        parts: Sandbox = self.app.extensions["sandbox"]
        return parts

    def begin_anew(self) -> None:
        """The world is as at the first start; only the clock goes on."""
        self.end()
        plant = partial(seed.plant, client_id=self.config.client_id, guild_id=self.config.guild_id)
        state = self.state = State(self.data_dir / f"sandbox-{next(self.numbers)}.sqlite3", self.clock, plant)
        limits = Limits(state, self.config.requests_per_second)
        self.app.extensions["sandbox"] = Sandbox(self.config, state, limits, Faults(), Calls())

    def end(self) -> None:
        if self.state:
            self.state.close()

    def keep(self) -> Callable[[], None]:
        """The world as it is now: the call that comes back brings it about again, the time included."""
        slept, kept = self.clock.slept, self.parts
        with kept.state.transaction() as state:
            records = [record for kind in KINDS for record in state.every(kind)]
            last_id, windows = state._last_id, dict(kept.limits._windows)

        def bring_back() -> None:
            self.clock.slept = slept
            self.begin_anew()
            with self.parts.state.transaction() as state:
                state.remove(*(record for kind in KINDS for record in state.every(kind)))
                for record in records:
                    state.put(record)
                state._last_id = last_id
            self.parts.limits._windows.update(windows)

        return bring_back

    def by_hand(self, act: Callable[..., Any], *args: Any) -> Any:
        """A moderator or a member has done this."""
        with self.parts.state.transaction() as state:
            return act(state, *args)

    def room(self) -> Channel:
        """The one room there is."""
        [room] = self.rooms()
        return room

    def rooms(self) -> list[Channel]:
        """The guild's rooms: what they are called depends on how people get in."""
        return [
            channel for channel in self.parts.state.every(Channel, guild_id=GUILD, type=VOICE) if code_in(channel.name)
        ]

    def channels(self, prefix: str, kind: int) -> list[Channel]:
        """The guild's channels or categories whose names begin so."""
        channels = self.parts.state.every(Channel, guild_id=GUILD, type=kind)
        return [channel for channel in channels if channel.name.startswith(prefix)]

    def roles(self, prefix: str) -> list[Role]:
        """The guild's roles whose names begin so."""
        return [role for role in self.parts.state.every(Role, guild_id=GUILD) if role.name.startswith(prefix)]

    def snapshot(self) -> Snapshot:
        """What there is now."""
        with self.parts.state.transaction() as state:
            rooms = self.rooms()
            shared = [
                channel
                for channel in self.channels("Coaching ", CATEGORY)
                if not channel.name.startswith("Coaching rooms ")
            ]
            members = state.every(Member, guild_id=GUILD)
            return Snapshot(
                [self._seen_by(room, members) for room in rooms],
                [len(state.every(Message, channel_id=room.id)) for room in rooms],
                len(self.channels("Coaching rooms ", CATEGORY)),
                len(self.roles("Session ")),
                [
                    frozenset(member.user_id for member in members if role.id in member.role_ids)
                    for role in self.roles("Coaching Access ")
                ],
                [self._seen_by(category, members) for category in shared],
                frozenset(seat.user_id for room in rooms for seat in guilds.occupants(state, room)),
            )

    def _seen_by(self, channel: Channel, members: list[Member]) -> frozenset[str]:
        state = self.parts.state
        return (
            frozenset(member.user_id for member in members if guilds.may_see(state, channel, member.user_id)) - SEE_ALL
        )
