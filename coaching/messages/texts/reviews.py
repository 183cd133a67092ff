"""What people read of reviews, by the kind of message. Pure."""

from coaching.messages.blocks import Button, Links, Message, Paragraph, Quote
from coaching.messages.facts import SessionMessage
from coaching.messages.sender import Sender
from coaching.messages.texts.parts import message, other_of, step, title_of, when
from coaching.notices.kinds import MessageKind
from coaching.plain_text import clean

# A message leads to the whole of it.
LONGEST_QUOTE = 600

# --- To students


def review_asked(about: SessionMessage, sender: Sender) -> Message:
    """Whether they want to say how the call was, and what becomes of it."""
    return message(
        about,
        sender,
        "how was it?",
        f"How was your call? {title_of(about)} with {other_of(about)}.",
        (
            when(about),
            Paragraph(
                "Say it in stars, and in a few words if you like. Everybody can read it beside your first name, and "
                f"{other_of(about)} can answer it once. We ask only this once."
            ),
            Button("Write a review", step(about, sender, "review")),
            Links((("The call’s page", step(about, sender)),)),
        ),
    )


def review_answered(about: SessionMessage, sender: Sender) -> Message:
    """What the coach has answered."""
    teacher = other_of(about)
    return message(
        about,
        sender,
        "your review was answered",
        f"{teacher} has answered your review of {title_of(about)}.",
        (
            _quote(f"{teacher} writes", about.review.answer if about.review else ""),
            when(about),
            Button("Open your review", step(about, sender, "review")),
            Links((("The call’s page", step(about, sender)),)),
        ),
    )


def review_decided(about: SessionMessage, sender: Sender) -> Message:
    """That it is hidden, and why, or that it is shown again."""
    if about.fields.get("decision") == "shown":
        status, text = "your review is shown again", "Whoever runs this site has decided so."
    else:
        status, text = "your review was hidden", "Nobody but you, your coach and whoever runs this site can read it."
    return _decided(about, sender, status, text, "Open your review")


# --- To coaches


def coach_reviewed(about: SessionMessage, sender: Sender) -> Message:
    """What the student wrote, or that they have changed what was answered."""
    who = other_of(about)
    is_changed = bool(about.fields.get("is_changed"))
    did = "has changed their review" if is_changed else "has written a review"
    is_answered = bool(about.review and about.review.answer)
    after = "Your answer still stands below it, and you can reword it." if is_answered else "You can answer it once."
    stars = f"{about.review.stars} of 5 stars. " if about.review else ""
    return message(
        about,
        sender,
        "a changed review" if is_changed else "a review",
        f"{who} {did}: {title_of(about)}.",
        (
            when(about),
            Paragraph(f"{stars}{after}"),
            _quote(f"{who} writes", about.review.words if about.review else ""),
            Button("See and answer it", step(about, sender, "review")),
            Links((("The call’s page", step(about, sender)),)),
        ),
    )


def coach_review_decided(about: SessionMessage, sender: Sender) -> Message:
    """What was decided about a review of their call."""
    status, text = {
        "hidden": ("a review was hidden", "It is on no public page any more, and counts in no average."),
        "shown": ("a review is shown again", "Everybody can read it again, and it counts."),
    }.get(
        str(about.fields.get("decision")),
        ("a review stays", "Whoever runs this site has looked at what you reported, and lets it stand."),
    )
    return _decided(about, sender, status, text, "See it")


TEXTS = {
    MessageKind.REVIEW_ASKED: review_asked,
    MessageKind.REVIEW_ANSWERED: review_answered,
    MessageKind.REVIEW_DECIDED: review_decided,
    MessageKind.COACH_REVIEWED: coach_reviewed,
    MessageKind.COACH_REVIEW_DECIDED: coach_review_decided,
}


# --- What several of them say


def _decided(about: SessionMessage, sender: Sender, status: str, text: str, button: str) -> Message:
    return message(
        about,
        sender,
        status,
        f"{status.capitalize()}: {title_of(about)} with {other_of(about)}.",
        (
            _why(about),
            Paragraph(text),
            when(about),
            Button(button, step(about, sender, "review")),
            Links((("The call’s page", step(about, sender)),)),
        ),
    )


def _why(about: SessionMessage) -> Quote | None:
    """Why it is hidden, in the words of whoever did that."""
    return _quote("Whoever runs this site writes", about.review.hidden_why if about.review else "")


def _quote(by: str, text: str) -> Quote | None:
    text = clean(text, many_lines=True)
    if len(text) > LONGEST_QUOTE:
        text = f"{text[: LONGEST_QUOTE - 1].rstrip()}…"
    return Quote(by, text) if text else None
