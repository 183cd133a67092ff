"""What people read about money: paid, too late, given back, a receipt; by the kind of message. Pure."""

from dataclasses import replace

from coaching.messages.blocks import Block, Links, Message, Paragraph, Quote
from coaching.messages.facts import MessageMoney, SessionMessage
from coaching.messages.sender import Sender
from coaching.messages.texts import student
from coaching.messages.texts.parts import (
    Row,
    facts_of,
    formats,
    message,
    other_of,
    page,
    price,
    title_of,
    when,
)
from coaching.messages.texts.times import short_time
from coaching.notices.kinds import MessageKind
from coaching.payments.cause_labels import why_for_coach, why_for_student
from coaching.plain_text import clean

# As card networks have it (https://docs.stripe.com/refunds): five to ten business days.
ARRIVES = "It shows on the card or account that you paid with, most often within 5 to 10 days."
BY_ITSELF = "There is nothing for you to do."

# --- To students


def paid(about: SessionMessage, sender: Sender) -> Message:
    """The confirmation of a call that was paid by card."""
    headline = f"Paid, {_amount(about)}: {title_of(about)} with {other_of(about)}. The time is yours."
    return with_paper(about, sender, replace(student.booked(about, sender), headline=headline))


def payment_failed(about: SessionMessage, sender: Sender) -> Message:
    """That a payment came to nothing, and what can be done."""
    if about.call.state == "held" and about.call.held_until:
        until = short_time(about.call.held_until, about.recipient.zone, formats(about))
        text = f"You have not been charged. The time is kept for you until {until}: pay on the call’s page by then."
    else:
        text = "You have not been charged, and the time is free again. Take it once more, or another one."
    return message(
        about,
        sender,
        "payment failed",
        f"Your payment did not go through: {title_of(about)} with {other_of(about)}.",
        (
            when(about, is_off=about.call.state != "held"),
            Paragraph(text),
            page(about, sender),
            _other_times(about, sender),
        ),
    )


def payment_late(about: SessionMessage, sender: Sender) -> Message:
    """That a payment came when the time was gone, and goes back in full."""
    return message(
        about,
        sender,
        "payment too late",
        f"Your payment came too late: {title_of(about)} with {other_of(about)}.",
        (
            when(about, is_off=True),
            Paragraph(
                f"The time was not yours any more when {_amount(about)} arrived. All of it goes back to you, and there "
                "is nothing for you to do."
            ),
            Paragraph(ARRIVES),
            page(about, sender),
            _other_times(about, sender),
        ),
    )


def refunded(about: SessionMessage, sender: Sender) -> Message:
    """How much goes back, why, and when it arrives."""
    teacher, money = other_of(about), _money(about)
    sent = f"{teacher} has sent you {_amount(about)} back" if money.is_by_hand else f"{_amount(about)} goes back to you"
    arrives = f"{teacher} sends it the way you paid, and not through this site." if money.is_by_hand else ARRIVES
    return message(
        about,
        sender,
        "refund",
        f"{sent}: {title_of(about)}.",
        (
            when(about, is_off=about.call.state == "cancelled"),
            _why(about),
            _refund_reason(about),
            Paragraph(arrives),
            page(about, sender),
            _paper_links(about, sender),
        ),
    )


def refund_failed(about: SessionMessage, sender: Sender) -> Message:
    """That money could not be sent back, and who has to send it now."""
    teacher, ask = other_of(about), f" You can write to {about.reply_to}." if about.reply_to else ""
    return message(
        about,
        sender,
        "refund failed",
        f"{_amount(about)} could not be sent back to you: {title_of(about)}.",
        (
            when(about, is_off=about.call.state == "cancelled"),
            _why(about),
            Paragraph(
                "The bank of your card has not taken it, as when a card was closed meanwhile. The money is yours all "
                f"the same: {teacher} has been told, and has to send it to you another way.{ask}"
            ),
            page(about, sender),
        ),
    )


def receipt(about: SessionMessage, sender: Sender) -> Message:
    """The receipt or credit note, where nothing else has brought it."""
    paper = "credit note" if _money(about).cause else "receipt"
    return message(
        about,
        sender,
        paper,
        f"Your {paper} for {_amount(about)}: {title_of(about)} with {other_of(about)}.",
        (
            when(about, is_off=about.call.state == "cancelled"),
            facts_of(_paper_row(about)),
            page(about, sender),
            _paper_links(about, sender),
        ),
    )


