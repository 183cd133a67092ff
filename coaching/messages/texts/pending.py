"""What people read about a time that is asked for, or held until it is paid, by the kind of message. Pure."""

from dataclasses import replace

from coaching.messages.blocks import Links, Message, Paragraph, Quote
from coaching.messages.facts import SessionMessage
from coaching.messages.sender import Sender
from coaching.messages.texts import coach, money, student
from coaching.messages.texts.parts import (
    Row,
    facts_of,
    formats,
    message,
    one_line,
    other_of,
    page,
    price,
    step,
    title_of,
    when,
)
from coaching.messages.texts.times import short_time
from coaching.notices.kinds import MessageKind
from coaching.plain_text import clean

# What can be done after a time has run out that was held.
LATER = "the payment can still be confirmed, as long as nobody else has taken the time."
CONFIRM_LATE = "confirm it on the call’s page: they get the time if it is still free."

# --- To students


def requested(about: SessionMessage, sender: Sender) -> Message:
    """That their request has reached the coach, and until when it holds the time."""
    teacher = other_of(about)
    pay = " Once they accept, the time is held for you to pay." if about.seat.pays_first else ""
    return message(
        about,
        sender,
        "asked for",
        f"You asked for a time: {title_of(about)} with {teacher}.",
        (
            when(about),
            Paragraph(f"{teacher} accepts or declines it. Until then the time is kept for you.{pay}"),
            facts_of(_price_row(about), ("Answer", f"by {_until(about)}, or the time is free again")),
            page(about, sender),
            _let_go(about, sender, "Take it back"),
        ),
    )


def accepted(about: SessionMessage, sender: Sender) -> Message:
    """That the coach takes the call; where it has to be paid first, until when and how."""
    if about.call.state != "held":
        headline = f"{other_of(about)} has accepted: {title_of(about)}. The time is yours."
        return replace(student.booked(about, sender), headline=headline)
    return _to_pay(
        about, sender, "accepted", f"{other_of(about)} has accepted: {title_of(about)}. Pay, and the time is yours."
    )


def declined(about: SessionMessage, sender: Sender) -> Message:
    """That the coach does not take the call, and why, in their words."""
    teacher, reason = other_of(about), clean(about.call.end_reason, many_lines=True)
    return message(
        about,
        sender,
        "declined",
        f"{teacher} has declined: {title_of(about)}.",
        (
            when(about, is_off=True),
            Quote(f"{teacher} writes", reason) if reason else None,
            Paragraph(
                "The time is free again. There is nothing to pay." if price(about) else "The time is free again."
            ),
            page(about, sender),
            _other_times(about, sender),
        ),
    )


def held(about: SessionMessage, sender: Sender) -> Message:
    """That a time is held for them, until when, and how to pay."""
    return _to_pay(about, sender, "held for you", f"Held for you: {title_of(about)} with {other_of(about)}.")


def hold_ending(about: SessionMessage, sender: Sender) -> Message:
    """That it is about to run out."""
    headline = f"The time is about to run out: {title_of(about)} with {other_of(about)}."
    return _to_pay(about, sender, "about to run out", headline)


def confirmed(about: SessionMessage, sender: Sender) -> Message:
    """The confirmation of a call that had to be paid first."""
    headline = f"{other_of(about)} has your payment: {title_of(about)}. The time is yours."
    return money.with_paper(about, sender, replace(student.booked(about, sender), headline=headline))


def lapsed(about: SessionMessage, sender: Sender) -> Message:
    """That a time is not theirs any more, and what can be done."""
    teacher, title = other_of(about), title_of(about)
    if about.fields.get("was") == "requested":
        headline = f"{teacher} has not answered in time: {title}."
        text = "The time is free again. You can ask for it once more, or for another one."
    elif about.fields.get("by") == "coach":
        headline = f"{teacher} has not received your payment: {title}."
        text = f"The time is free again. If you have paid, write to {teacher}: {LATER}"
    elif about.seat.has_said_paid:
        headline = f"{teacher} has not confirmed your payment in time: {title}."
        text = f"The time is free again. Write to {teacher}: {LATER}"
    elif about.seat.payment == "stripe":
        headline = f"The time held for you has run out: {title} with {teacher}."
        text = (
            "It is free again, and you have not been charged. If you paid at the very last moment, that is put right "
            "by itself: you get the time if it is still free, or all of the money back."
        )
    else:
        headline = f"The time held for you has run out: {title} with {teacher}."
        text = f"It is free again. If you have paid already, say so on the call’s page: {LATER}"
    return message(
        about,
        sender,
        "free again",
        headline,
        (when(about, is_off=True), Paragraph(text), page(about, sender), _other_times(about, sender)),
    )


# --- To coaches


def coach_requested(about: SessionMessage, sender: Sender) -> Message:
    """That somebody asks for a call, with what they wrote, and until when to answer."""
    text = f"Accept or decline it on the call’s page by {_until(about)}. Until then nobody else can have the time."
    return _as_booked(about, sender, "asked for", f"{other_of(about)} asks for a call: {title_of(about)}.", text)


