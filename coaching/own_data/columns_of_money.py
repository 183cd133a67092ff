"""What is kept about the money of calls (people_columns.py). Foundation."""

from coaching.booking import models as booking
from coaching.catalog.models import Store
from coaching.own_data.columns import MONEY, About, goes, let_go, stays
from coaching.payments import models as payments

_STORE = (Store.owner,)
_GIVEN = (booking.CoachingSession.coach,)
_SEAT = (booking.Seat.student,)
_SEAT_GIVEN = (booking.Seat.coaching_session, *_GIVEN)
_PAYMENT = (payments.Payment.seat, *_SEAT)

ABOUT_MONEY = (
    About(
        payments.PaymentAccount,
        # Its key goes as soon as everything that is owed has gone back (payments/account_mutations.py).
        (
            stays(
                payments.PaymentAccount.store,
                *_STORE,
                download="name livemode state added_at removed_at",
                kept="name state",
                why=MONEY,
            ),
        ),
        "id code store key key_last4 provider_account_id lacks fault checked_at webhook_id webhook_secret "
        "webhook_heard_at read_since refunds_read_at refunds_tried_at disputes_read_at",
    ),
    About(
        payments.Payment,
        (
            stays(
                *_PAYMENT,
                download="seat provider state amount_cents currency livemode reference charge_reference "
                "begun_at paid_at",
                kept="provider state currency reference charge_reference",
                why=MONEY,
                cleared={"page_url": ""},
            ),
        ),
        "id payment_account key page_url expires_at next_ask_at claimed_until tries fault facts "
        "has_receipt outcome_seen "
        "final_at",
    ),
    About(
        payments.Refund,
        (
            stays(
                payments.Refund.payment,
                *_PAYMENT,
                download="payment cause amount_cents state reference reason owed_at settled_at",
                kept="cause state reference",
                why=MONEY,
                cleared={"reason": ""},
            ),
            stays(payments.Refund.person, cleared={"reason": ""}),
        ),
        "id key person due_at asked_at next_ask_at claimed_until tries fault has_receipt",
    ),
    About(
        payments.Dispute,
        (
            stays(
                payments.Dispute.payment,
                *_PAYMENT,
                download="payment state reason amount_cents opened_at closed_at",
                kept="state reason",
                why=MONEY,
            ),
        ),
        "id reference evidence_due_at",
    ),
    About(
        payments.Objection,
        (
            # Whoever leaves disagrees no more.
            goes(payments.Objection.seat, *_SEAT, where=lambda: payments.Objection.decided_at.is_null()),
            stays(
                payments.Objection.seat,
                *_SEAT,
                download="seat sentence made_at reply replied_at decided_at decision",
                cleared={"sentence": "", "reply": "", "decision": ""},
            ),
            stays(
                payments.Objection.seat,
                *_SEAT_GIVEN,
                download="seat made_at reply replied_at decided_at decision",
                kept="decision",
                why=MONEY,
                cleared={"reply": ""},
            ),
            let_go(payments.Objection.decided_by),
        ),
        "id decided_by refund",
    ),
    About(
        payments.Receipt,
        (
            stays(
                payments.Receipt.payment,
                *_PAYMENT,
                download="store year number issued_on amount_cents currency seller buyer printed tax_note",
                kept="currency seller buyer printed tax_note",
                why=MONEY,
            ),
            stays(
                payments.Receipt.store,
                *_STORE,
                download="store year number issued_on amount_cents currency seller buyer printed tax_note",
                kept="currency seller buyer printed tax_note",
                why=MONEY,
            ),
        ),
        "id payment refund reverses code issued_at",
    ),
)
