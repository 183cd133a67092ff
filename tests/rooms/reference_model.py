"""What ought to be in Discord, told from bookings, overrides and clocks alone: never from what rooms have recorded."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from coaching.catalog.timing import DEFAULT, RoomTiming
from coaching.rooms.models import Room
from sandbox.records import FOR_ROLE, VOICE, Channel, Role
from tests.rooms.simulated_discord import GUILD, LOUNGE, SEEN_AFTER, Seat, SimulatedDiscord

ABSENT, HIDDEN, OPEN, CLOSED, REMOVED = range(5)
NAMES = ("absent", "hidden", "open", "closed", "removed")
NOTHING = {ABSENT, REMOVED}
MINUTE = timedelta(minutes=1)
MEMBERS, SESSION_ROLE, SHARED_ROLE = "members", "session_role", "shared_role"
WITH_CHANNELS = {MEMBERS, SESSION_ROLE}
# A room that opens sooner than this is not made hidden first.
NOT_HIDDEN_BEFORE = 2 * MINUTE
# Earlier than this before its session nobody looks after a role that was given at the booking.
LOOKED_AFTER = 15 * MINUTE
BEFORE_NEXT = 10 * MINUTE
# Looks this near to each other leave nothing between them unseen.
NEAR_LOOKS = 5 * MINUTE
# Nobody is called absent when this share of the planned time, or so much of it in one piece, was not looked at.
TOO_MUCH_UNSEEN, TOO_LONG_UNSEEN = 0.2, 10 * MINUTE
# What is written down is written to the second.
ROUNDED = timedelta(seconds=2)
RUNNING, COMPLETED, NO_SHOW = ("scheduled", "in_progress"), "completed", "no_show"


@dataclass
class Shop:
    """A store as it is now; what was in force before matters to rooms that stood then."""

    store_id: int
    coach: str
    timing: RoomTiming = DEFAULT
    mode: str = MEMBERS
    is_verified: bool = True


@dataclass
class Booking:
    """One coaching session, and what has happened around it."""

    session_id: int
    shop: Shop
    student: str
    starts_at: datetime
    ends_at: datetime
    booked_at: datetime
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    extra: timedelta = timedelta(0)
    is_cancelled: bool = False
    modes: set[str] = field(default_factory=set)
    has_changed_mode: bool = False
    reached: dict["Times", int] = field(default_factory=dict)  # how far it got while these were its times
    accounts: set[str] = field(default_factory=set)
    was_inside: set[str] = field(default_factory=set)  # since its start
    was_seen: set[str] = field(default_factory=set)  # since its start, too
    asked: dict[str, list[datetime]] = field(default_factory=dict)  # when Discord told where somebody was
    was_opened: bool = False  # had its outcome before the clock was put back

    @property
    def people(self) -> tuple[str, str]:
        return self.shop.coach, self.student

    @property
    def furthest(self) -> int:
        return max(self.reached.values(), default=ABSENT)


@dataclass(frozen=True)
class Times:
    """When a room is made, opens, closes and goes, and until when a talk may run over."""

    made: datetime
    opens: datetime
    closes: datetime
    goes: datetime
    limit: datetime


class Model:
    """What ought to be, for every booking of a life."""

    def __init__(self, discord: SimulatedDiscord) -> None:
        self.discord = discord
        self.shops: dict[str, Shop] = {}
        self.bookings: list[Booking] = []
        self.links: dict[str, str] = {}  # who -> account
        self.let_in: set[tuple[str, str]] = set()  # (role or channel, account): by a moderator
        self.with_changed_roles: set[str] = set()  # accounts of whose roles moderators have made something else
        self.most_categories = 1
        self.has_fallen_back = False
        self.no_roles_until = discord.machine_now
        self.found: list[str] = []
        self.codes: dict[str, int | None] = {}

    # --- Times

    def times(self, booking: Booking) -> Times:
        timing = booking.shop.timing
        opens = booking.starts_at - timing.open_minutes * MINUTE
        made = booking.starts_at - max(timing.make_minutes, timing.open_minutes) * MINUTE
        closes = booking.ends_at + timing.close_minutes * MINUTE
        goes = booking.ends_at + timing.remove_minutes * MINUTE
        if timing.opens_at_booking:
            made = opens = min(booking.booked_at, booking.starts_at)
            closes = goes = booking.ends_at
        closes += booking.extra
        if booking.opened_at:
            opens = min(opens, booking.opened_at)
        if booking.closed_at:
            closes = min(closes, booking.closed_at)
        limit = (
            closes
            if booking.closed_at
            else max(closes, booking.ends_at + timing.overrun_minutes * MINUTE + booking.extra)
        )
        return Times(min(made, opens), opens, closes, max(closes, goes), limit)

    def by_clock(self, booking: Booking) -> int:
        times, now = self.times(booking), self.discord.now
        return sum(at <= now for at in (times.made, times.opens, times.closes, times.goes))

    def talk_may_last_until(self, booking: Booking, running: set[int]) -> datetime:
        """The limit of a talk; before the coach's next session at the latest, but never before the room closes."""
        times = self.times(booking)
        following = [
            other.starts_at
            for other in self.bookings
            if other.shop.coach == booking.shop.coach
            and other.session_id in running
            and other.starts_at >= booking.ends_at
            and other is not booking
        ]
        return max(times.closes, min(times.limit, min(following) - BEFORE_NEXT)) if following else times.limit

    def note_time(self) -> None:
        """What this instant makes possible has been noted: a clock that is put back later undoes nothing."""
        for booking in self.bookings:
            times, state, now = self.times(booking), self.by_clock(booking), self.discord.now
            booking.reached[times] = max(booking.reached.get(times, ABSENT), state)
            booking.accounts |= self.members_of(booking, linked_only=True)
            for who in booking.people:
                if now >= booking.starts_at and self.is_inside(booking, who):
                    booking.was_inside.add(who)

    def inside(self) -> set[tuple[int, str]]:
        """Who sits in an open room of their own session, with nothing having happened to them since they came."""
        return {
            (booking.session_id, who)
            for booking in self.bookings
            for who in booking.people
            if (seat := self.discord.seats.get(self.links.get(who, "")))
            and seat.is_calm
            and seat.channel_id != LOUNGE
            and self.is_inside(booking, who)
            and self.links[who] in self.discord.viewers_of(seat.channel_id)
        }

    def note_opened(self, running: set[int]) -> None:
        """The clock is put back: what was told of a session until now stands."""
        for booking in self.bookings:
            booking.was_opened = booking.was_opened or booking.session_id not in running

    def note_seen(self) -> None:
        """Whoever is inside now has been seen there."""
        for booking in self.bookings:
            # Waiting in the open room is not the call; the look may be some seconds older than this.
            if booking.was_opened or self.discord.now < booking.starts_at + MINUTE:
                continue
            booking.was_seen |= {who for session_id, who in self.inside() if session_id == booking.session_id}

    def note_asked(self, account: str) -> None:
        """Discord has told in which channel this account is."""
        for booking in self.bookings:
            for who in booking.people:
                if self.links.get(who) == account:
                    booking.asked.setdefault(who, []).append(self.discord.now)

    def was_looked_for(self, booking: Booking, who: str) -> bool:
        """True when Discord was asked often enough to say that somebody did not come."""
        asked = sorted(booking.asked.get(who, ()))
        edges = [booking.starts_at - 2 * NEAR_LOOKS, *asked, booking.ends_at + 2 * NEAR_LOOKS]
        unseen = [
            min(later, booking.ends_at) - max(earlier, booking.starts_at)
            for earlier, later in pairwise(edges)
            if later - earlier > NEAR_LOOKS + ROUNDED and later > booking.starts_at and earlier < booking.ends_at
        ]
        most = TOO_MUCH_UNSEEN * (booking.ends_at - booking.starts_at) + len(unseen) * ROUNDED
        return sum(unseen, timedelta()) <= most and max(unseen, default=timedelta()) < TOO_LONG_UNSEEN + ROUNDED

    # --- People

    def members_of(self, booking: Booking, *, linked_only: bool = False) -> set[str]:
        """The accounts of coach and student, as far as they are on the server."""
        linked = {self.links[who] for who in booking.people if who in self.links}
        return {account for account in linked if linked_only or self.discord.is_member(account)}

    def is_inside(self, booking: Booking, who: str) -> bool:
        """True while the person is in the session's room; without a channel of its own, in any of the guild."""
        seat = self.discord.seats.get(self.links.get(who, ""))
        if seat is None:
            return False
        channel = next((key for key in self.discord.ours() if key.id == seat.channel_id), None)
        if channel is None:
            return SHARED_ROLE in self.modes_of(booking)
        return self.session_of(channel) == booking.session_id

    def session_of(self, channel: Channel | Role) -> int | None:
        code = channel.name.replace("-", " ").rpartition(" ")[2]
        if code not in self.codes:
            room = Room.get_or_none(Room.code == code)
            self.codes[code] = room.coaching_session_id if room else None
        return self.codes[code]

    # --- What may be

    def modes_of(self, booking: Booking) -> set[str]:
        """The ways in which people may get into this room."""
        modes = {booking.shop.mode, *booking.modes}
        return modes | ({MEMBERS} if SESSION_ROLE in modes and self.has_fallen_back else set())

    def note_mode(self, shop: Shop, mode: str) -> None:
        """The store's way in is another one; what stands open stays as it is, so does what is over."""
        for booking in self.bookings:
            if booking.shop is shop and mode != shop.mode:
                booking.has_changed_mode = True
                if booking.furthest >= OPEN or self.discord.now >= booking.ends_at:
                    booking.modes |= {shop.mode}
        shop.mode = mode

    def allowed(self, booking: Booking, running: set[int]) -> set[int]:
        """What the room may be: what the clock says, or further where the clock has been put back since."""
        if booking.is_cancelled:
            return {REMOVED}
        times, now, least = self.times(booking), self.discord.now, self.by_clock(booking)
        most = booking.reached[times]
        allowed = set(range(least, most + 1))
        opens_soon = timedelta(0) < times.opens - now <= NOT_HIDDEN_BEFORE
        if booking.ends_at <= now or opens_soon or most >= CLOSED or not booking.shop.is_verified:
            allowed.add(ABSENT)
        is_inside = any(self.is_inside(booking, who) for who in booking.people)
        if least >= CLOSED and is_inside and now < self.talk_may_last_until(booking, running):
            allowed.add(OPEN)
        return allowed

    # --- What is wrong

    def wrongs(self, states: dict[int, tuple[str, str | None]]) -> list[str]:
        """What of the promises does not hold, once everything has settled; empty when all is well."""
        running = {key for key, (state, _) in states.items() if state in RUNNING}
        rooms = {room.code: room for room in Room.select()}
        channels, roles = self.discord.ours(), self.discord.roles()
        by_session: dict[int | None, list[Channel]] = {}
        for channel in channels:
            by_session.setdefault(_owner(rooms, channel.name), []).append(channel)
        roles_by_session: dict[int | None, list[Role]] = {}
        for role in roles:
            roles_by_session.setdefault(_owner(rooms, role.name), []).append(role)
        wrongs: list[str] = []
        for booking in self.bookings:
            own, own_roles = by_session.pop(booking.session_id, []), roles_by_session.pop(booking.session_id, [])
            wrongs += self._wrongs_of_room(booking, own, own_roles, self.allowed(booking, running))
            wrongs += self._wrongs_of_outcome(booking, *states[booking.session_id], running)
        return [*wrongs, *self._wrongs_of_shared_parts(by_session, roles_by_session, rooms, running)]

    def _wrongs_of_room(
        self, booking: Booking, own: list[Channel], roles: list[Role], allowed: set[int]
    ) -> Iterator[str]:
        name = f"session {booking.session_id}"
        if len(own) > 1 or len(roles) > 1:
            yield f"{name} has {len(own)} channels and {len(roles)} roles"
            return
        modes = self.modes_of(booking)
        if not own:
            if roles:
                yield f"{name} has a role without a channel"
            if not (allowed & NOTHING or SHARED_ROLE in modes):
                yield f"{name} has no channel: {_names(allowed)}"
            return
        [channel] = own
        style = (
            SESSION_ROLE if any(entry.type == FOR_ROLE and entry.id != GUILD for entry in channel.overwrites) else ""
        )
        style = style or (SESSION_ROLE if roles else MEMBERS)
        if style not in modes and CLOSED not in allowed:
            yield f"{name} lets people in by {style}, ought to by {modes}"
        viewers = self.discord.viewers(channel) - self._let_in_by_hand(roles)
        states = [
            state
            for state in allowed - NOTHING
            if viewers == self._viewers(booking, state) - self._let_in_by_hand(roles)
        ]
        inside = {account for account, seat in self.discord.seats.items() if seat.channel_id == channel.id}
        if lingering := (inside & booking.accounts) - self.discord.viewers(channel) - self.with_changed_roles:
            yield f"{lingering} sit in {name}, which they may not see"
        if not states:
            yield f"{name} is seen by {viewers}, may be {_names(allowed)} for {self.members_of(booking)}"
        elif states == [CLOSED] and any(self.is_inside(booking, who) for who in booking.people):
            yield f"{name} is closed, with people inside"

    def _viewers(self, booking: Booking, state: int) -> set[str]:
        return self.members_of(booking) if state == OPEN else set()

    def _let_in_by_hand(self, parts: list[Role]) -> set[str]:
        return {account for part in parts for key, account in self.let_in if key == part.id}

    def _wrongs_of_shared_parts(
        self,
        channels: dict[int | None, list[Channel]],
        roles: dict[int | None, list[Role]],
        rooms: dict[str, Room],
        running: set[int],
    ) -> Iterator[str]:
        orphans = [key for key in (*channels, *roles) if key is not None]
        if orphans:
            yield f"orphans of sessions {orphans}"
        without_session, shared = channels.get(None, []), roles.get(None, [])
        categories = [known for known in without_session if known.name.startswith("Coaching rooms ")]
        # It stays while any session of the guild is not done with, whichever way its people get in.
        is_coming = any(self.by_clock(booking) < REMOVED and not booking.is_cancelled for booking in self.bookings)
        is_used = is_coming or any(shop.mode in WITH_CHANNELS for shop in self.shops.values())
        if len(categories) > (self.most_categories if is_used else 0):
            yield f"{len(categories)} categories for rooms"
        for shop in self.shops.values():
            own = [
                known
                for known in without_session
                if known not in categories and _store(rooms, known.name) == shop.store_id
            ]
            own_roles = [role for role in shared if _store(rooms, role.name) == shop.store_id]
            yield from self._wrongs_of_shared(shop, own, own_roles, running)
        unknown = [orphan for orphan in (*without_session, *shared) if orphan.name.rpartition(" ")[2] not in rooms]
        if unknown:
            yield f"orphans {[orphan.name for orphan in unknown]}"

    def _wrongs_of_shared(self, shop: Shop, own: list[Channel], roles: list[Role], running: set[int]) -> Iterator[str]:
        name = f"store {shop.store_id}"
        if len(own) > 1 or len(roles) > 1:
            yield f"{name} has {len(own)} shared categories and {len(roles)} shared roles"
            return
        bookings = [
            booking for booking in self.bookings if booking.shop is shop and SHARED_ROLE in self.modes_of(booking)
        ]
        if shop.mode == SHARED_ROLE and shop.is_verified and not (own and roles):
            if self.discord.machine_now > self.no_roles_until:
                yield f"{name} has no shared role with its category"
            return
        if (
            shop.mode != SHARED_ROLE
            and (own or roles)
            and not any(OPEN in self.allowed(booking, running) for booking in bookings)
        ):
            yield f"{name} still has its shared role"
        may, must = set(), set()
        for booking in bookings:
            allowed = self.allowed(booking, running)
            may |= self.members_of(booking) if OPEN in allowed else set()
            is_sure = allowed == {OPEN} and self.modes_of(booking) == {SHARED_ROLE} and shop.is_verified
            is_early = shop.timing.opens_at_booking and self.discord.now < booking.starts_at - LOOKED_AFTER
            must |= self.members_of(booking) if is_sure and not is_early else set()
        by_hand = self._let_in_by_hand(roles)
        holders = {account for role in roles for account in self.discord.holders(role)}
        if holders - by_hand - may:
            yield f"{name}'s role is held by {holders - by_hand - may}, without an open session"
        if must - holders:
            yield f"{name}'s role is not held by {must - holders}, whose session is open"
        for category in own:
            if self.discord.viewers(category) - by_hand != holders - by_hand:
                yield f"{name}'s category is seen by {self.discord.viewers(category)}, its role held by {holders}"

    def _wrongs_of_outcome(self, booking: Booking, state: str, absent: str | None, running: set[int]) -> Iterator[str]:
        name = f"session {booking.session_id}"
        if booking.is_cancelled:
            if state != "cancelled":
                yield f"{name} was cancelled and is {state}"
            return
        both = set(booking.people)
        missing = {"student": {booking.student}, "coach": {booking.shop.coach}, "both": both}.get(absent or "", set())
        if state in (COMPLETED, "in_progress") and not both <= booking.was_inside:
            yield f"{name} is {state}, but only {booking.was_inside} were inside"
        if missing & booking.was_seen:
            yield f"{name} is a no-show of {absent}, but {booking.was_seen} were seen"
        for who in missing:
            if not self.was_looked_for(booking, who):
                yield f"{name} is a no-show of {absent}, but nobody looked for {who} long enough"
        if absent and absent != "unknown" and both - missing - booking.was_inside:
            yield f"{name} is a no-show of {absent} only, but {booking.was_inside} were inside"
        if state == NO_SHOW and both <= booking.was_seen:
            yield f"{name} is a no-show of {absent}, but both were seen"
        is_over = self.discord.now >= booking.ends_at and self.by_clock(booking) >= CLOSED
        if is_over and state in RUNNING and self.allowed(booking, running) & {OPEN} == set():
            yield f"{name} is over and still {state}"
        if booking.starts_at > self.discord.now and booking.furthest < OPEN and state != "scheduled":
            yield f"{name} has not begun and is {state}"

    # --- What must not be at any time

    def note_leaks(self) -> None:
        """Nobody who was never meant to sees a room, not even for a moment; nobody at all before its time."""
        for channel in self.discord.ours():
            if channel.type != VOICE:
                continue
            viewers = self.discord.viewers(channel)
            if not viewers:
                continue
            session_id = self.session_of(channel)
            owner = next((booking for booking in self.bookings if booking.session_id == session_id), None)
            roles = [entry.id for entry in channel.overwrites if entry.type == FOR_ROLE]
            by_hand = {account for key, account in self.let_in if key in (channel.id, *roles)}
            meant = owner.accounts if owner and owner.furthest >= OPEN else set()
            if viewers - by_hand - meant:
                self.found.append(f"{channel.name} was seen by {viewers - by_hand - meant} at {self.discord.now}")
        for role in self.discord.roles():
            if role.name.startswith("Coaching Access "):
                meant = {who for booking in self.bookings if booking.furthest >= OPEN for who in booking.accounts}
                by_hand = {account for key, account in self.let_in if key == role.id}
                if self.discord.holders(role) - meant - by_hand:
                    self.found.append(f"{role.name} was held by {self.discord.holders(role) - meant - by_hand}")

    def note_put_out(self, account: str, seat: Seat, running: set[int]) -> None:
        """Nobody is cut off before the limit of their talk."""
        if not seat.is_calm or self.discord.machine_now - seat.since < SEEN_AFTER or seat.channel_id == LOUNGE:
            return
        for booking in self.bookings:
            if account not in self.members_of(booking) or booking.is_cancelled or booking.furthest < OPEN:
                continue
            if booking.session_id == self.seat_session(seat) and self.discord.now < self.talk_may_last_until(
                booking, running
            ):
                self.found.append(f"{account} was cut off from session {booking.session_id} at {self.discord.now}")

    def seat_session(self, seat: Seat) -> int | None:
        room = Room.get_or_none(Room.discord_channel_id == seat.channel_id)
        return room.coaching_session_id if room else None


def _owner(rooms: dict[str, Room], name: str) -> int | None:
    room = rooms.get(name.replace("-", " ").rpartition(" ")[2])
    return room.coaching_session_id if room else None


def _store(rooms: dict[str, Room], name: str) -> int | None:
    room = rooms.get(name.rpartition(" ")[2])
    return room.store_id if room else None


def _names(states: set[int]) -> str:
    return ", ".join(NAMES[state] for state in sorted(states))
