"""The claim on a room for one step's call, and what the call came to: the row, its log and all else that changes."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from peewee import IntegrityError

from coaching import reading
from coaching.accounts.discord_mutations import record_membership
from coaching.accounts.models import Person
from coaching.accounts.queries import find_link_of_account, find_membership
from coaching.booking.models import CoachingSession, Seat
from coaching.catalog.models import Product
from coaching.db import database, for_one_statement
from coaching.log_lines import Event
from coaching.notices.kinds import MessageKind
from coaching.notices.mutations import owe
from coaching.notices.queries import ROOM_OPEN_BEFORE, is_owed
from coaching.reading import given
from coaching.rooms.models import Presence, Room, RoomEvent
from coaching.rooms.orphans.mutations import SWEEP_AFTER_UNKNOWN_OUTCOME, new_room_code, want_sweep
from coaching.rooms.planning.case import COMING, AccessMode, Part, RoomCase, RoomKind, RoomRecord, StepKind
from coaching.rooms.planning.coverage import joined
from coaching.rooms.planning.steps import CREATIONS, Step
from coaching.rooms.recording.changes import NOBODY_HOLDS
from coaching.rooms.recording.events import EventKind
from coaching.rooms.recording.results import Result, Stamp, changes_after, closed, tallies
from coaching.rooms.recording.upkeep_changes import find_occupant
from coaching.tallies.mutations import count_all

# With these lines of a room's log its people are let in.
LETS_IN = (EventKind.MADE_OPEN, EventKind.OPENED, EventKind.ROLE_GIVEN)
# Longer than the longest call, so that nobody takes a room over while its claimer waits for Discord.
CLAIMED_FOR = timedelta(seconds=30)
# So often at most somebody is told that they are not on the server any more, in seconds.
NOTIFY_EVERY = 600


class ClaimLost(Exception):
    """Somebody else has written to the room since it was claimed: what was learned belongs to nobody now."""


def claim_step(case: RoomCase, step: Step, stamp: Stamp) -> RoomCase | None:
    """The case of a room that is ours for one call, until its version changes; None when somebody else is at it.

    A making is written down before it begins.
    """
    changes: dict[str, Any] = {"claimed_until": stamp.at.machine + CLAIMED_FOR}
    if not case.recorded.has_anything:
        # It begins here, in the way its store has now and in the guild its store has now.
        changes |= {"mode": case.acting_mode, "asked_mode": case.mode}
    if step.kind in CREATIONS:
        # Whoever finds this after a crash knows that there may be a channel or a role.
        intent = Part.ROLE if step.kind == StepKind.MAKE_ROLE else Part.CHANNEL
        changes |= {"intent": intent, "intended_at": stamp.at.machine, "looked_at": None}
        changes["discord_guild_id"] = case.current_guild_id
    elif step.kind == StepKind.GIVE_ROLE:
        changes["discord_guild_id"] = case.home_guild_id
        # An answer that is never written down must not leave the role with them.
        changes["maybe_holders"] = case.recorded.maybe_holders | {step.user_id}
    if case.recorded.id is None:
        return _claim_new_room(case, stamp, changes)
    with for_one_statement():
        is_ours = _change(case.recorded, changes, free_at=stamp.at.machine)
    if not is_ours:
        return None
    return replace(case, recorded=replace(case.recorded, version=case.recorded.version + 1))


def record(case: RoomCase, step: Step, result: Result, stamp: Stamp) -> bool:
    """Record what the claimed step's call came to, in one transaction that ends the claim.

    True when that may owe somebody a message; ClaimLost, with nothing written, when somebody else has written to the
    room since.
    """
    room_id = case.recorded.id
    assert room_id
    change, has_news = changes_after(case, step, result, stamp), False
    with database.atomic():
        if change.category:
            _update_category(case, step, change.category)
        if change.loses_shared_role:
            _forget_shared_role(case, stamp)
        new_code = {"code": new_room_code()} if change.wants_code else {}
        if not _change(case.recorded, {"claimed_until": None, **change.columns, **new_code}):
            raise ClaimLost
        if change.presence:
            _record_presence(room_id, change.presence)
        if change.is_member is not None and _record_membership(case, step, change.is_member, stamp):
            has_news = _owe_way_back(case, step, stamp)
        if change.event:
            took_ms = round(stamp.took.total_seconds() * 1000)
            answer = {"status": stamp.status, "discord_code": stamp.code, "took_ms": took_ms}
            record_event([room_id], change.event, stamp.at.product, reason=step.why, **answer)
        count_all(tallies(step, change))
        lets_in = change.event is not None and change.event.kind in LETS_IN
        if lets_in:
            _owe_way_in(case, stamp)
    if change.wants_search:
        want_sweep(case.home_guild_id, stamp.at.machine + SWEEP_AFTER_UNKNOWN_OUTCOME)
    return lets_in or has_news


def record_event(room_ids: Iterable[int], event: Event[EventKind], now: datetime, **answer: Any) -> None:
    """Write the event into the log of each of these rooms, with the step's reason and what Discord answered.

    Called inside the transaction of the change that it tells of.
    """
    for room_id in room_ids:
        RoomEvent.add(room=room_id, at=now, **event.columns, **answer)


def move_presence(from_person: Person, to_person: Person) -> None:
    """What was seen of the person in rooms is the other person's. Call it inside a transaction."""
    # In one room both were seen only when it has changed hands since: what was seen of either counts.
    own = {presence.room_id: presence for presence in Presence.select().where(Presence.person == to_person)}
    for presence in (
        Presence.select().where(Presence.person == from_person, Presence.room.in_(list(own))) if own else ()
    ):
        same = own[presence.room_id]
        same.seconds += presence.seconds
        same.is_inside = same.is_inside or presence.is_inside
        same.last_seen_at = max(filter(None, (same.last_seen_at, presence.last_seen_at)), default=None)
        same.present_at = max(filter(None, (same.present_at, presence.present_at)), default=None)
        same.looked_at = max(same.looked_at, presence.looked_at)
        same.looks = joined([*(same.looks or ()), *(presence.looks or ())])
        same.save()
        presence.delete_instance()
    Presence.update(person=to_person).where(Presence.person == from_person).execute()