def coach_held(about: SessionMessage, sender: Sender) -> Message:
    """That somebody holds a time and is to pay."""
    if about.seat.payment == "stripe":
        text = (
            f"They pay {price(about)} by card. As soon as that is done, the time is theirs, and you are told. If it is "
            f"not, it is free again at {_until(about)}."
        )
        return _as_booked(about, sender, "held", f"{other_of(about)} holds a time: {title_of(about)}.", text)
    text = (
        f"They pay you {price(about)} directly. Once you have the money, confirm it on the call’s page: then the time "
        f"is theirs. If they do not say that they have paid, it is free again at {_until(about)}."
    )
    return _as_booked(about, sender, "held", f"{other_of(about)} holds a time: {title_of(about)}.", text)


def coach_paid(about: SessionMessage, sender: Sender) -> Message:
    """That a student says they have paid: the coach looks, and answers."""
    if about.call.state == "held":
        text = (
            f"Look whether {price(about)} has reached you, and answer on the call’s page. The time is kept for them "
            f"until {_until(about)}."
        )
    elif about.call.state != "expired":
        text = f"Look whether {price(about)} has reached you, and tick it off on the call’s page."
    else:
        text = f"Their time had run out before that. If you have {price(about)}, {CONFIRM_LATE}"
    return _as_booked(
        about, sender, "said to be paid", f"{other_of(about)} says that they have paid: {title_of(about)}.", text
    )


def coach_waiting(about: SessionMessage, sender: Sender) -> Message:
    """That an answer is about to be too late."""
    who = other_of(about)
    if about.call.state == "requested":
        headline = f"{who} still waits for your answer: {title_of(about)}."
        text = f"Accept or decline it by {_until(about)}, or the time is free again."
    else:
        headline = f"{who} still waits until you confirm their payment: {title_of(about)}."
        text = f"They say that they have paid you {price(about)}. Answer by {_until(about)}, or the time is free again."
    return _as_booked(about, sender, "waits for you", headline, text)


def coach_lapsed(about: SessionMessage, sender: Sender) -> Message:
    """That somebody waited in vain, and that they were told."""
    who, title = other_of(about), title_of(about)
    if about.fields.get("was") == "requested":
        headline = f"You have not answered {who} in time: {title}."
        text = f"The time is free again, and {who} knows it. They can ask once more."
    else:
        headline = f"You have not answered whether {who} has paid: {title}."
        text = f"The time is free again, and {who} knows it. If you have the money, {CONFIRM_LATE}"
    return message(
        about, sender, "free again", headline, (when(about, is_off=True), Paragraph(text), page(about, sender))
    )


TEXTS = {
    MessageKind.REQUESTED: requested,
    MessageKind.ACCEPTED: accepted,
    MessageKind.DECLINED: declined,
    MessageKind.HELD: held,
    MessageKind.HOLD_ENDING: hold_ending,
    MessageKind.CONFIRMED: confirmed,
    MessageKind.LAPSED: lapsed,
    MessageKind.COACH_REQUESTED: coach_requested,
    MessageKind.COACH_HELD: coach_held,
    MessageKind.COACH_PAID: coach_paid,
    MessageKind.COACH_WAITING: coach_waiting,
    MessageKind.COACH_LAPSED: coach_lapsed,
}


# --- What several of them say


def _to_pay(about: SessionMessage, sender: Sender, status: str, headline: str) -> Message:
    teacher, pay_text = other_of(about), clean(about.seat.pay_text, many_lines=True)
    by_card = about.seat.payment == "stripe"
    return message(
        about,
        sender,
        status,
        headline,
        (
            when(about),
            facts_of(_price_row(about), ("Held", f"until {_until(about)}")),
            Quote(f"{teacher} on how to pay", pay_text) if pay_text and not by_card else None,
            Paragraph(
                "Pay by card on the call’s page by then, and the time is yours."
                if by_card
                else "Pay by then, and say “I have paid” on the call’s page. The time is yours once "
                f"{teacher} has confirmed the payment."
            ),
            page(about, sender),
            _let_go(about, sender, "Let it go"),
        ),
    )


def _as_booked(about: SessionMessage, sender: Sender, status: str, headline: str, text: str) -> Message:
    """What a coach reads of a booking, but it is none yet."""
    booked = coach.booked(about, sender)
    moment, *rest = booked.blocks
    blocks = (moment, Paragraph(text), *rest)
    return replace(booked, subject=f"{booked.subject} · {status}", headline=headline, blocks=blocks, invitation=None)


def _price_row(about: SessionMessage) -> Row:
    how = "by card" if about.seat.payment == "stripe" else f"which you pay {other_of(about)} directly"
    return "Price", f"{price(about)}, {how}" if price(about) else "free"


def _until(about: SessionMessage) -> str:
    return short_time(about.call.held_until or about.call.starts_at, about.recipient.zone, formats(about))


def _let_go(about: SessionMessage, sender: Sender, label: str) -> Links:
    return Links(((label, step(about, sender, "cancellation")),))


def _other_times(about: SessionMessage, sender: Sender) -> Links:
    name = one_line(about.coach_name) or "your coach"
    return Links(((f"Other times with {name}", f"{sender.url}/s/{about.store_slug}/{about.product_slug}"),))
