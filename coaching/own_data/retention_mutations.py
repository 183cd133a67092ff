"""What is old is deleted each night: by one rule for each kind, a part at a time, and each says how much it was.

A night that was cut short is gone on with at the next minute. Records of money are in no rule: the law says how long.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from coaching.accounts.event_mutations import forget_old_events
from coaching.accounts.models import SignIn
from coaching.accounts.sign_in_expiry import KEPT_AFTER_END, LONGEST_IDLE
from coaching.booking.models import Answer, CoachingSession, Seat
from coaching.booking.queries import ANSWERS_KEPT
from coaching.db import BaseModel, database
from coaching.folders.sweep_mutations import remove_old_folders
from coaching.messages.outbox_mutations import forget_old_messages
from coaching.now import Now
from coaching.payments.models import Dispute, Objection, Payment
from coaching.rooms.models import Presence, Room, RoomEvent
from coaching.runtime.models import RetentionRun
from coaching.students.models import StudentMessage

logger = logging.getLogger(__name__)

# Shortly after the backup. By UTC, so that a change of summer time skips or doubles nothing.
NIGHT_HOUR = 4
PRESENCE_KEPT = timedelta(days=90)  # after the call
ROOM_LOG_KEPT = timedelta(days=180)
STUDENT_MESSAGES_KEPT = timedelta(days=180)
# A part is one statement, while which nobody else writes; a minute has so many.
A_PART = 1000
MOST_PARTS = 20

Rule = Callable[[Now], int]


def delete_what_is_old(now: Now, most_parts: int = MOST_PARTS) -> int:
    """Follow every rule that was not followed to its end since the last night; how many rows went comes back.

    A rule that breaks keeps no other from being followed.
    """
    night_at, parts, gone = last_night(now.product), most_parts, 0
    runs = {run.name: run for run in RetentionRun.select()}
    for name, rule in RULES.items():
        run = runs.get(name)
        is_over = run is not None and run.night_at >= night_at and run.ended_at is not None
        while not is_over and parts:
            parts -= 1
            try:
                removed = _follow(name, rule, night_at, now)
            except Exception:
                logger.exception("old data could not be deleted", extra={"rule": name})
                break
            gone += removed
            is_over = not removed
    return gone


def last_night(now: datetime) -> datetime:
    """The latest instant at which old data was due to be deleted."""
    tonight = now.astimezone(UTC).replace(hour=NIGHT_HOUR, minute=0, second=0, microsecond=0)
    return tonight if tonight <= now else tonight - timedelta(days=1)


def _follow(name: str, rule: Rule, night_at: datetime, now: Now) -> int:
    """One part is deleted and counted; with none left the rule is followed for this night."""
    _begin(name, night_at)
    # In no transaction with the count: looking for what is old takes seconds where there is much, and rooms have to be
    # written to meanwhile. Whoever is killed in between has counted a part too few.
    removed = rule(now)
    is_this = RetentionRun.name == name
    counted = {"removed": RetentionRun.removed + removed, "total": RetentionRun.total + removed}
    RetentionRun.update(counted | ({} if removed else {"ended_at": now.product})).where(is_this).execute()
    if not removed:
        run = RetentionRun.get(is_this)
        logger.info("old data deleted", extra={"rule": name, "removed": run.removed})
    return removed


def _begin(name: str, night_at: datetime) -> None:
    """Written down before anything is tried: what breaks is seen."""
    with database.atomic():
        RetentionRun.add_unless_there(RetentionRun.name, name=name, night_at=night_at)
        is_older = (RetentionRun.name == name) & (RetentionRun.night_at < night_at)
        RetentionRun.update(night_at=night_at, removed=0, ended_at=None).where(is_older).execute()


def _forget_answers(now: Now) -> int:
    old = Answer.select(Answer.id).join(Seat).where(Seat.ends_at <= now.product - ANSWERS_KEPT)
    return _delete(Answer, old)


def _forget_goals(now: Now) -> int:
    """Goals and phone number; the seat itself belongs to the record of the call."""
    has_words = (Seat.goals != "") | Seat.phone.is_null(False)
    old = Seat.select(Seat.id).where(Seat.ends_at <= now.product - ANSWERS_KEPT, has_words)
    ids = [row.id for row in old.order_by(Seat.ends_at).limit(A_PART)]
    return int(Seat.update(goals="", phone=None).where(Seat.id.in_(ids)).execute()) if ids else 0


def _forget_presence(now: Now) -> int:
    """How long who was in a room; where a bank or an admin still has to decide about the call, not yet."""
    unsettled = (
        Seat.select(Seat.coaching_session).join(Objection).where(Objection.decided_at.is_null()),
        Seat.select(Seat.coaching_session).join(Payment).join(Dispute).where(Dispute.closed_at.is_null()),
    )
    is_over = CoachingSession.ends_at <= now.product - PRESENCE_KEPT
    old = Presence.select(Presence.id).join(Room).join(CoachingSession).where(is_over)
    for sessions in unsettled:
        old = old.where(CoachingSession.id.not_in(sessions))
    return _delete(Presence, old)


def _forget_room_log(now: Now) -> int:
    return _delete(RoomEvent, RoomEvent.select(RoomEvent.id).where(RoomEvent.at <= now.machine - ROOM_LOG_KEPT))


def _forget_student_messages(now: Now) -> int:
    is_old = StudentMessage.sent_at <= now.product - STUDENT_MESSAGES_KEPT
    return _delete(StudentMessage, StudentMessage.select(StudentMessage.id).where(is_old))


def _forget_sign_ins(now: Now) -> int:
    ended_at = now.machine - KEPT_AFTER_END
    has_ended = (SignIn.ends_at <= ended_at) | (SignIn.seen_at <= ended_at - LONGEST_IDLE)
    return _delete(SignIn, SignIn.select(SignIn.id).where(has_ended))


def _delete(model: type[BaseModel], old: Any) -> int:
    ids = [row.id for row in old.order_by(model.id).limit(A_PART)]
    return int(model.delete().where(model.id.in_(ids)).execute()) if ids else 0


# What each is called for people: diagnostics/people_queries.py.
RULES: Mapping[str, Rule] = {
    "answers": _forget_answers,
    "goals": _forget_goals,
    "folders": lambda now: remove_old_folders(now.product),
    "presence": _forget_presence,
    "room_log": _forget_room_log,
    "sign_ins": _forget_sign_ins,
    "messages": forget_old_messages,
    "student_messages": _forget_student_messages,
    "security_log": lambda now: forget_old_events(now.machine),
}
