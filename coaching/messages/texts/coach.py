"""What coaches read about the calls they give, by the kind of message. Pure."""

from coaching.messages.blocks import Block, Links, Message, Paragraph, Quote
from coaching.messages.facts import SessionMessage
from coaching.messages.sender import Sender
from coaching.messages.texts.parts import (
    Row,
    cancelled_late,
    due_part,
    extras_row,
    facts_of,
    formats,
    how_near,
    is_of_suspended_coach,
    is_on_time_after_all,
    is_others_doing,
    late_by,
    message,
    moved,
    one_line,
    other_is_late,
    other_of,
    page,
    page_link,
    price,
    reason_of,
    reason_of_move,
    room_row,
    step,
    title_of,
    way_in,
    when,
    who_cancelled,
)
from coaching.notices.kinds import MessageKind
from coaching.plain_text import clean

LONGEST_LABEL = 200


def booked(about: SessionMessage, sender: Sender) -> Message:
    """That somebody booked, and with it what they wrote, where the coach wants that in messages."""
    student = other_of(about)
    wrote = _what_they_wrote(about)
    return message(
        about,
        sender,
        "",
        f"Booked: {title_of(about)} with {student}.",
        (
            when(about),
            facts_of(_price_row(about), extras_row(about), room_row(about), _phone_row(about)),
            *wrote,
            None if wrote else Paragraph(f"If {student} wrote something for you, it stands on the call’s page."),
            page(about, sender),
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
        (when(about), before, reason_of_move(about), facts_of(room_row(about)), page(about, sender)),
        has_invitation=True,
    )


def cancelled(about: SessionMessage, sender: Sender) -> Message:
    """That a call is off, by whom, and what that means for what was paid."""
    student = other_of(about)
    return message(
        about,
        sender,
        "cancelled",
        f"{who_cancelled(about)}: {title_of(about)}{'' if is_others_doing(about) else f' with {student}'}.",
        (
            when(about, is_off=True),
            reason_of(about),
            None
            if is_of_suspended_coach(about)
            else Paragraph("The time can be booked again, as far as your hours allow it."),
            _what_was_paid(about),
            page(about, sender),
        ),
        has_invitation=about.call.held_until is None,
    )


def none_fits(about: SessionMessage, sender: Sender) -> Message:
    """That the student takes none of the proposed times."""
    student = other_of(about)
    return message(
        about,
        sender,
        "no proposed time fits",
        f"None of the times that you proposed fits: {title_of(about)} with {student}.",
        (
            when(about),
            Paragraph(f"The call stays at this time. Propose other ones, move it yourself, or write to {student}."),
            page(about, sender),
            Links(
                (("Propose other times", step(about, sender, "proposals")), ("Move it", step(about, sender, "move")))
            ),
        ),
    )


def reminder(about: SessionMessage, sender: Sender) -> Message:
    """That a call comes, and whether the student has said that they are coming."""
    student = other_of(about)
    said = (
        f"{student} has said that they are coming."
        if about.seat.is_coming
        else f"{student} has not said yet whether they come."
    )
    return message(
        about,
        sender,
        "reminder",
        f"{how_near(about).capitalize()}: {title_of(about)} with {student}.",
        (
            when(about),
            other_is_late(about),
            Paragraph(said),
            facts_of(room_row(about), _price_row(about), _phone_row(about)),
            *_what_they_wrote(about),
            way_in(about, sender),
            Links((*page_link(about, sender), ("I’m running late", step(about, sender, "lateness")))),
        ),
    )


def running_late(about: SessionMessage, sender: Sender) -> Message:
    """That the student comes later, or does not any more."""
    student, is_on_time = other_of(about), is_on_time_after_all(about)
    late = f"{student} is running {late_by(about)}late: {title_of(about)}."
    return message(
        about,
        sender,
        "on time" if is_on_time else "running late",
        f"{student} is on time after all: {title_of(about)}." if is_on_time else late,
        (
            None if is_on_time else Paragraph(f"The call is on, and {student} asks you to wait."),
            when(about),
            facts_of(room_row(about), _phone_row(about)),
            way_in(about, sender),
        ),
    )


TEXTS = {
    MessageKind.COACH_BOOKED: booked,
    MessageKind.COACH_MOVED: has_moved,
    MessageKind.COACH_CANCELLED: cancelled,
    MessageKind.COACH_NONE_FITS: none_fits,
    MessageKind.COACH_REMINDER: reminder,
    MessageKind.COACH_RUNNING_LATE: running_late,
}


# --- Rows and lines


def _price_row(about: SessionMessage) -> Row:
    if not price(about):
        return "Price", "free"
    if about.seat.payment != "outside":
        return "Price", f"{price(about)}, paid by card" if about.seat.is_paid else f"{price(about)}, by card"
    paid = "paid to you" if about.seat.is_paid else "to be paid to you directly"
    return "Price", f"{price(about)}, {paid}"


def _what_was_paid(about: SessionMessage) -> Paragraph | None:
    student = other_of(about)
    if about.seat.payment == "stripe":
        return _what_goes_back(about)
    if not price(about):
        return None
    says = _says_paid(about)
    if not about.terms.is_owed and not about.seat.is_paid:
        return (
            Paragraph(f"{says}. If it reaches you, tick it off on the call’s page and give it back.") if says else None
        )
    if not about.terms.is_owed:
        return Paragraph(f"{student} has paid you {price(about)} directly: give it back to them.")
    due = due_part(about)
    may = f"may keep {due or f'the {price(about)} they paid you'}" if about.seat.is_paid else ""
    may = may or f"may still ask for {due or price(about)}"
    return Paragraph(f"{cancelled_late(about)}, so you {may}.{f' {says}.' if says else ''}")


def _says_paid(about: SessionMessage) -> str:
    """That their student says they have paid; empty where nobody does, or it is confirmed."""
    is_said = about.seat.has_said_paid and not about.seat.is_paid
    return f"{other_of(about)} says that they have paid you {price(about)}" if is_said else ""


def _what_goes_back(about: SessionMessage) -> Paragraph | None:
    money = about.money
    if not about.seat.is_paid or money is None:
        return None
    back = formats(about).price(money.goes_back_cents, money.currency)
    clause = f"{back} goes back by itself" if money.goes_back_cents else "nothing of it goes back"
    if about.call.ended_by == "coach":
        clause = "all of it goes back by itself"
    return Paragraph(f"{other_of(about)} has paid {price(about)} by card, and {clause}.")


def _phone_row(about: SessionMessage) -> Row | None:
    # The number itself is no more told than other answers.
    is_by_phone = about.call.session_type == "phone"
    return ("By phone", "you call; the number stands on the call’s page") if is_by_phone else None


def _what_they_wrote(about: SessionMessage) -> list[Block]:
    student = other_of(about)
    texts = [("Goals", about.seat.goals), *about.seat.answers]
    kept = [(one_line(label, LONGEST_LABEL), clean(text, many_lines=True)) for label, text in texts]
    return [Quote(f"{student} on “{label}”", text) for label, text in kept if text]
