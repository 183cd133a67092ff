"""Where random lives happen: the real sandbox within this process, a line to it that can break, and people in it."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from coaching.guild_rights import BOT_RIGHTS
from coaching.host import HostError
from coaching.refusals import Refusal
from gateways.discord import DiscordHost
from sandbox import admin_actions, guilds, seed
from sandbox.app import create_app
from sandbox.config import SandboxConfig
from sandbox.errors import ApiError
from sandbox.faults import Fault
from sandbox.records import FOR_MEMBER, Channel, Guild, Member, Overwrite, Person, Role, VoiceState
from tests.fakes import Killed

BOT_TOKEN = "bot-token-for-tests"
GUILD, BOT, LOUNGE = seed.GUILD_ID, seed.APPLICATION_ID, seed.LOUNGE_CHANNEL_ID
STRANGER = seed.STRANGER_ID
ACCOUNTS = [seed.COACH_ID, seed.COACH2_ID, seed.STUDENT_ID, seed.STUDENT2_ID, "1210000000000000017"]
MACHINE = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
# Whoever entered more lately than the last look is as good as outside.
SEEN_AFTER = timedelta(minutes=1)
EDITS_ARE_LOST_FOR = 10.0
# The guild's own channels and roles have smaller ids than any that is made now.
LATEST_PLANTED = 1300000000000000000
SEEN_BY_BIT = 1024
# Enough for anything but what a test is about.
MANY = (100_000, 1.0)


@dataclass
class Trouble:
    """What goes wrong with the line: at the calls that match, after `skip` of them, `times` times."""

    kind: str  # refused, late, killed_before, killed_after, bug
    method: str = "*"
    times: int = 1
    skip: int = 0

    def strikes(self, method: str) -> bool:
        if self.times < 1 or self.method not in ("*", method):
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        return True


@dataclass
class Seat:
    """Somebody inside a voice channel, and whether anything has happened since that may cost them their seat."""

    channel_id: str
    since: datetime
    is_calm: bool = True


class Line(DiscordHost):
    """The real gateway, but its requests go straight to the sandbox: a socket would only cost time."""

    def __init__(self, discord: "SimulatedDiscord") -> None:
        super().__init__("", BOT_TOKEN)
        self.discord = discord

    def _send(self, method: str, path: str, body: dict[str, Any] | None = None, reason: str = "") -> Any:
        return self.discord.answer(method, path, body, reason)


class SimulatedDiscord:
    """Discord, both clocks, and what happens there by people's own hands."""

    def __init__(self, starts_at: datetime) -> None:
        self.now, self.slept = starts_at, 0.0
        self.folder = Path(mkdtemp(prefix="lives"))
        config = SandboxConfig(self.folder, "http://127.0.0.1:5000", "client secret", BOT_TOKEN, clock=self.clock)
        self.app = create_app(config)
        self.app.testing = True
        self.sandbox = self.app.extensions["sandbox"]
        self.state = self.sandbox.state
        self.allowances = self.sandbox.limits.allowances
        self.allowances.overall = self.allowances.otherwise = MANY
        self.browser = self.app.test_client(use_cookies=False)
        self.host = Line(self)
        self.troubles: list[Trouble] = []
        self.late: list[tuple[float, str, str, dict[str, Any] | None, str]] = []
        self.seats: dict[str, Seat] = {}
        self.on_time: Callable[[], None] = lambda: None
        self.on_change: Callable[[], None] = lambda: None
        self.on_asked: Callable[[str], None] = lambda account: None
        self.on_put_out: Callable[[str, Seat], None] = lambda account, seat: None
        with self.state.transaction():
            self.state.put(Person(ACCOUNTS[-1], "spare", "Spare"))
            self._join(ACCOUNTS[-1])

    def end(self) -> None:
        self.state.close()
        shutil.rmtree(self.folder)

    # --- Time

    def clock(self) -> float:
        return self.machine_now.timestamp()

    @property
    def machine_now(self) -> datetime:
        return MACHINE + timedelta(seconds=self.slept)

    def sleep(self, seconds: float) -> None:
        """Both clocks go on; what was under way comes to its effect."""
        self.slept += seconds
        self.now += timedelta(seconds=seconds)
        due = [call for call in self.late if call[0] <= self.slept]
        self.late = [call for call in self.late if call[0] > self.slept]
        for _, method, path, body, reason in due:
            self._ask(method, path, body, reason)
        self.on_time()

    # --- The line

    def answer(self, method: str, path: str, body: dict[str, Any] | None, reason: str) -> tuple[Any, bytes]:
        """The sandbox's answer, or what becomes of a call that meets trouble on its way."""
        struck = next((trouble.kind for trouble in self.troubles if trouble.strikes(method)), "")
        if struck:
            self.struck()
        if struck == "refused":
            raise HostError("no connection", Refusal.REFUSED_CONNECTION)
        if struck == "bug" and path != "/users/@me":
            raise ValueError("a bug of ours")
        if struck == "killed_before":
            raise Killed
        if struck == "late":
            self.late.append((self.slept + 14, method, path, body, reason))
            self.sleep(8)
            raise HostError("no answer", Refusal.NO_ANSWER)
        response = self._ask(method, path, body, reason)
        if struck == "killed_after":
            raise Killed
        if response is None:
            raise HostError("no answer", Refusal.NO_ANSWER)
        if "/voice-states/" in path and response.status_code in (200, 404):
            self.on_asked(path.rpartition("/")[2])
        return response, response.data

    def _ask(self, method: str, path: str, body: dict[str, Any] | None, reason: str) -> Any:
        """One call with everything it does; None when the sandbox hung up."""
        self._lose_early_edit(method, path)
        orders = len(self.sandbox.faults.pending_faults())
        headers = {"Authorization": f"Bot {BOT_TOKEN}", **({"X-Audit-Log-Reason": reason} if reason else {})}
        try:
            response = self.browser.open(f"/api/v10{path}", method=method, json=body, headers=headers)
        except ConnectionResetError:
            response = None
        if len(self.sandbox.faults.pending_faults()) != orders or response is None or response.status_code == 429:
            self.struck()
        if method != "GET":
            self._notice_seats()
            self.on_change()
        return response

    def _lose_early_edit(self, method: str, path: str) -> None:
        # Answered with success and lost: nobody can tell, so nobody may ever do it.
        channel = self.state.find(Channel, path.rpartition("/")[2])
        if method == "PATCH" and channel and self.clock() - made_at(channel) < EDITS_ARE_LOST_FOR:
            self.sandbox.faults.order(Fault("edit_lost", route=path, method=method))

    def struck(self) -> None:
        """Something went wrong: who is cut off after that was not cut off by mistake."""
        self.unsettle_seats()

    def unsettle_seats(self) -> None:
        """Whoever is inside now may have to go."""
        for seat in self.seats.values():
            seat.is_calm = False

    def _notice_seats(self) -> None:
        held = {seat.user_id: seat.channel_id for seat in self.state.every(VoiceState)}
        for account, seat in list(self.seats.items()):
            if held.get(account) != seat.channel_id:
                del self.seats[account]
                self.on_put_out(account, seat)

    def order(self, fault: Fault) -> None:
        self.sandbox.faults.order(fault)

    def end_trouble(self) -> None:
        """Nothing goes wrong any more, and people have put right what only people can."""
        self.troubles.clear()
        self.sandbox.faults.clear()
        with self.state.transaction():
            for channel in self.ours():
                if not guilds.may_see(self.state, channel, BOT):
                    self._put_entry(channel, Overwrite(BOT, FOR_MEMBER, allow=BOT_RIGHTS))

    # --- What is there

    def all_channels(self) -> list[Channel]:
        return self.state.every(Channel, guild_id=GUILD)

    def ours(self) -> list[Channel]:
        """The channels that are not the guild's own."""
        return [channel for channel in self.state.every(Channel, guild_id=GUILD) if int(channel.id) > LATEST_PLANTED]

    def roles(self) -> list[Role]:
        """The roles that are not the guild's own."""
        return [role for role in self.state.every(Role, guild_id=GUILD) if int(role.id) > LATEST_PLANTED]

    def viewers(self, channel: Channel) -> set[str]:
        """Who sees the channel, of those who do not see all of them."""
        return {account for account in (*ACCOUNTS, STRANGER) if guilds.may_see(self.state, channel, account)}

    def viewers_of(self, channel_id: str) -> set[str]:
        """The same by the channel's id; nobody sees a channel that is gone."""
        channel = self.state.find(Channel, channel_id)
        return self.viewers(channel) if channel else set()

    def holders(self, role: Role) -> set[str]:
        """Who has the role."""
        return {member.user_id for member in self.state.every(Member, guild_id=GUILD) if role.id in member.role_ids}

    def is_member(self, account: str) -> bool:
        return guilds.find_member(self.state, GUILD, account) is not None

    # --- What people do there

    @contextmanager
    def by_hand(self) -> Iterator[None]:
        """A change by people; one that Discord does not let them make is not made."""
        try:
            with self.state.transaction():
                yield
        except ApiError:
            return
        finally:
            self._notice_seats()

    def enter(self, account: str, channel: Channel) -> None:
        with self.by_hand():
            admin_actions.enter_voice(self.state, channel, account)
            self.seats.pop(account, None)
            self.seats[account] = Seat(channel.id, self.machine_now)

    def hang_up(self, account: str) -> None:
        with self.by_hand():
            admin_actions.leave_voice(self.state, GUILD, account)
            self.seats.pop(account, None)

    def leave(self, account: str) -> None:
        self.seats.pop(account, None)
        with self.by_hand():
            admin_actions.leave(self.state, self._guild(), account)

    def come_back(self) -> None:
        with self.by_hand():
            for account in ACCOUNTS:
                self._join(account)

    def delete_channel(self, channel: Channel) -> None:
        self.unsettle_seats()
        with self.by_hand():
            admin_actions.delete_channel(self.state, channel)

    def delete_role(self, role: Role) -> None:
        self.unsettle_seats()
        with self.by_hand():
            for member in self.state.every(Member, guild_id=GUILD):
                self._set_roles(member, tuple(role_id for role_id in member.role_ids if role_id != role.id))
            for channel in self.state.every(Channel, guild_id=GUILD):
                kept = tuple(entry for entry in channel.overwrites if entry.id != role.id)
                self.state.put(replace(channel, overwrites=kept))
            self.state.remove(role)

    def give_role(self, role: Role, account: str) -> None:
        with self.by_hand():
            member = guilds.known_member(self.state, GUILD, account)
            self._set_roles(member, tuple(dict.fromkeys((*member.role_ids, role.id))))

    def take_role(self, role: Role, account: str) -> None:
        with self.by_hand():
            member = guilds.known_member(self.state, GUILD, account)
            self._set_roles(member, tuple(role_id for role_id in member.role_ids if role_id != role.id))

    def let_in(self, channel: Channel, account: str) -> None:
        with self.by_hand():
            self._put_entry(channel, Overwrite(account, FOR_MEMBER, allow=SEEN_BY_BIT))

    def drop_entry(self, channel: Channel, target: str) -> None:
        with self.by_hand():
            kept = tuple(entry for entry in channel.overwrites if entry.id != target)
            self.state.put(replace(channel, overwrites=kept, holding_overwrites=None))

    def _put_entry(self, channel: Channel, entry: Overwrite) -> None:
        kept = tuple(overwrite for overwrite in channel.overwrites if overwrite.id != entry.id)
        self.state.put(replace(channel, overwrites=(*kept, entry), holding_overwrites=None))

    def _set_roles(self, member: Member, role_ids: tuple[str, ...]) -> None:
        if role_ids != member.role_ids:
            self.state.put(replace(member, role_ids=role_ids))

    def _join(self, account: str) -> None:
        admin_actions.join(self.state, self._guild(), guilds.known_person(self.state, account), BOT)

    def _guild(self) -> Guild:
        return guilds.known_guild(self.state, GUILD)


def made_at(channel: Channel) -> float:
    """When the channel was made, as its id says."""
    return ((int(channel.id) >> 22) + 1420070400000) / 1000