def _owe_way_in(case: RoomCase, stamp: Stamp) -> None:
    """Owe the session's students a message with the way into the room, if its product says so; once for each room."""
    session_id = case.session_id
    if is_owed(ROOM_OPEN_BEFORE.format(session_id=session_id)):
        return
    open_product = Product.select(Product.id).where(Product.says_when_open)
    seats = Seat.select(Seat.student).join(CoachingSession)
    room = case.recorded.discord_channel_id or case.recorded.id
    for seat in seats.where(CoachingSession.id == session_id, CoachingSession.product.in_(open_product)):
        key = f"{MessageKind.ROOM_OPEN}:{session_id}:{room}"
        owe(MessageKind.ROOM_OPEN, key, seat.student_id, stamp.at.product, session_id=session_id)


def _owe_way_back(case: RoomCase, step: Step, stamp: Stamp) -> bool:
    """Owe a student who is not on the server any more, just before or during their call, a message; True when it was.

    A kick cannot be told from leaving: they can join again.
    """
    occupant, now = find_occupant(case, step), stamp.at.product
    is_near = case.session_state in COMING and case.timeline.opens_at <= now < case.ends_at
    if not is_near or occupant is None or occupant.is_coach:
        return False
    # Whoever comes and goes is told now and then.
    key = f"{MessageKind.LEFT_SERVER}:{case.session_id}:{int(stamp.at.machine.timestamp()) // NOTIFY_EVERY}"
    return owe(MessageKind.LEFT_SERVER, key, occupant.person_id, now, session_id=case.session_id)


def _claim_new_room(case: RoomCase, stamp: Stamp, changes: dict[str, Any]) -> RoomCase | None:
    room = insert_room(case, stamp.at.product, version=1, **changes)
    if room is None:
        return None
    begun = RoomRecord(id=room.id, code=room.code, version=room.version, mode=room.mode, asked_mode=room.asked_mode)
    return replace(case, recorded=begun)


