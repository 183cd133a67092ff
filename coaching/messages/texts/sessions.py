"""The words of every message about a session, by its kind. Pure."""

from collections.abc import Callable, Mapping

from coaching.messages.blocks import Message
from coaching.messages.facts import SessionMessage
from coaching.messages.sender import Sender
from coaching.messages.texts import clocks, coach, folders, money, objections, pending, reviews, student, student_call
from coaching.notices.kinds import MessageKind

Text = Callable[[SessionMessage, Sender], Message]
TEXTS: Mapping[MessageKind, Text] = {
    **student.TEXTS,
    **student_call.TEXTS,
    **coach.TEXTS,
    **pending.TEXTS,
    **clocks.TEXTS,
    **money.TEXTS,
    **objections.TEXTS,
    **folders.TEXTS,
    **reviews.TEXTS,
}
