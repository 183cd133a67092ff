"""What a dispute's states mean, and how often disputes are read. Pure."""

from datetime import datetime, timedelta

# As Stripe calls them (https://docs.stripe.com/api/disputes/object). In words: for the coach and for admins.
STATES = {
    "warning_needs_response": ("warn", "The bank asks about it"),
    "warning_under_review": ("info", "The bank looks at what was said"),
    "warning_closed": ("neutral", "The bank asked, and left it at that"),
    "needs_response": ("bad", "Waits for your evidence"),
    "under_review": ("info", "The bank looks at your evidence"),
    "won": ("good", "Won: the money is back on the account"),
    "lost": ("bad", "Lost: the money stays with the student"),
    "prevented": ("neutral", "Settled before it became a dispute"),
}
WAITING = ("warning_needs_response", "needs_response")
# In these the bank has the money: the provider gives none of it back, and who sends it another way pays twice.
AT_THE_BANK = ("needs_response", "under_review", "lost")
# Why a refund was refused, where it was for a dispute.
DISPUTED = "disputed"
FINAL = ("warning_closed", "won", "lost", "prevented")
_REASONS = {
    "product_not_received": "They say that the call did not take place",
    "product_unacceptable": "They say that the call was not what was sold",
    "fraudulent": "They say that they did not pay for it",
    "duplicate": "They say that they paid twice",
    "credit_not_processed": "They say that a refund did not arrive",
    "subscription_canceled": "They say that they had cancelled",
    "unrecognized": "They do not recognize the payment",
}
# What was opened just before the last reading may not have been listed yet.
OVERLAP = timedelta(days=1)
# So long after a payment a bank takes a dispute, at most.
OLDEST = timedelta(days=540)


def state_label(state: str) -> tuple[str, str]:
    """How it is marked, and what it is called."""
    return STATES.get(state) or ("info", state.replace("_", " ").capitalize())


def reason_label(reason: str) -> str:
    """Why the student's bank has it, as the provider says; empty where it says nothing that helps."""
    return _REASONS.get(reason, "")


def read_from(read_at: datetime | None, oldest_open: datetime | None, oldest_paid: datetime, now: datetime) -> datetime:
    """Since when disputes are to be read: nothing may be missed, and one that is open may have been decided."""
    since = max(oldest_paid, now - OLDEST) if read_at is None else read_at - OVERLAP
    return min(since, oldest_open - OVERLAP) if oldest_open else since
