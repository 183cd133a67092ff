"""What the messages about a session have in common: subject, moment, and lines that several of them say. Pure."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from coaching.hours.wall_clock import minutes_ahead
from coaching.messages.blocks import Block, Button, Facts, Invitation, Message, Paragraph, Quote, When
from coaching.messages.calendar_entries import Entry, Party
from coaching.messages.facts import SessionMessage
from coaching.messages.sender import Sender
from coaching.messages.texts.formats import Formats, formats_of
from coaching.messages.texts.times import clock_span, length, nearness, short_time, time_beside
from coaching.plain_text import clean
from coaching.zones import zone_label

LONGEST_TITLE, LONGEST_NAME = 60, 60
OPEN_PAGE = "Open the call’s page"
WITHOUT_SIGN_IN = ("", "move", "cancellation", "calendar.ics")
Row = tuple[str, str]


def message(
    about: SessionMessage,
    sender: Sender,
    status: str,
    headline: str,
    blocks: Iterable[Block | None],
    *,
    has_invitation: bool = False,
) -> Message:
    """The message with what every one about a session has. Its subject begins with what and when, so that they sort."""
    subject = f"{title_of(about)} · {short_time(about.call.starts_at, about.recipient.zone, formats(about))}"
    return Message(
        subject=f"{subject} · {status}" if status else subject,
        headline=headline,
        blocks=tuple(block for block in blocks if block),
        from_name=one_line(about.store_name, LONGEST_NAME) or None,
        reply_to=about.reply_to,
        invitation=_invitation(about, sender) if has_invitation else None,
    )


def one_line(text: str, longest: int = LONGEST_NAME) -> str:
    """What somebody typed, on one line, without what would break it or turn it round, and cut."""
    text = " ".join(clean(text, many_lines=True).split())
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def title_of(about: SessionMessage) -> str:
    return one_line(about.call.title, LONGEST_TITLE) or "Your call"


def other_of(about: SessionMessage) -> str:
    """The name of whom the recipient meets."""
    return one_line(about.other_name) or ("your student" if about.is_to_coach else "your coach")


def formats(about: SessionMessage) -> Formats:
    return formats_of(about.recipient.language, about.recipient.has_12_hours)


def when(about: SessionMessage, *, is_off: bool = False) -> When:
    """The moment by the recipient's clock, and by the other side's where that shows another time."""
    zone, own_formats = ZoneInfo(about.recipient.zone), formats(about)
    other = ""
    if minutes_ahead(about.call.starts_at, zone) != minutes_ahead(about.call.starts_at, ZoneInfo(about.other_zone)):
        there = about.call.starts_at.astimezone(ZoneInfo(about.other_zone))
        day = own_formats.short_day(there)
        times = clock_span(about.call.starts_at, about.call.ends_at, about.other_zone, own_formats)
        other = f"For {other_of(about)}: {day}, {times} ({zone_label(about.other_zone)})"
    return When(
        day=own_formats.day(about.call.starts_at.astimezone(zone)),
        time=clock_span(about.call.starts_at, about.call.ends_at, about.recipient.zone, own_formats),
        zone=zone_label(about.recipient.zone),
        other=other,
        is_off=is_off,
    )


def how_near(about: SessionMessage) -> str:
    return nearness(about.call.starts_at, about.now, about.recipient.zone)


def room_row(about: SessionMessage) -> Row | None:
    """The life of the room in words; None for a call by phone."""
    if about.room.opens_at is None or about.room.closes_at is None:
        return None
    opens, closes = (
        time_beside(instant, about.call.starts_at, about.recipient.zone, formats(about))
        for instant in (about.room.opens_at, about.room.closes_at)
    )
    label = "Voice channels" if about.room.is_shared else "Room"
    if about.room.room_url:
        return label, f"open until {closes} ({zone_label(about.recipient.zone)})"
    verbs = ("open", "close") if about.room.is_shared else ("opens", "closes")
    return label, f"{verbs[0]} {opens}, {verbs[1]} {closes} ({zone_label(about.recipient.zone)})"


def facts_of(*rows: Row | None) -> Facts | None:
    kept = tuple(row for row in rows if row)
    return Facts(kept) if kept else None


def price(about: SessionMessage) -> str:
    """The price in words; empty for a call that costs nothing."""
    return formats(about).price(about.seat.price_cents, about.seat.currency) if about.seat.price_cents else ""


def extras_row(about: SessionMessage) -> Row | None:
    """What was booked beside the call."""
    return ("Extras", "\n".join(one_line(title) for title, _ in about.seat.extras)) if about.seat.extras else None


def what_extras_give(about: SessionMessage) -> tuple[Quote, ...]:
    """What the student gets with each extra, once it is theirs."""
    given = ((one_line(title), clean(gives, many_lines=True)) for title, gives in about.seat.extras)
    return tuple(Quote(title, gives) for title, gives in given if gives)


def due_part(about: SessionMessage) -> str:
    """What of the price the coach may have; empty where that is all of it."""
    if about.terms.due_cents == about.seat.price_cents:
        return ""
    formatted, seat = formats(about).price, about.seat
    return f"{formatted(about.terms.due_cents, seat.currency)} of the {formatted(seat.price_cents, seat.currency)}"


def cancelled_late(about: SessionMessage) -> str:
    """Why that is so."""
    if about.terms.cancel_until is None:
        return "It was cancelled under the rules that it was booked with"
    return f"It was cancelled after {short_time(about.terms.cancel_until, about.recipient.zone, formats(about))}"


def note_of_coach(about: SessionMessage) -> Quote | None:
    """What the coach wants their students to know."""
    note = clean(about.own_words, many_lines=True)
    return Quote(f"{one_line(about.coach_name)} writes", note, has_links=True) if note else None


def page(about: SessionMessage, sender: Sender) -> Button:
    return Button(OPEN_PAGE, step(about, sender))


def way_in(about: SessionMessage, sender: Sender) -> Button:
    """The way into the room while it is open, and before that the page on which it will stand."""
    if about.room.room_url is None:
        return page(about, sender)
    place = "channels" if about.room.is_shared else "room"
    return Button(f"Open the {place} in Discord", about.room.room_url)


def page_link(about: SessionMessage, sender: Sender) -> tuple[tuple[str, str], ...]:
    """The page beside a button that leads into the room."""
    return (("The call’s page", step(about, sender)),) if about.room.room_url else ()


def step(about: SessionMessage, sender: Sender, name: str = "") -> str:
    """The address of the call's page, or of one on which something can be done about it.

    For seeing, moving and cancelling it needs no sign-in: its key is for this recipient, and for the call as it is now.
    """
    seat_id = None if about.is_to_coach else about.seat.id
    key = sender.session_key(about.call.code, seat_id, about.call.revision) if name in WITHOUT_SIGN_IN else ""
    return sender.session_url(about.call.code, name, key)


def is_others_doing(about: SessionMessage) -> bool:
    """Whether the other side itself cancelled; False also where an admin did so in their place."""
    return about.call.ended_by == ("student" if about.is_to_coach else "coach") and not about.call.ended_by_admin


def who_cancelled(about: SessionMessage) -> str:
    """Who called it off, as a headline begins."""
    if about.call.ended_by_admin:
        return "Cancelled by whoever runs this site"
    if about.call.ended_by is None:
        return "Cancelled"
    return f"{other_of(about)} has cancelled" if is_others_doing(about) else "You have cancelled"


def is_of_suspended_coach(about: SessionMessage) -> bool:
    """Whether an admin cancelled for the coach: nothing is booked with whoever is suspended."""
    return about.call.ended_by_admin and about.call.ended_by == "coach"


def reason_of(about: SessionMessage) -> Quote | None:
    """Why the other side, or an admin in their place, cancelled, in the words of whoever did it."""
    reason = clean(about.call.end_reason, many_lines=True)
    is_others = about.call.ended_by == ("student" if about.is_to_coach else "coach")
    writer = "Whoever runs this site" if about.call.ended_by_admin else other_of(about)
    return Quote(f"{writer} writes", reason) if reason and is_others else None


def moved(about: SessionMessage) -> tuple[str, Facts | None]:
    """Who moved the call, in a headline, and when it was before."""
    before, other = about.fields.get("before"), other_of(about)
    is_own = _is_own_move(about)
    call = f"{title_of(about)} with {other}" if is_own else title_of(about)
    # To a time that the coach has proposed.
    did = "taken a proposed time for" if about.fields.get("was_proposed") else "moved"
    headline = f"{'You have' if is_own else f'{other} has'} {did} {call}."
    if not isinstance(before, str):
        return headline, None
    was = short_time(datetime.fromisoformat(before), about.recipient.zone, formats(about))
    return headline, Facts((("It was on", was),))


def reason_of_move(about: SessionMessage) -> Quote | None:
    """Why the other side moved the call, in their words."""
    reason = clean(about.call.move_reason, many_lines=True)
    return Quote(f"{other_of(about)} writes", reason) if reason and not _is_own_move(about) else None


def _is_own_move(about: SessionMessage) -> bool:
    return (about.fields.get("by") == "coach") is about.is_to_coach


def other_is_late(about: SessionMessage) -> Paragraph | None:
    """What the other side has said of their being late; None where they said nothing."""
    if not about.other_late:
        return None
    return Paragraph(f"{other_of(about)} has said that they will be about {length(about.other_late)} late.")


def is_on_time_after_all(about: SessionMessage) -> bool:
    """Whether somebody has taken back that they are late."""
    return about.fields.get("minutes") == 0


def late_by(about: SessionMessage) -> str:
    """By how much somebody is late, with a blank after it: "about 10 minutes "; nothing where they did not say."""
    minutes = about.fields.get("minutes")
    return f"about {length(minutes)} " if isinstance(minutes, int) and minutes > 0 else ""


def _invitation(about: SessionMessage, sender: Sender) -> Invitation | None:
    from coaching.messages.calendar import invitation

    if sender.mail_address is None or about.recipient.address is None:
        return None
    entry = Entry(
        code=about.call.code,
        title=f"{title_of(about)} with {other_of(about)}",
        starts_at=about.call.starts_at,
        ends_at=about.call.ends_at,
        zone=about.recipient.zone,
        revision=about.call.revision,
        is_cancelled=about.call.state == "cancelled",
        address=sender.session_url(about.call.code),
        reminders=about.reminders,
    )
    organizer = Party(one_line(about.store_name) or sender.name, sender.mail_address)
    method, content = invitation(
        entry, organizer, Party(one_line(about.recipient.name), about.recipient.address), about.now
    )
    return Invitation(method, content)
