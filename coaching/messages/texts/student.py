"""What students read about what they booked and its times, by the kind of message. Pure."""

from coaching.hours.wall_clock import MINUTE
from coaching.messages.blocks import Button, Links, Message, Paragraph, Quote, Steps
from coaching.messages.facts import SessionMessage
from coaching.messages.sender import Sender
from coaching.messages.texts.parts import (
    Row,
    cancelled_late,
    due_part,
    extras_row,
    facts_of,
    formats,
    is_of_suspended_coach,
    is_others_doing,
    message,
    moved,
    note_of_coach,
    other_of,
    page,
    price,
    reason_of,
    reason_of_move,
    room_row,
    step,
    title_of,
    what_extras_give,
    when,
    who_cancelled,
)
from coaching.messages.texts.student_parts import cancel_link, cancelling_row, price_row
from coaching.messages.texts.times import length, lengths_before, short_time, time_beside
from coaching.notices.kinds import MessageKind
from coaching.plain_text import clean
from coaching.zones import zone_label


def booked(about: SessionMessage, sender: Sender) -> Message:
    """The confirmation."""
    coach = other_of(about)
    return message(
        about,
        sender,
        "",
        f"Booked: {title_of(about)} with {coach}.",
        (
            when(about),
            facts_of(
                price_row(about),
                extras_row(about),
                cancelling_row(about),
                _moving_row(about),
                room_row(about),
                _reminders_row(about),
            ),
            _how_to_pay(about),
            *what_extras_give(about),
            note_of_coach(about),
            Steps("What happens next", _what_happens_next(about)),
            page(about, sender),
            Links((("Add it to your calendar", step(about, sender, "calendar.ics")), *_ways_to_change(about, sender))),
        ),
        has_invitation=True,
    )


def has_moved(about: SessionMessage, sender: Sender) -> Message:
    """That a call is at another time, and who wanted it so."""
    headline, before = moved(about)
    return message(
        about,
        sender,
        "new time",
        headline,
        (
            when(about),
            before,
            reason_of_move(about),
            facts_of(
                price_row(about), cancelling_row(about), _moving_row(about), room_row(about), _reminders_row(about)
            ),
            page(about, sender),
            Links((("Add it to your calendar", step(about, sender, "calendar.ics")), *_ways_to_change(about, sender))),
        ),
        has_invitation=True,
    )


def cancelled(about: SessionMessage, sender: Sender) -> Message:
    """That a call is off, by whom, and what that means for what was paid."""
    with_coach = f" with {other_of(about)}"
    has_room = about.call.session_type != "phone"
    goes = "The time is free again, and no room opens." if has_room else "The time is free again."
    other_times = Links(((f"Other times with {other_of(about)}", f"{sender.url}/s/{about.store_slug}"),))
    is_stopped = is_of_suspended_coach(about)
    return message(
        about,
        sender,
        "cancelled",
        f"{who_cancelled(about)}: {title_of(about)}{'' if is_others_doing(about) else with_coach}.",
        (
            when(about, is_off=True),
            reason_of(about),
            None if is_stopped else Paragraph(goes),
            _what_was_paid(about),
            page(about, sender),
            None if is_stopped else other_times,
        ),
        # What was never agreed on is in no calendar.
        has_invitation=about.call.held_until is None,
    )


def proposed(about: SessionMessage, sender: Sender) -> Message:
    """At which other times the coach would hold a call."""
    coach, zone = other_of(about), about.recipient.zone
    times = [short_time(start, zone, formats(about)) for start in about.call.proposed]
    return message(
        about,
        sender,
        "another time proposed",
        f"{coach} proposes another time: {title_of(about)}.",
        (
            Paragraph("Your call stays at its time until you take another one. This is when it is now:"),
            when(about),
            facts_of(("Proposed", "\n".join(times))) if times else None,
            Paragraph("Nobody keeps these times for you. If one of them is taken, the page shows the nearest ones."),
            Button("Choose a time", step(about, sender)),
            Links((cancel_link(about, sender),)),
        ),
    )


def invited(about: SessionMessage, sender: Sender) -> Message:
    """That a coach keeps a time, for how long, and where to take it."""
    coach, note = other_of(about), clean(about.call.note, many_lines=True)
    held_until, zone = about.call.held_until, about.recipient.zone
    until = held_until and ("Kept until", short_time(held_until, zone, formats(about)))
    return message(
        about,
        sender,
        "kept for you",
        f"{coach} keeps a time for you: {title_of(about)}.",
        (
            when(about),
            facts_of(price_row(about), until or None),
            Quote(f"{coach} writes", note) if note else None,
            Paragraph("Nothing is booked yet: look at it, and confirm it if you want the time."),
            Button("See the invitation", f"{sender.url}/invitations/{about.call.code}"),
        ),
    )


