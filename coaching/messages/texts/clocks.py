"""What both sides read where clocks are set otherwise than when a call's time was promised. Pure."""

from datetime import datetime

from coaching.messages.blocks import Links, Message, Paragraph
from coaching.messages.facts import SessionMessage
from coaching.messages.sender import Sender
from coaching.messages.texts.parts import facts_of, formats, message, other_of, page, room_row, step, title_of, when
from coaching.notices.kinds import MessageKind
from coaching.zones import is_zone, zone_label


def clocks_changed(about: SessionMessage, sender: Sender) -> Message:
    """That the call stays where it is in time, and what the wall showed for it when it was promised."""
    title, other, place = title_of(about), other_of(about), _place_of(about)
    is_own = isinstance(about.fields.get("before"), str)
    headline = (
        f"Clocks in {place} have changed: {title} with {other} is at another time there."
        if is_own
        else f"Clocks in {place} have changed for {other}: {title} stays as it is for you."
    )
    move = (("Move it", step(about, sender, "move")),) if about.terms.can_move else ()
    return message(
        about,
        sender,
        "clocks have changed",
        headline,
        (
            when(about),
            facts_of(_promised(about)),
            Paragraph(
                f"Nobody has moved this call. What has changed are the rules by which clocks are set in {place}. "
                "Look whether its time still suits you."
            ),
            facts_of(room_row(about)),
            page(about, sender),
            Links((*move, ("Cancel", step(about, sender, "cancellation")))),
        ),
        # What is not agreed on yet is in no calendar.
        has_invitation=about.call.held_until is None,
    )


def _place_of(about: SessionMessage) -> str:
    zone = str(about.fields.get("zone", ""))
    return zone_label(zone) if is_zone(zone) else zone


def _promised(about: SessionMessage) -> tuple[str, str] | None:
    before = about.fields.get("before")
    if not isinstance(before, str):
        return None
    # As the wall showed it, whatever the zone is like today.
    wall = datetime.fromisoformat(before)
    return (
        "It was promised for",
        f"{formats(about).short_day(wall)}, {formats(about).time_of_day(wall)} {_place_of(about)}",
    )


TEXTS = {MessageKind.CLOCKS: clocks_changed, MessageKind.COACH_CLOCKS: clocks_changed}
