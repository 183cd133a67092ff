"""What a session's page shows of receipts, and of what its student pays the coach directly."""

from typing import Any

from blueprints import web
from blueprints.receipts.page import receipt_view
from coaching.booking.hold_rules import is_paid_later
from coaching.booking.queries import SessionView
from coaching.payments.receipt_mutations import write_receipts
from coaching.payments.receipt_queries import receipts_of_seat
from coaching.payments.receipt_rules import reference_of
from coaching.payments.settling_mutations import owe_due_refunds


def money_context(view: SessionView) -> dict[str, Any]:
    """What the templates list; receipts are for coach and student, and not for whoever only has a link."""
    state = view.coaching_session.state
    shows_receipts = view.role != "admin" and not view.link
    return {
        "is_paid_later": is_paid_later(state, view.seat) and not view.link,
        "pay_reference": reference_of(view.coaching_session.code),
        "receipts": [receipt_view(receipt) for receipt in receipts_of_seat(view.seat)] if shows_receipts else [],
    }


def settle_money(view: SessionView) -> None:
    """What has just been said of the session's money holds at once; lost, the worker makes up for it in a minute."""
    owe_due_refunds(web.now(), view.coaching_session)
    write_receipts(web.now(), view.seat)
