"""What people read about a session, by the kind of message. Pure."""

from collections.abc import Callable

from coaching.messages.blocks import Button, Facts, Message
from coaching.messages.facts import SessionMessage
from coaching.messages.sender import Sender
from coaching.messages.texts.times import short_time, span
from coaching.notices.kinds import RULES, MessageKind

Text = Callable[[SessionMessage, Sender], Message]


def plain(about: SessionMessage, sender: Sender) -> Message:
    rules = RULES[MessageKind(about.kind)]
    when = span(about.starts_at, about.ends_at, about.zone)
    return Message(
        f"{about.title} · {short_time(about.starts_at, about.zone)}",
        f"{rules.title}.",
        (Facts((("When", when),)), Button("Open the call's page", sender.session_url(about.code))),
        from_name=about.store_name,
    )


TEXTS: dict[MessageKind, Text] = {
    kind: plain
    for kind in RULES
    if kind not in (MessageKind.COACH_DAY, MessageKind.ALERT) and not RULES[kind].is_account
}