def insert_room(case: RoomCase, now: datetime, **columns: Any) -> Room | None:
    """The row of a room or shared part that has none yet; None where somebody else was faster."""
    try:
        # A savepoint of its own: on PostgreSQL a refused insert would spoil the whole transaction.
        with database.atomic():
            return Room.create(
                kind=case.kind,
                coaching_session=case.session_id,
                number=case.number,
                store=case.store_id if case.kind == RoomKind.SHARED else None,
                code=new_room_code(),
                created_at=now,
                **{"discord_guild_id": case.guild_id, **columns},
            )
    except IntegrityError:
        return None


def _change(recorded: RoomRecord, columns: Mapping[str, Any], free_at: datetime | None = None) -> int:
    """Write the columns if the room is as it was read; where it says so, only if nobody has claimed it beyond then."""
    values = {name: Room._meta.fields[name].db_value(value) for name, value in columns.items()}
    change = _changing(tuple(columns), free_at is not None)
    return change.run(**values, room=recorded.id, expected=recorded.version, now=free_at)


@cache
def _changing(names: tuple[str, ...], is_to_be_free: bool) -> reading.Change:
    is_same = (Room.id == given("room")) & (Room.version == given("expected"))
    if is_to_be_free:
        is_same &= Room.claimed_until.is_null() | (Room.claimed_until <= given("now"))
    columns = {name: given(name) for name in names}
    return reading.Change(lambda: Room.update(version=Room.version + 1, **columns).where(is_same))


def _record_presence(room_id: int, columns: Mapping[str, Any]) -> None:
    """Record that somebody was just seen in the room, or was not there, as `upkeep_changes.py` has worked it out."""
    more = {**columns, "seconds": Presence.seconds + columns["seconds"]}
    Presence.insert(room=room_id, **columns).on_conflict(
        conflict_target=[Presence.room, Presence.person], update=more
    ).execute()


def _update_category(case: RoomCase, step: Step, columns: Mapping[str, Any]) -> None:
    """The category into which the room was to be made, or from which it is being removed."""
    if step.kind == StepKind.MAKE:
        which = (Room.kind != RoomKind.SESSION) & (Room.discord_channel_id == case.parent.channel_id)
    else:
        parent_id = Room.select(Room.parent_id).where(Room.id == case.recorded.id)
        which = (Room.kind == RoomKind.CATEGORY) & (Room.discord_channel_id == parent_id) & Room.is_full
    if "state" in columns:
        columns = {**columns, "version": Room.version + 1}
    Room.update(**columns).where(which).execute()


def _forget_shared_role(case: RoomCase, stamp: Stamp) -> None:
    """The shared role is gone from its own row, and nobody of its store on this server is taken to have it any more."""
    is_another = Room.id != case.recorded.id
    is_it = (Room.kind == RoomKind.SHARED) & (Room.discord_role_id == case.role_id)
    bare: dict[str, Any] = {"discord_role_id": None, "overwrites": frozenset()}
    Room.update(version=Room.version + 1, **bare).where(is_it, is_another).execute()
    sessions = CoachingSession.select(CoachingSession.id).join(Product).where(Product.store == case.store_id)
    is_here = (Room.mode == AccessMode.SHARED_ROLE) & (Room.discord_guild_id == case.home_guild_id)
    had_any = (Room.holders != "[]") | (Room.maybe_holders != "[]")
    let_in = Room.select().where(is_here, Room.coaching_session.in_(sessions), Room.let_in_since.is_null(False))
    for room in let_in.where(is_another):
        Room.update(**closed(room.let_in, room.let_in_since, stamp.at.product)).where(Room.id == room.id).execute()
    Room.update(version=Room.version + 1, **NOBODY_HOLDS).where(
        is_here, Room.coaching_session.in_(sessions), had_any, is_another
    ).execute()


def _record_membership(case: RoomCase, step: Step, is_member: bool, stamp: Stamp) -> bool:
    """True when that says of somebody who was on the server that they are not any more."""
    link, guild_id = find_link_of_account(step.user_id), case.home_guild_id
    if link:
        known = find_membership(link, guild_id)
        # Discord does not say why somebody is missing; a ban learned at joining holds until they get in.
        absent = "banned" if known and known.state == "banned" else "left"
        record_membership(link, guild_id, "joined" if is_member else absent, stamp.at.machine)
        return not is_member and (known is None or known.state in ("joined", "unknown"))
    return False
