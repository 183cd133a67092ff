"""What a session's page shows of receipts, and of money that goes between its two people directly."""

from typing import Any

from blueprints.receipts.page import receipt_view
from coaching.booking.hold_rules import is_paid_later
from coaching.booking.queries import SessionView
from coaching.payments.receipt_queries import receipts_of_seat
from coaching.payments.receipt_rules import reference_of
from coaching.payments.statement_queries import refunds_of_seat


def money_context(view: SessionView) -> dict[str, Any]:
    """What the templates list; receipts are for coach and student, and not for whoever only has a link."""
    refunds = refunds_of_seat(view.seat)
    state = view.coaching_session.state
    shows_receipts = view.role != "admin" and not view.link
    return {
        "is_paid_later": is_paid_later(state, view.seat) and not view.link,
        "pay_reference": reference_of(view.coaching_session.code),
        "refunds_outside": [refund for refund in refunds if refund.payment.provider == "outside"],
        "receipts": [receipt_view(one) for one in receipts_of_seat(view.seat)] if shows_receipts else [],
    }
