"""Writes every message as HTML, plain text and Discord's text, from made-up facts: show_messages.py DIR."""

import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from coaching.messages.blocks import Message
from coaching.messages.facts import (
    DayCall,
    DayMessage,
    MessageCall,
    MessageRecipient,
    MessageRoom,
    MessageSeat,
    MessageTerms,
    SessionMessage,
)
from coaching.messages.rendering.discord import as_direct_message
from coaching.messages.rendering.foot import foot_of
from coaching.messages.rendering.html import as_html
from coaching.messages.rendering.text import as_text, foot_as_text
from coaching.messages.texts.account import from_text
from coaching.messages.texts.day import day_text
from coaching.messages.texts.sessions import TEXTS
from coaching.notices.kind_rules import RULES
from coaching.notices.kinds import Audience, MessageKind
from scripts.message_cases import CASES, HOUR, MINUTE, SENDER, STARTS_AT, WRITTEN

BOBS = SessionMessage(
    kind=MessageKind.BOOKED,
    fields={},
    now=STARTS_AT - 8 * 24 * HOUR,
    is_to_coach=False,
    recipient=MessageRecipient("Bob", "Europe/Berlin", "bob@example.com"),
    other_zone="America/New_York",
    call=MessageCall(
        code="gw56pb",
        title="Mixing feedback call",
        state="scheduled",
        starts_at=STARTS_AT,
        ends_at=STARTS_AT + HOUR,
        minutes=60,
        session_type="video",
        revision=0,
        created_at=STARTS_AT - 8 * 24 * HOUR,
        ended_by=None,
    ),
    seat=MessageSeat(id=7, price_cents=0, currency="EUR", payment="free", pay_text="", is_paid=False, is_coming=False),
    terms=MessageTerms(
        can_move=True, moves_left=3, move_until=STARTS_AT - 12 * HOUR, cancel_until=STARTS_AT - 24 * HOUR
    ),
    room=MessageRoom(
        opens_at=STARTS_AT - 15 * MINUTE,
        closes_at=STARTS_AT + HOUR + 15 * MINUTE,
        room_url=None,
        server_url="https://discord.com/channels/1",
    ),
    coach_name="Alice",
    student_name="Bob",
    store_name="Nova Sound",
    store_slug="nova",
    product_slug="mixing-call",
    own_words="",
    reminders=(24 * 60, 60),
)
ALICES = replace(
    BOBS,
    is_to_coach=True,
    recipient=MessageRecipient("Alice", "America/New_York", "alice@example.com"),
    other_zone="Europe/Berlin",
    terms=replace(BOBS.terms, move_until=None),
)


def example(kind: MessageKind, **differences: Any) -> SessionMessage:
    """The facts of a made-up call, for its coach or its student; each difference by its name, of whichever part."""
    facts = ALICES if RULES[kind].audience is Audience.COACH else BOBS
    facts = replace(facts, kind=kind)
    for part in ("recipient", "call", "seat", "terms", "room"):
        names = {field.name for field in fields(getattr(facts, part))} & differences.keys()
        changed = replace(getattr(facts, part), **{name: differences.pop(name) for name in names})
        facts = replace(facts, **{part: changed})
    return replace(facts, **differences)


def examples() -> dict[str, Message]:
    """Every kind of message at least once, by a name."""
    messages = {}
    for kind in RULES:
        if kind in WRITTEN:
            messages[str(kind)] = from_text(*WRITTEN[kind], kind)
        for name, differences in CASES.get(kind, {}).items():
            messages[f"{kind}{name}"] = TEXTS[kind](example(kind, **differences), SENDER)
    calls = (
        DayCall("gw56pb", 0, "Mixing feedback call", "Bob", STARTS_AT, STARTS_AT + HOUR, True),
        DayCall("kd82mz", 1, "Production coaching", "Lee", STARTS_AT + 2 * HOUR, STARTS_AT + 3 * HOUR, False),
    )
    day = day_text(DayMessage("Europe/Berlin", STARTS_AT - 11 * HOUR, calls), SENDER)
    return messages | ({str(MessageKind.COACH_DAY): day} if day else {})


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, message in examples().items():
        foot = foot_of(SENDER, message.reply_to, SENDER.choices_url)
        direct = as_direct_message(message, SENDER.choices_url)
        (folder / f"{name}.html").write_text(as_html(message, foot))
        head = f"From: {message.from_name or SENDER.name}\nSubject: {message.subject}\n\n"
        (folder / f"{name}.txt").write_text(head + as_text(message) + foot_as_text(foot))
        (folder / f"{name}.discord.txt").write_text(f"{direct.text}\n{direct.button}\n")
    print(f"{len(list(folder.glob('*.html')))} messages in {folder}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("Say where to write them: show_messages.py DIR")
    main(Path(sys.argv[1]))
