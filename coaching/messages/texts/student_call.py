"""What students read around the time of a call: reminders, the way in, what is late. Pure."""

from urllib.parse import urlencode

from coaching.messages.blocks import Button, Links, Message, Paragraph
from coaching.messages.facts import SessionMessage
from coaching.messages.planning.desired import Need, RoomDelay
from coaching.messages.sender import Sender
from coaching.messages.texts.parts import (
    facts_of,
    how_near,
    is_on_time_after_all,
    late_by,
    message,
    note_of_coach,
    other_is_late,
    other_of,
    page,
    page_link,
    price,
    room_row,
    step,
    title_of,
    way_in,
    when,
)
from coaching.messages.texts.student_parts import cancel_link, cancelling_row, price_row
from coaching.messages.texts.times import length
from coaching.notices.kinds import MessageKind


def reminder(about: SessionMessage, sender: Sender) -> Message:
    """That a call comes, what an absence costs, and what can be done now."""
    worth = f", worth {price(about)}" if price(about) else ""
    costs = f"If you do not come, it costs {other_of(about)} {length(about.call.minutes)}{worth}."
    links = (("I’m coming", step(about, sender, "coming")), cancel_link(about, sender), _late_link(about, sender))
    return message(
        about,
        sender,
        "reminder",
        f"{how_near(about).capitalize()}: {title_of(about)} with {other_of(about)}.",
        (
            when(about),
            other_is_late(about),
            Paragraph(
                "You have said that you are coming. The time is kept for you."
                if about.seat.is_coming
                else f"The time is kept for you and nobody else can have it. {costs}"
            ),
            facts_of(room_row(about), price_row(about), cancelling_row(about)),
            note_of_coach(about),
            _called(about),
            way_in(about, sender),
            Links(
                (*(links[1:] if about.seat.is_coming else links), *page_link(about, sender)),
                f"Let {other_of(about)} know:",
            ),
        ),
    )


def room_open(about: SessionMessage, sender: Sender) -> Message:
    """The way into the room."""
    is_open = "The voice channels are open" if about.room.is_shared else "The room is open"
    return message(
        about,
        sender,
        "the room is open",
        f"{is_open}: {title_of(about)} with {other_of(about)}.",
        (
            when(about),
            other_is_late(about),
            facts_of(room_row(about)),
            note_of_coach(about),
            way_in(about, sender),
            Links((*page_link(about, sender), _late_link(about, sender))),
        ),
    )


def needed(about: SessionMessage, sender: Sender) -> Message:
    """What a student has to do before their call, and where."""
    headline, text, button = _need(about, sender)
    return message(
        about,
        sender,
        "something is needed of you",
        headline,
        (
            Paragraph(text),
            when(about),
            facts_of(("Call", f"{title_of(about)} with {other_of(about)}"), room_row(about)),
            button,
            Links((("The call’s page", step(about, sender)),)),
        ),
    )


def room_late(about: SessionMessage, sender: Sender) -> Message:
    """That the room is not there, and what to do meanwhile."""
    is_missing = about.fields.get("delay") == RoomDelay.MISSING
    place = "The way into the voice channels" if about.room.is_shared else "The room"
    if is_missing:
        headline = f"{place} is still missing: {title_of(about)} with {other_of(about)}."
        text = (
            f"We could not open it so far, and keep trying. That is no fault of yours; {other_of(about)} sees it, too."
        )
    else:
        headline = f"{place} is a little late: {title_of(about)} with {other_of(about)}."
        text = "We keep trying, and there is nothing for you to do."
    way = "The call’s page shows the way in as soon as it is there, and you need not load it again."
    links = (("Open the server in Discord", about.room.server_url),) if about.room.server_url else ()
    return message(
        about,
        sender,
        "the room is missing" if is_missing else "the room is late",
        headline,
        (
            Paragraph(f"{text} {way}"),
            when(about),
            page(about, sender),
            Links(links, f"{other_of(about)} can be met on the server meanwhile:") if links else None,
        ),
    )


def running_late(about: SessionMessage, sender: Sender) -> Message:
    """That the coach comes later, to this call or to the one before it."""
    coach, late = other_of(about), late_by(about)
    if is_on_time_after_all(about):
        is_next = about.fields.get("is_next")
        headline = (
            f"{title_of(about)} with {coach} begins as planned."
            if is_next
            else f"{coach} is on time after all: {title_of(about)}."
        )
        text = f"{coach} is not late any more{' in the call before yours' if is_next else ''}."
    elif about.fields.get("is_next"):
        headline = f"Your call may begin {late}later: {title_of(about)} with {coach}."
        text = f"{coach} is running late in the call before yours. Please be there on time all the same."
    else:
        headline = f"{coach} is running {late}late: {title_of(about)}."
        text = f"The call is on, and {coach} asks you to wait."
    return message(
        about,
        sender,
        "on time" if is_on_time_after_all(about) else "running late",
        headline,
        (
            Paragraph(text),
            when(about),
            facts_of(room_row(about)),
            _called(about),
            way_in(about, sender),
            Links((cancel_link(about, sender),)) if about.now < about.call.starts_at else None,
        ),
    )


TEXTS = {
    MessageKind.REMINDER: reminder,
    MessageKind.ROOM_OPEN: room_open,
    MessageKind.NEEDED: needed,
    MessageKind.ROOM_LATE: room_late,
    MessageKind.RUNNING_LATE: running_late,
}


# --- Lines and links


def _called(about: SessionMessage) -> Paragraph | None:
    is_by_phone = about.call.session_type == "phone"
    return Paragraph(f"{other_of(about)} calls you at the number you gave.") if is_by_phone else None


def _need(about: SessionMessage, sender: Sender) -> tuple[str, str, Button]:
    coach = other_of(about)
    match about.fields.get("need"):
        case Need.CONNECT:
            return (
                "Connect your Discord account, or you cannot get into your call.",
                f"Your call with {coach} takes place on Discord, and no account there is connected to yours just now.",
                Button("Connect Discord", _discord_card(about, sender)),
            )
        case Need.JOIN:
            return (
                f"Join {coach}’s server again, or you cannot get into your call.",
                f"Your call with {coach} takes place on their Discord server, and you are not a member of it just now.",
                Button("Join the server", _discord_card(about, sender)),
            )
        case _:
            return (
                "Confirm your address, so that mail about your call reaches you.",
                "Nobody has confirmed yet that your address is yours. Until then no mail about your calls goes there.",
                Button("Confirm your address", f"{sender.url}/settings"),
            )


def _discord_card(about: SessionMessage, sender: Sender) -> str:
    """The page that connects a Discord account, lets it join the store's server, and leads back to the call."""
    asked = {"store": about.store_slug, "next": f"/sessions/{about.call.code}"}
    return f"{sender.url}/discord/card?{urlencode(asked)}"


def _late_link(about: SessionMessage, sender: Sender) -> tuple[str, str]:
    return "I’m running late", step(about, sender, "lateness")
