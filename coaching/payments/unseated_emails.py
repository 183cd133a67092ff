"""What is written to whoever paid for a call of which no booking is known, where it goes back. Pure."""

from coaching.money import amount
from coaching.payments.cause_labels import why_for_student
from coaching.payments.causes import Cause


def refund_text(amount_cents: int, currency: str, coach: str) -> tuple[str, str]:
    """Subject and text; `coach` is a name on one line. Nothing that somebody typed stands in the subject."""
    subject = f"{amount(amount_cents, currency)} goes back to you"
    paragraphs = (
        f"{subject}.",
        why_for_student(Cause.UNSEATED, coach),
        f"It shows on the card or account that you paid with, most often within 5 to 10 days. {coach} has decided so, "
        "and you can book again.",
    )
    return subject, "\n\n".join(paragraphs) + "\n"
