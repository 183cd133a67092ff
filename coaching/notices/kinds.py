"""Which messages there are, to whom and by which way they go. Pure.

Who adds a kind adds its row in `kind_rules.py`, and its words in `coaching/messages/texts/`; a test finds a kind that
lacks either.
"""

from enum import StrEnum


class Audience(StrEnum):
    """To whom a message goes."""

    STUDENT = "student"
    COACH = "coach"
    OWNER = "owner"  # of an account, or of a store or site that is in trouble


class Channel(StrEnum):
    """The way a message takes."""

    MAIL = "mail"
    DISCORD = "discord"


class MessageKind(StrEnum):
    """A kind of message. The name is stored, and never changes."""

    BOOKED = "booked"
    REQUESTED = "requested"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    HELD = "held"
    HOLD_ENDING = "hold_ending"
    CONFIRMED = "confirmed"
    LAPSED = "lapsed"
    MOVED = "moved"
    CLOCKS = "clocks"
    CANCELLED = "cancelled"
    PROPOSED = "proposed"
    INVITED = "invited"
    REMINDER = "reminder"
    ROOM_OPEN = "room_open"
    NEEDED = "needed"
    ROOM_LATE = "room_late"
    RUNNING_LATE = "running_late"
    PAID = "paid"
    PAYMENT_FAILED = "payment_failed"
    PAYMENT_LATE = "payment_late"
    REFUNDED = "refunded"
    REFUND_FAILED = "refund_failed"
    RECEIPT = "receipt"
    LEFT_SERVER = "left_server"
    OUTCOME_ASKED = "outcome_asked"
    OBJECTION_DECIDED = "objection_decided"
    FOLDER_WRITTEN = "folder_written"
    REVIEW_ASKED = "review_asked"
    REVIEW_ANSWERED = "review_answered"
    REVIEW_DECIDED = "review_decided"
    COACH_BOOKED = "coach_booked"
    COACH_REQUESTED = "coach_requested"
    COACH_HELD = "coach_held"
    COACH_PAID = "coach_paid"
    COACH_WAITING = "coach_waiting"
    COACH_LAPSED = "coach_lapsed"
    COACH_MOVED = "coach_moved"
    COACH_CLOCKS = "coach_clocks"
    COACH_CANCELLED = "coach_cancelled"
    COACH_NONE_FITS = "coach_none_fits"
    COACH_REMINDER = "coach_reminder"
    COACH_RUNNING_LATE = "coach_running_late"
    COACH_PAYMENT_LATE = "coach_payment_late"
    COACH_REFUNDED = "coach_refunded"
    COACH_REFUND_FAILED = "coach_refund_failed"
    COACH_OUTCOME_ASKED = "coach_outcome_asked"
    COACH_MISSED = "coach_missed"
    COACH_OBJECTION = "coach_objection"
    COACH_OBJECTION_DECIDED = "coach_objection_decided"
    COACH_DISPUTED = "coach_disputed"
    COACH_FOLDER_WRITTEN = "coach_folder_written"
    COACH_REVIEWED = "coach_reviewed"
    COACH_REVIEW_DECIDED = "coach_review_decided"
    COACH_ASKED = "coach_asked"
    COACH_DAY = "coach_day"
    COACH_APPLIED = "coach_applied"
    APPLICATION_ANSWERED = "application_answered"
    COACH_STANDING = "coach_standing"
    DATA_READY = "data_ready"
    ALERT = "alert"
    VERIFY = "verify"
    RESET = "reset"
    CLAIM = "claim"
    DATA_LINK = "data_link"
    CHANGED = "changed"


# About accounts and servers: they are written by the machine's clock, all others by the product's.
BY_MACHINE = frozenset(
    {
        *(MessageKind.VERIFY, MessageKind.RESET, MessageKind.CLAIM, MessageKind.CHANGED),
        *(MessageKind.ALERT, MessageKind.DATA_READY, MessageKind.DATA_LINK),
    }
)
