"""Changes of messages that lie in the outbox: too late, too old, or perhaps gone before a backup was put back."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from peewee import SQL, Expression, fn

from coaching.booking.lapse_mutations import lapse_due
from coaching.booking.models import LIVE_STATES, CoachingSession
from coaching.catalog.models import Product
from coaching.catalog.timing import LONGEST_OPEN
from coaching.db import database
from coaching.messages.mutations import list_days, look_at_sessions
from coaching.messages.queries import DAY, session_facts
from coaching.notices import hand_mutations as by_hand
from coaching.notices.kind_rules import RULES, Worth
from coaching.notices.kinds import MessageKind
from coaching.notices.models import Notice
from coaching.notices.mutations import owe
from coaching.notices.queries import ROOM_OPEN_BEFORE
from coaching.now import Now

# The log of messages (docs/security.md): afterwards nobody asks any more whether one went.
KEPT = timedelta(days=180)
MOST_FORGOTTEN = 2_000


def put_late_aside(now: Now, states: Collection[str] = ("held",)) -> None:
    """What lies in these states and is not worth sending any more is expired."""
    is_over = {
        Worth.START: CoachingSession.starts_at <= now.product,
        Worth.END: CoachingSession.ends_at <= now.product,
        Worth.ANSWER: CoachingSession.held_until <= now.product,
    }
    for worth, is_late in (
        *((worth, _is_about_session(which)) for worth, which in is_over.items()),
        (Worth.DAY, Notice.made_at <= now.product - DAY),
        (Worth.WEEK, Notice.made_at <= now.product - 7 * DAY),
    ):
        kinds = [kind for kind, rules in RULES.items() if rules.worth is worth]
        is_such = Notice.state.in_(tuple(states)) & Notice.kind.in_(kinds)
        Notice.update(state="expired", body="").where(is_such, is_late).execute()


def forget_old_messages(now: Now) -> int:
    """A part of the messages older than KEPT are gone, but for one that waits for a session to come; how many."""
    is_to_come = _is_about_session(CoachingSession.state.in_(LIVE_STATES) & (CoachingSession.ends_at > now.product))
    is_wanted = Notice.state.in_(("waiting", "held", "sending")) & is_to_come
    is_old = Notice.made_at <= now.machine - KEPT
    old = Notice.select(Notice.id).where(is_old, ~is_wanted).order_by(Notice.made_at).limit(MOST_FORGOTTEN)
    ids = [notice.id for notice in old]
    return int(Notice.delete().where(Notice.id.in_(ids)).execute()) if ids else 0


def leave_to_a_hand(reason: str, now: Now) -> int:
    """After a backup was put back: nothing that may have gone since is sent by itself; how many messages that are.

    That is what waited when the backup was made, and all that the clock has made due since: it is written down now, so
    that it has its key, and left *unsure* with the rest.
    """
    with database.atomic():
        # Each takes a part at a time and says how many that were; what was looked at is due later, or never.
        while lapse_due(now.product) or look_at_sessions(now.product) or list_days(now.product):
            continue
        _owe_opened_rooms(now.product)
        put_late_aside(now, ("waiting", "held", "sending"))
        return by_hand.leave_to_a_hand(reason, now.machine)


def _owe_opened_rooms(now: datetime) -> None:
    """A room that ought to be open by now is opened again, and was told of: whoever opens it finds this."""
    is_near = (CoachingSession.starts_at <= now + timedelta(minutes=LONGEST_OPEN)) & (CoachingSession.ends_at > now)
    notified = Notice.select(Notice.session_id).where(Notice.kind == MessageKind.ROOM_OPEN)
    sessions = (
        CoachingSession.select(CoachingSession.id)
        .join(Product)
        .where(CoachingSession.state.in_(LIVE_STATES), is_near, Product.says_when_open)
        .where(CoachingSession.id.not_in(notified))
    )
    for row in list(sessions):
        facts = session_facts(row.id, now)
        if facts and facts.is_to_come and facts.opens_at and facts.opens_at <= now:
            key = ROOM_OPEN_BEFORE.format(session_id=row.id)
            owe(MessageKind.ROOM_OPEN, key, facts.student_id, now, session_id=row.id)


def _is_about_session(which: Expression) -> Any:
    return fn.EXISTS(CoachingSession.select(SQL("1")).where(CoachingSession.id == Notice.session_id, which))
