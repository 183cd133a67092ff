"""What a room is at an instant and ought to be: until when, whom it lets in, and what may be done by hand. Pure.

The planner decides by it, and every page, mail and command says it: so nobody reads what nobody keeps.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property

from coaching.rooms.planning.case import COMING, IN_ORDER, RoomCase, RoomKind, RoomState
from coaching.rooms.planning.timeline import BEFORE_NEXT, Overrides, Timeline, timeline

HIDDEN_OR_OPEN = (RoomState.HIDDEN, RoomState.OPEN)
PAST = (RoomState.CLOSED, RoomState.REMOVED)
GONE = (RoomState.ABSENT, RoomState.REMOVED)
# Around its call an open room is looked at; it may be open for days.
AROUND = timedelta(minutes=15)
# What comes within this time is worth waiting for on a page.
NEAR = timedelta(minutes=2)
# So long a room may take to open before anybody calls it late.
OPENS_WITHIN = timedelta(seconds=15)


class Hindrance(StrEnum):
    """Why something cannot be done with a room by hand."""

    NO_ROOM = "no_room"
    OVER = "over"
    OPEN = "open"
    CLOSED = "closed"
    NOT_BEGUN = "not_begun"
    NEXT_SESSION = "next_session"


@dataclass(frozen=True)
class RoomStatus:
    """A room at `now`. Each value is worked out when it is first asked for: the planner needs few of them."""

    case: RoomCase
    now: datetime

    # --- What it is, and what it ought to be

    @property
    def state(self) -> RoomState:
        """The state that it is in, as far as that is recorded."""
        return self.case.recorded.state

    @cached_property
    def wanted(self) -> RoomState:
        """The state that it ought to be in."""
        if not self.case.is_on:
            return RoomState.REMOVED
        if self.case.kind != RoomKind.SESSION:
            return RoomState.HIDDEN
        # Thresholds, not windows: a plan that was never made must not cost anyone a room.
        wanted = next((state for state, at in self.case.due_at.items() if self.now >= at), RoomState.ABSENT)
        if self.case.recorded.thresholds == self.case.thresholds:
            # A clock that was put back undoes nothing: who has been let in stays in, who was shut out stays out.
            wanted = max(wanted, self.state, key=IN_ORDER.index)
        return RoomState.OPEN if wanted in PAST and self._is_talk_left_alone else wanted

    @property
    def is_as_wanted(self) -> bool:
        """True when it is as it ought to be; what has gone need not come, and what never came need not go."""
        return self.state == self.wanted or (self.state in GONE and self.wanted in GONE)

    @property
    def has_begun(self) -> bool:
        """True from the call's planned start on."""
        return self.now >= self.case.starts_at

    @property
    def is_past_end(self) -> bool:
        """True from the end of the call on, as it was planned."""
        return self.now >= self.case.ends_at

    @property
    def is_too_late(self) -> bool:
        """True when the session has ended and nobody was let in before."""
        return self.is_past_end and self.state != RoomState.OPEN

    @property
    def gets_no_room(self) -> bool:
        """True before the call's end while no room can be made: its store has no server. One that was made stays."""
        is_to_come = self.case.session_state in COMING and not self.is_past_end
        return self.case.is_on and is_to_come and self.case.guild_id is None and self.state == RoomState.ABSENT

    # --- Who is inside, and who may come in

    @property
    def is_talked_in(self) -> bool:
        """True while somebody is inside the open room, or lost the line a moment ago: the one meaning of a talk."""
        return self.state == RoomState.OPEN and self.case.is_talking

    @property
    def lets_in(self) -> bool:
        """True while people can enter, and are to."""
        return self.state == self.wanted == RoomState.OPEN

    @property
    def _is_talk_left_alone(self) -> bool:
        return self.is_talked_in and self.now < self.case.talk_ends_at

    # --- Until when

    @cached_property
    def times(self) -> Timeline:
        """When it comes and goes, as that is really kept: a call that goes on moves what comes after it."""
        closes_at = self.talks_until or self._ran_until or self.case.timeline.closes_at
        return replace(
            self.case.timeline, closes_at=closes_at, removed_at=max(self.case.timeline.removed_at, closes_at)
        )

    @property
    def talks_until(self) -> datetime | None:
        """While they talk on past the end of the call: until when they can, at most."""
        goes_on = self.case.is_on and self.is_past_end and self._is_talk_left_alone
        return self.case.talk_ends_at if goes_on else None

    @property
    def _ran_until(self) -> datetime | None:
        """Of a talk that went on past the planned closing and is over: when the last look found nobody any more."""
        people = (*self.case.occupants, *self.case.former)
        went_on = any(
            person.present_at and self.case.timeline.closes_at < person.present_at <= self.now for person in people
        )
        return max((person.looks[-1][1] for person in people if person.looks), default=None) if went_on else None

    @property
    def next_threshold(self) -> datetime | None:
        """The next instant at which this session's clock, and nothing else, makes something due."""
        if not self.case.is_on or self.case.kind != RoomKind.SESSION:
            return None
        thresholds = (*self.case.timeline.thresholds, self.case.talk_ends_at)
        return min((threshold for threshold in thresholds if threshold > self.now), default=None)

    @property
    def planned_closing(self) -> datetime:
        """When it closes unless somebody talks on: what ten more minutes are added to."""
        return self.case.timeline.closes_at

    @property
    def is_before_its_time(self) -> bool:
        """True before it opens by its timing, whatever was done by hand."""
        booked = Overrides(self.case.overrides.booked_at)
        return self.now < timeline(self.case.starts_at, self.case.ends_at, self.case.timing, booked).opens_at

    # --- Whether it is late, and whether to look again

    @property
    def is_to_let_in(self) -> bool:
        """True while people ought to be let in, and can still be: whoever has no room by the end gets none."""
        begun = self.case.recorded.discord_channel_id is not None and not self.case.is_of_shared_role
        return self.wanted == RoomState.OPEN and (begun or not self.is_too_late)

    @property
    def is_missed(self) -> bool:
        """True after the call's end while a room ought to be open that never came, and comes no more."""
        return self.wanted == RoomState.OPEN and not self.is_to_let_in

    @property
    def was_never_made(self) -> bool:
        """True of a room that is done with and never was: what was made has been looked at, by its removal at last."""
        recorded = self.case.recorded
        return recorded.state == RoomState.REMOVED and recorded.checked_at is None and not recorded.let_in

    @property
    def is_late(self) -> bool:
        """True when people ought to have been let in for longer than opening takes."""
        since = due_since(self.case, RoomState.OPEN)
        return self.is_to_let_in and not self.lets_in and since is not None and self.now >= since + OPENS_WITHIN

    @property
    def is_lively(self) -> bool:
        """True while it is about to change, ought to have changed, or is open or can be opened around its call."""
        if not self.case.is_on:
            return self.state not in GONE
        is_around = self.now >= self.case.starts_at - AROUND
        can_change = self.state == RoomState.OPEN or not self.is_past_end
        return self._is_near_a_threshold or not self.is_as_wanted or (is_around and can_change)

    @property
    def _is_near_a_threshold(self) -> bool:
        thresholds = (*self.case.timeline.thresholds, *self.times.thresholds)
        return any(timedelta(0) <= threshold - self.now <= NEAR for threshold in thresholds)

    # --- What may be done by hand

    @property
    def is_closed_by_hand(self) -> bool:
        return self.case.overrides.closed_at is not None

    @property
    def why_not_open(self) -> Hindrance | None:
        """What keeps the room from being opened now, or None."""
        if self.case.session_state not in COMING or self.is_past_end:
            return Hindrance.OVER
        if not self._can_stand:
            return Hindrance.NO_ROOM
        return Hindrance.OPEN if self.wanted == RoomState.OPEN else None

    @property
    def why_not_close(self) -> Hindrance | None:
        """What keeps the room from being closed now, or None. One that should have closed and is still open can be."""
        if not self._can_stand:
            return Hindrance.NO_ROOM
        is_left_open = self.state == RoomState.OPEN and self.now < self.case.talk_ends_at
        return None if self.wanted == RoomState.OPEN or is_left_open else Hindrance.CLOSED

    def why_not_longer(self, minutes: int) -> Hindrance | None:
        """What keeps the room from staying open so many minutes longer than it may now, or None.

        Past its planned closing it is open only as long as somebody talks, and the limit of that talk is what moves.
        """
        if not self._can_stand:
            return Hindrance.NO_ROOM
        is_past = self.now >= self.planned_closing
        until = self.case.talk_ends_at if is_past else self.planned_closing
        if self.is_closed_by_hand or self.now >= until or (is_past and not self.is_talked_in):
            return Hindrance.CLOSED
        if self.now < self.case.starts_at:
            return Hindrance.NOT_BEGUN
        next_start = self.case.next_starts_at
        if next_start and until + timedelta(minutes=minutes) > next_start - BEFORE_NEXT:
            return Hindrance.NEXT_SESSION
        return None

    @property
    def _can_stand(self) -> bool:
        """True for a session that has a right to its room, and has one or can get one."""
        return self.case.is_on and (self.case.recorded.id is not None or self.case.guild_id is not None)


def due_since(case: RoomCase, state: RoomState) -> datetime | None:
    """Since when the room ought to have been in `state`, or None where that is not the clock's decision."""
    since = case.due_at.get(state)
    if since is None or not case.is_on or case.kind != RoomKind.SESSION:
        return None
    if state in PAST:
        # Those who talked on were left alone.
        return None if case.recorded.warned_at else since
    # Booked after that, or closed by hand and opened again.
    by_hand = case.overrides.opened_at if state == RoomState.OPEN else None
    return max(since, case.overrides.booked_at or since, by_hand or since)
