"""What people read where it is not clear what became of a call and its money, by the kind of message. Pure."""

from datetime import datetime

from coaching.messages.blocks import Message, Paragraph
from coaching.messages.facts import SessionMessage
from coaching.messages.sender import Sender
from coaching.messages.texts.parts import formats, message, other_of, page, title_of, when
from coaching.messages.texts.times import short_time
from coaching.notices.kinds import MessageKind

# --- To students


def left_server(about: SessionMessage, sender: Sender) -> Message:
    """That they are not on the server any more, and how to come back before it is too late."""
    teacher = other_of(about)
    return message(
        about,
        sender,
        "not on the server",
        f"You are not on {teacher}’s server any more: {title_of(about)}.",
        (
            when(about),
            Paragraph(
                "You have left it, or were put off it: Discord does not tell us which. Without it the room cannot let "
                "you in, and the call counts as one that you missed."
            ),
            Paragraph(
                "Join it again on the call’s page. The room then lets you in by itself, also while the call is on."
            ),
            page(about, sender),
        ),
    )


def outcome_asked(about: SessionMessage, sender: Sender) -> Message:
    """That nobody could see what became of the call, and where to say it."""
    teacher = other_of(about)
    return message(
        about,
        sender,
        "did it take place?",
        f"Did your call take place? {title_of(about)} with {teacher}.",
        (
            when(about),
            Paragraph(f"{_unseen(about)} Say on the call’s page what happened. {teacher} is asked, too, and decides."),
            Paragraph("If you then disagree about your money, whoever runs this site looks at both sides."),
            page(about, sender),
        ),
    )


def objection_decided(about: SessionMessage, sender: Sender) -> Message:
    """What was decided about what they disagreed with, and where it says why."""
    return _objection_decided(about, sender, "what you wrote, at the other side, and at the record")


# --- To coaches


def coach_outcome_asked(about: SessionMessage, sender: Sender) -> Message:
    """That nobody could see what became of the call, and that the coach decides."""
    who = other_of(about)
    return message(
        about,
        sender,
        "did it take place?",
        f"Did your call with {who} take place? {title_of(about)}.",
        (
            when(about),
            Paragraph(
                f"{_unseen(about)} No money moves by itself. Say on the call’s page what happened; there you can also "
                f"give back all of it or a part. {who} is asked, too."
            ),
            page(about, sender),
        ),
    )


def coach_missed(about: SessionMessage, sender: Sender) -> Message:
    """That by the record they were not there, what goes back for it, and until when they can correct it."""
    who, until = other_of(about), about.fields.get("until")
    by = ""
    if isinstance(until, str):
        by = f" on {short_time(datetime.fromisoformat(until), about.recipient.zone, formats(about))}"
    return message(
        about,
        sender,
        "missed",
        f"By the record you were not there, and {who} was: {title_of(about)}.",
        (
            when(about),
            Paragraph(
                f"{_amount(about)} goes back to {who} by itself{by}. If you were there, say so on the call’s page "
                "before: then it stays with you. If you were not, you can give it back there at once."
            ),
            page(about, sender),
        ),
    )


def coach_objection(about: SessionMessage, sender: Sender) -> Message:
    """What the student wrote, and that the coach's side counts as well."""
    who = other_of(about)
    return message(
        about,
        sender,
        "objection",
        f"{who} disagrees about their money: {title_of(about)}.",
        (
            when(about, is_off=about.call.state == "cancelled"),
            Paragraph(
                f"Whoever runs this site looks at both sides and decides. What {who} wrote stands on the call’s page: "
                f"write your side there, once. You can also agree with {who} and give money back yourself."
            ),
            page(about, sender),
        ),
    )


def coach_objection_decided(about: SessionMessage, sender: Sender) -> Message:
    """What was decided about what the student disagreed with, and where it says why."""
    return _objection_decided(about, sender, "both sides and at the record")


def coach_disputed(about: SessionMessage, sender: Sender) -> Message:
    """That the student's bank has taken the money back for now, and what can be sent to Stripe."""
    who = other_of(about)
    return message(
        about,
        sender,
        "dispute",
        f"{who}’s bank has taken the payment back: {title_of(about)}.",
        (
            when(about, is_off=about.call.state == "cancelled"),
            Paragraph(
                f"{who} has disputed {_amount(about)} at their bank. Stripe holds it until the bank has decided. "
                "Answer in Stripe’s dashboard in time: the record of who was in the room stands on the call’s page, "
                "to copy."
            ),
            page(about, sender),
        ),
    )


TEXTS = {
    MessageKind.LEFT_SERVER: left_server,
    MessageKind.OUTCOME_ASKED: outcome_asked,
    MessageKind.OBJECTION_DECIDED: objection_decided,
    MessageKind.COACH_OUTCOME_ASKED: coach_outcome_asked,
    MessageKind.COACH_MISSED: coach_missed,
    MessageKind.COACH_OBJECTION: coach_objection,
    MessageKind.COACH_OBJECTION_DECIDED: coach_objection_decided,
    MessageKind.COACH_DISPUTED: coach_disputed,
}


# --- What several of them say


def _objection_decided(about: SessionMessage, sender: Sender, basis: str) -> Message:
    return message(
        about,
        sender,
        "decided",
        f"{_decided(about)}: {title_of(about)} with {other_of(about)}.",
        (
            when(about, is_off=about.call.state == "cancelled"),
            Paragraph(f"Whoever runs this site has looked at {basis}. Why they decided so stands on the call’s page."),
            page(about, sender),
        ),
    )


def _unseen(about: SessionMessage) -> str:
    if about.call.session_type == "phone":
        return "It was by phone, where nobody can see who was there."
    return "The room’s record does not tell who was there for long enough."


def _decided(about: SessionMessage) -> str:
    to_whom = other_of(about) if about.is_to_coach else "you"
    return f"{_amount(about)} goes back to {to_whom}" if _cents(about) else "Nothing more goes back"


def _amount(about: SessionMessage) -> str:
    currency = about.money.currency if about.money else about.seat.currency
    return formats(about).price(_cents(about), currency)


def _cents(about: SessionMessage) -> int:
    cents = about.fields.get("amount_cents")
    return cents if isinstance(cents, int) else 0
