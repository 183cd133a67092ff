"""Who may review a call, and until when a review or its answer can be changed. Pure.

It rests on the record of who was in the room, and not on what somebody says became of the call: nobody can have a
review of a call that they were seen in taken away by correcting its outcome.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from coaching.booking.outcome_rules import ENDED

# So long after the end of a call it can be reviewed, and so long after that was written it can be changed.
REVIEWED_WITHIN = timedelta(days=60)
CHANGED_WITHIN = timedelta(days=14)
# Its student is asked so long after the end, and no more once it is so long ago.
ASKED_AFTER = timedelta(hours=1)
ASKED_UNTIL = timedelta(days=7)
STARS = range(1, 6)
LONGEST_WORDS = 2000
# What one writes is read among others' words: whoever presses Return a thousand times would push those away.
MOST_LINES = 60
LONGEST_ANSWER = 2000
LONGEST_REPORT = 500
LONGEST_REASON = 500
LONGEST_NAME = 40
FORMER_STUDENT = "Former student"
CALLED_OFF = ("cancelled", "declined", "expired")


class Presence(StrEnum):
    """What the record of the call's room says of its student."""

    SEEN = "seen"
    MISSED = "missed"  # looked for during nearly all of the call, and never there
    UNKNOWN = "unknown"


class Why(StrEnum):
    """Why a call cannot be reviewed, or a review not be changed."""

    NOT_OVER = "not_over"
    CALLED_OFF = "called_off"
    NO_REVIEWS = "no_reviews"
    TOO_LATE = "too_late"
    NOT_HELD = "not_held"
    NOT_KNOWN = "not_known"
    NOT_SEEN = "not_seen"
    HIDDEN = "hidden"
    FINAL = "stands"


SENTENCES = {
    Why.NOT_OVER: "You can review this call once it is over.",
    Why.CALLED_OFF: "This call did not take place, so there is nothing to review.",
    Why.NO_REVIEWS: "Its coach takes no reviews of these calls.",
    Why.TOO_LATE: "A call can be reviewed within 60 days of its end, and that time is over.",
    Why.NOT_HELD: "By what is written down of this call it did not take place, so there is nothing to review.",
    Why.NOT_KNOWN: "The record does not tell whether you were in the room. Once your coach has said on the call’s page "
    "that the call took place, you can review it.",
    Why.NOT_SEEN: "By the record you were not in the room of this call, so you cannot review it.",
    Why.HIDDEN: "This review is hidden, so it cannot be changed.",
    Why.FINAL: "A review can be changed within 14 days after it was written. It stands as it is.",
}


@dataclass(frozen=True)
class CallFacts:
    """What decides whether the call's student may review it."""

    state: str
    ends_at: datetime
    is_by_phone: bool
    presence: Presence
    takes_reviews: bool  # its product, now


@dataclass(frozen=True)
class ReviewFacts:
    """What decides whether a review, or its answer, can still be changed."""

    made_at: datetime
    edited_at: datetime | None
    answered_at: datetime | None
    is_hidden: bool


def why_not_review(call: CallFacts, now: datetime) -> Why | None:
    """Why the student cannot write a first review of the call at `now`; None when they can."""
    if call.state in CALLED_OFF or (call.state not in ENDED and now >= call.ends_at):
        return Why.CALLED_OFF
    if now < call.ends_at:
        return Why.NOT_OVER
    if not call.takes_reviews:
        return Why.NO_REVIEWS
    if now >= call.ends_at + REVIEWED_WITHIN:
        return Why.TOO_LATE
    if call.is_by_phone:
        # Nobody can see who speaks on the phone: it counts as held until somebody says that it was not.
        return Why.NOT_HELD if call.state == "no_show" else None
    if call.presence is Presence.SEEN:
        return None
    if call.presence is Presence.MISSED:
        return Why.NOT_SEEN
    return None if call.state == "completed" else Why.NOT_KNOWN


def is_verified(call: CallFacts) -> bool:
    """True when the record of the room shows the student: what nobody saw bears no such mark."""
    return not call.is_by_phone and call.presence is Presence.SEEN


def why_not_change(review: ReviewFacts, now: datetime) -> Why | None:
    """Why its author cannot change or remove the review at `now`; None when they can."""
    if review.is_hidden:
        return Why.HIDDEN
    return Why.FINAL if now >= review.made_at + CHANGED_WITHIN else None


def may_answer(review: ReviewFacts, now: datetime) -> bool:
    """True when the coach may answer, or reword their one answer.

    So long after it was written, and after a later change of the review that it answers.
    """
    if review.is_hidden:
        return False
    since = max(filter(None, (review.answered_at, review.edited_at)), default=now)
    return review.answered_at is None or now < since + CHANGED_WITHIN


def may_report_again(settled_at: datetime | None, edited_at: datetime | None) -> bool:
    """True where an admin has decided on somebody's report, and the review was changed since."""
    return settled_at is not None and edited_at is not None and edited_at > settled_at


def mark_of(stars: int, text: str, answer: str | None = None) -> str:
    """What tells one version of a review, and of its answer where that counts, from another.

    A form says which one it was drawn from.
    """
    parts = [str(stars), text, *([] if answer is None else [answer])]
    return sha256("\n".join(parts).encode()).hexdigest()[:16]


def in_few_lines(text: str) -> str:
    """The text without more than one empty line in a row, and without spaces at the ends of lines."""
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[^\S\n]+\n", "\n", text))


def shown_name(name: str | None) -> str:
    """The name under which everybody reads a review: the first word of its author's."""
    names = (name or "").split()
    return names[0][:LONGEST_NAME] if names else FORMER_STUDENT
