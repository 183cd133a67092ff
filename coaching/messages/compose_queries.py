"""From a notice to the message that its person reads at this moment."""

from datetime import datetime

from coaching.booking.queries import find_seat_of
from coaching.messages.blocks import Message
from coaching.messages.fact_queries import day_message, session_message
from coaching.messages.facts import SessionMessage
from coaching.messages.queries import session_facts
from coaching.messages.reach_queries import Recipient
from coaching.messages.sender import Sender
from coaching.messages.texts.account import from_text, with_addresses
from coaching.messages.texts.day import day_text
from coaching.messages.texts.sessions import TEXTS
from coaching.notices.kinds import MessageKind
from coaching.notices.models import Notice


def compose(notice: Notice, recipient: Recipient | None, sender: Sender, now: datetime) -> Message | None:
    """The message in words; None for one about something that is not there any more."""
    if notice.body:
        return from_text(notice.subject, with_addresses(notice.body, sender.url), notice.kind)
    if recipient is None:
        return None
    if notice.kind == MessageKind.COACH_DAY:
        return day_text(day_message(recipient, now), sender)
    about = session_message(notice, recipient, sender, now)
    if about is None or not _still_holds(notice, about, now):
        return None
    return TEXTS[MessageKind(notice.kind)](about, sender)


def _still_holds(notice: Notice, about: SessionMessage, now: datetime) -> bool:
    """False for what has come right, or has passed, since the message was owed."""
    if notice.kind == MessageKind.ROOM_OPEN:
        return about.room.room_url is not None
    if notice.kind == MessageKind.INVITED and notice.session_id is not None:
        # Taken meanwhile, it is a booking, of which another message tells.
        return find_seat_of(notice.session_id) is None
    if notice.kind == MessageKind.PROPOSED:
        return bool(about.call.proposed)
    if notice.kind == MessageKind.ROOM_LATE:
        return about.room.room_url is None
    if notice.kind == MessageKind.HOLD_ENDING:
        return not about.seat.has_said_paid
    if notice.kind == MessageKind.NEEDED and notice.session_id is not None:
        facts = session_facts(notice.session_id, now)
        return facts is not None and about.fields["need"] in facts.needs
    return True