TEXTS = {
    MessageKind.BOOKED: booked,
    MessageKind.MOVED: has_moved,
    MessageKind.CANCELLED: cancelled,
    MessageKind.PROPOSED: proposed,
    MessageKind.INVITED: invited,
}


# --- Rows, lines and links


def _reminders_row(about: SessionMessage) -> Row | None:
    """What they are reminded of from now on, if they want to be."""
    to_come = [minutes for minutes in about.reminders if about.call.starts_at - minutes * MINUTE > about.now]
    if not to_come or MessageKind.REMINDER in about.recipient.off:
        return None
    return "Reminders", lengths_before(to_come)


def _how_to_pay(about: SessionMessage) -> Quote | None:
    pay_text = clean(about.seat.pay_text, many_lines=True)
    is_open = about.seat.payment == "outside" and not about.seat.is_paid and price(about)
    return Quote(f"{other_of(about)} on how to pay", pay_text) if is_open and pay_text else None


def _what_happens_next(about: SessionMessage) -> tuple[str, ...]:
    coach = other_of(about)
    if about.call.session_type == "phone":
        return (
            f"{coach} calls you at the start, at the number you gave.",
            "Have your phone at hand, and a place where you can talk.",
            "If something comes up, say so on the call’s page: you can cancel there, or tell that you run late.",
        )
    things = "a microphone and a camera" if about.call.session_type == "video" else "a microphone"
    return (
        _opening(about),
        _how_the_link_comes(about),
        f"Have Discord open, signed in to the account you connected, and {things} ready.",
    )


def _opening(about: SessionMessage) -> str:
    opens = "The voice channels open to you" if about.room.is_shared else "A private room opens on Discord"
    if about.room.opens_at is None or about.now >= about.room.opens_at:
        return f"{opens} at once."
    at = time_beside(about.room.opens_at, about.call.starts_at, about.recipient.zone, formats(about))
    early = round((about.call.starts_at - about.room.opens_at) / MINUTE)
    before = f", {length(early)} before the start" if 0 < early <= 120 else ""
    return f"{opens} at {at} ({zone_label(about.recipient.zone)}){before}."


def _how_the_link_comes(about: SessionMessage) -> str:
    if about.says_when_open and MessageKind.ROOM_OPEN not in about.recipient.off:
        return "You then get a message with the link into it, which stands on the call’s page, too."
    return "From then on the link into it stands on the call’s page."


def _what_was_paid(about: SessionMessage) -> Paragraph | None:
    if not price(about):
        return None
    coach, ask = other_of(about), f" Write to {about.reply_to}." if about.reply_to else ""
    if about.seat.payment == "stripe":
        return _what_goes_back(about)
    if about.terms.is_owed:
        due = due_part(about)
        may = f"may keep {due or f'what you paid, {price(about)}'}" if about.seat.is_paid else ""
        may = may or f"may ask for {due or f'the price, {price(about)}'}"
        return Paragraph(f"{cancelled_late(about)}, so {coach} {may}.{ask}")
    if not about.seat.is_paid and about.seat.has_said_paid:
        return Paragraph(f"You have said that you paid. If it reaches {coach}, they give it back to you directly.{ask}")
    if not about.seat.is_paid:
        return Paragraph(f"There is nothing to pay. If you have paid already, settle that with {coach} directly.{ask}")
    return Paragraph(
        f"You have paid {coach} {price(about)} directly, and this site holds none of it: {coach} gives it back to "
        f"you.{ask}"
    )


def _what_goes_back(about: SessionMessage) -> Paragraph:
    money = about.money
    if not about.seat.is_paid or money is None:
        return Paragraph(
            "You have not been charged. If you pressed “Pay” at the very last moment, all of it goes back to you."
        )
    paid, back = price(about), formats(about).price(money.goes_back_cents, money.currency)
    # Of what the coach calls off all goes back, also where it is not written down yet.
    if about.call.ended_by == "coach" or money.goes_back_cents >= about.seat.price_cents:
        return Paragraph(f"You have paid {paid} by card, and all of it goes back to you by itself.")
    if not money.goes_back_cents:
        return Paragraph(f"You have paid {paid} by card. By the policy of your booking nothing of it goes back.")
    return Paragraph(f"You have paid {paid} by card. By the policy of your booking {back} goes back to you by itself.")


def _moving_row(about: SessionMessage) -> Row | None:
    if about.terms.move_until is None or not about.terms.can_move:
        return None
    times = "once" if about.terms.moves_left == 1 else f"{about.terms.moves_left} times"
    return "Moving", f"{times}, until {short_time(about.terms.move_until, about.recipient.zone, formats(about))}"


def _ways_to_change(about: SessionMessage, sender: Sender) -> tuple[tuple[str, str], ...]:
    move = (("Move it", step(about, sender, "move")),) if about.terms.can_move else ()
    return (*move, cancel_link(about, sender))
