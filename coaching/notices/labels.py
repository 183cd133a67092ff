"""The outbox in words, for those who look after it. Pure.

"Sent" is that the mail server or Discord took a message; nobody here knows whether it was read.
"""

from coaching.notices.kind_rules import RULES
from coaching.notices.kinds import Audience, Channel, MessageKind

# state: how grave, and the word
STATE_LABELS = {
    "waiting": ("info", "Waiting"),
    "held": ("warn", "Kept back"),
    "sending": ("info", "Being sent"),
    "sent": ("good", "Sent"),
    "unsure": ("warn", "Unsure"),
    "failed": ("bad", "Failed"),
    "expired": ("neutral", "Too late"),
    "overtaken": ("neutral", "Overtaken"),
    "off": ("neutral", "Not wanted"),
}
# What a state means for whoever reads it for the first time.
STATE_SENTENCES = {
    "waiting": "It waits to be sent.",
    "held": "It waits until this person can be reached.",
    "sending": "It is being sent.",
    "unsure": "It may have arrived, so it is not sent again by itself.",
    "failed": "It is not tried again by itself.",
    "expired": "It was not worth sending any more.",
    "overtaken": "A later message says it, or what it was about is off.",
    "off": "They do not want this kind of message.",
}
# Why a message is overtaken that goes to the same person by the other channel.
OTHER_WAY = "it goes by the other channel"
CHANNEL_LABELS = {Channel.MAIL: "E-mail", Channel.DISCORD: "Discord"}
# Shorter than the title under which people choose it. A kind that is missing here is called by its title.
SHORT_LABELS = {
    MessageKind.BOOKED: "Booking",
    MessageKind.REQUESTED: "Request",
    MessageKind.ACCEPTED: "Accepted",
    MessageKind.DECLINED: "Declined",
    MessageKind.HELD: "Time held",
    MessageKind.HOLD_ENDING: "Hold about to end",
    MessageKind.CONFIRMED: "Payment confirmed",
    MessageKind.LAPSED: "Time free again",
    MessageKind.MOVED: "New time",
    MessageKind.CLOCKS: "Clocks have changed",
    MessageKind.CANCELLED: "Cancellation",
    MessageKind.PROPOSED: "Other times proposed",
    MessageKind.INVITED: "Invitation",
    MessageKind.REMINDER: "Reminder",
    MessageKind.ROOM_OPEN: "The room is open",
    MessageKind.NEEDED: "Something is needed",
    MessageKind.ROOM_LATE: "The room is late",
    MessageKind.RUNNING_LATE: "The coach is late",
    MessageKind.PAID: "Paid by card",
    MessageKind.PAYMENT_FAILED: "Payment failed",
    MessageKind.PAYMENT_LATE: "Payment too late",
    MessageKind.REFUNDED: "Refund",
    MessageKind.REFUND_FAILED: "Refund failed",
    MessageKind.RECEIPT: "Receipt",
    MessageKind.LEFT_SERVER: "Not on the server",
    MessageKind.OUTCOME_ASKED: "Did it take place",
    MessageKind.OBJECTION_DECIDED: "Objection decided",
    MessageKind.FOLDER_WRITTEN: "New in the folder",
    MessageKind.REVIEW_ASKED: "Asked for a review",
    MessageKind.REVIEW_ANSWERED: "Review answered",
    MessageKind.REVIEW_DECIDED: "Review hidden or shown",
    MessageKind.COACH_BOOKED: "Booking",
    MessageKind.COACH_REQUESTED: "Request",
    MessageKind.COACH_HELD: "Time held",
    MessageKind.COACH_PAID: "Said to be paid",
    MessageKind.COACH_WAITING: "Answer still missing",
    MessageKind.COACH_LAPSED: "Too late to answer",
    MessageKind.COACH_MOVED: "New time",
    MessageKind.COACH_CLOCKS: "Clocks have changed",
    MessageKind.COACH_CANCELLED: "Cancellation",
    MessageKind.COACH_NONE_FITS: "No proposed time fits",
    MessageKind.COACH_REMINDER: "Reminder",
    MessageKind.COACH_RUNNING_LATE: "The student is late",
    MessageKind.COACH_PAYMENT_LATE: "Payment too late",
    MessageKind.COACH_REFUNDED: "Refund",
    MessageKind.COACH_REFUND_FAILED: "Refund failed",
    MessageKind.COACH_OUTCOME_ASKED: "Did it take place",
    MessageKind.COACH_MISSED: "Missed by the coach",
    MessageKind.COACH_OBJECTION: "Objection",
    MessageKind.COACH_OBJECTION_DECIDED: "Objection decided",
    MessageKind.COACH_DISPUTED: "Dispute",
    MessageKind.COACH_FOLDER_WRITTEN: "New in the folder",
    MessageKind.COACH_REVIEWED: "New review",
    MessageKind.COACH_REVIEW_DECIDED: "Review hidden or kept",
    MessageKind.COACH_ASKED: "Message of a student",
    MessageKind.COACH_DAY: "Calls of the day",
    MessageKind.COACH_APPLIED: "Application",
    MessageKind.APPLICATION_ANSWERED: "Application answered",
    MessageKind.COACH_STANDING: "Standing as a coach",
    MessageKind.DATA_READY: "Own data ready",
    MessageKind.ALERT: "Trouble",
}
AUDIENCE_LABELS = {
    Audience.STUDENT: "To students",
    Audience.COACH: "To coaches",
    Audience.OWNER: "About accounts, servers and the site",
}


def kind_label(kind: str) -> str:
    """What the kind of a message is called; one that this version does not know by its stored name."""
    if kind not in RULES:
        return kind
    known = MessageKind(kind)
    return SHORT_LABELS.get(known, RULES[known].title)


def kinds_by_audience() -> list[tuple[str, list[tuple[str, str]]]]:
    """Every kind with its label, by whom it goes to."""
    return [
        (label, [(kind.value, kind_label(kind)) for kind, rules in RULES.items() if rules.audience is audience])
        for audience, label in AUDIENCE_LABELS.items()
    ]


def plain_state(state: str, channel: str, attempts: int = 0, *, is_own: bool = False, reason: str = "") -> str:
    """What became of a message, for the two people of a session: "Sent by e-mail". `is_own`: its recipient reads it."""
    by = {Channel.MAIL: " by e-mail", Channel.DISCORD: " on Discord"}[Channel(channel)] if channel else ""
    they, them = ("you", "you") if is_own else ("they", "them")
    if state == "overtaken" and reason.startswith(OTHER_WAY):
        return f"Could not be sent{by}: it goes the other way"
    if state == "waiting" and attempts:
        return f"Could not be sent{by} yet, and is tried again"
    return {
        "waiting": f"Waits to be sent{by}",
        "held": f"Not sent: nobody knows where to reach {them}",
        "sending": f"Is being sent{by}",
        "sent": f"Sent{by}",
        "unsure": f"May have been sent{by}",
        "failed": f"Could not be sent{by}",
        "expired": "Not sent: it was too late",
        "overtaken": "Not sent: a later message says it, or the call is off",
        "off": f"Not sent: {they} do not want this kind of message",
    }.get(state, state)