# --- To coaches


def coach_payment_late(about: SessionMessage, sender: Sender) -> Message:
    """That a student paid when the time was gone, and that it goes back by itself."""
    who = other_of(about)
    return message(
        about,
        sender,
        "payment too late",
        f"{who} has paid too late: {title_of(about)}.",
        (
            when(about, is_off=True),
            Paragraph(
                f"The time was not theirs any more when {_amount(about)} arrived. All of it goes back to {who}. "
                f"{BY_ITSELF}"
            ),
            page(about, sender),
        ),
    )


def coach_refunded(about: SessionMessage, sender: Sender) -> Message:
    """How much goes back to a student, and why; what was paid outside is for the coach to send."""
    who = other_of(about)
    if _money(about).is_by_hand:
        headline = f"Send {_amount(about)} back to {who}: {title_of(about)}."
        text = f"{who} paid you directly, so only you can send it. Tick it on the call’s page when it is done."
    else:
        headline, text = f"{_amount(about)} goes back to {who}: {title_of(about)}.", BY_ITSELF
    return message(
        about,
        sender,
        "refund",
        headline,
        (
            when(about, is_off=about.call.state == "cancelled"),
            _why(about),
            _refund_reason(about),
            Paragraph(text),
            page(about, sender),
        ),
    )


def coach_refund_failed(about: SessionMessage, sender: Sender) -> Message:
    """That a refund came back, and what the coach has to do about it."""
    who = other_of(about)
    return message(
        about,
        sender,
        "refund failed",
        f"{_amount(about)} could not be sent back to {who}: {title_of(about)}.",
        (
            when(about, is_off=about.call.state == "cancelled"),
            _why(about),
            Paragraph(
                f"The bank of their card has not taken it, so it is on your account again. It belongs to {who}, who "
                "has been told: agree on another way, send it, and tick it on the call’s page."
            ),
            page(about, sender),
        ),
    )


TEXTS = {
    MessageKind.PAID: paid,
    MessageKind.PAYMENT_FAILED: payment_failed,
    MessageKind.PAYMENT_LATE: payment_late,
    MessageKind.REFUNDED: refunded,
    MessageKind.REFUND_FAILED: refund_failed,
    MessageKind.RECEIPT: receipt,
    MessageKind.COACH_PAYMENT_LATE: coach_payment_late,
    MessageKind.COACH_REFUNDED: coach_refunded,
    MessageKind.COACH_REFUND_FAILED: coach_refund_failed,
}


# --- What several of them say


def _money(about: SessionMessage) -> MessageMoney:
    return about.money or MessageMoney(
        about.seat.price_cents, about.seat.currency, by_card=about.seat.payment == "stripe"
    )


def _amount(about: SessionMessage) -> str:
    money = _money(about)
    return formats(about).price(money.amount_cents, money.currency) if about.money else price(about)


def _why(about: SessionMessage) -> Paragraph | None:
    cause = _money(about).cause or ""
    text = (why_for_coach if about.is_to_coach else why_for_student)(cause, other_of(about))
    return Paragraph(text) if text else None


def _refund_reason(about: SessionMessage) -> Quote | None:
    reason = clean(_money(about).reason, many_lines=True)
    return Quote("With this reason", reason) if reason else None


def _paper_row(about: SessionMessage) -> Row | None:
    money = _money(about)
    return ("Credit note" if money.cause else "Receipt", money.paper_number) if money.paper_number else None


def _paper_links(about: SessionMessage, sender: Sender) -> Links:
    """The receipt or credit note; where it is not written yet, the page on which it is going to be."""
    code, label = _money(about).paper_code, "Credit note" if _money(about).cause else "Receipt"
    return Links(((label, sender.receipt_url(code)) if code else ("Your receipts", sender.receipts_url),))


def with_paper(about: SessionMessage, sender: Sender, confirmation: Message) -> Message:
    """The confirmation of what was paid, with the receipt before its last links."""
    *blocks, last = confirmation.blocks
    paper = _paper_links(about, sender)
    links = Links((*paper.links, *last.links)) if isinstance(last, Links) else paper
    rest: tuple[Block, ...] = (links,) if isinstance(last, Links) else (last, links)
    return replace(confirmation, blocks=(*blocks, *rest))


def _other_times(about: SessionMessage, sender: Sender) -> Links:
    return Links(((f"Other times with {other_of(about)}", f"{sender.url}/s/{about.store_slug}/{about.product_slug}"),))
