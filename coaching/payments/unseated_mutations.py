"""What was paid, and is in no record of a booking, gets its seat again, goes back, or is kept as it is."""

from dataclasses import replace
from datetime import datetime

from coaching.accounts import event_mutations as events
from coaching.accounts.models import Person
from coaching.booking.again_mutations import SoldAgain, book_again
from coaching.booking.models import Seat
from coaching.db import database
from coaching.errors import NotFound, Refused
from coaching.notices.kinds import MessageKind
from coaching.notices.mutations import owe
from coaching.payments.causes import Cause
from coaching.payments.models import Payment, Refund
from coaching.payments.notice_mutations import notify_paid
from coaching.payments.refund_mutations import owe_refund
from coaching.payments.restore_queries import Unseated, get_unseated
from coaching.payments.restore_rules import as_kept
from coaching.payments.unseated_emails import refund_text
from coaching.plain_text import clean
from coaching.pricing.partner_queries import find_partner

NO_STUDENT = (
    "The account of whoever paid is not in the records any more, so nobody can be given the time. Give the money back; "
    "they can book again."
)
NO_TIME = "What was sold, or for when, is not known any more. Give the money back; your student can book again."


def seat_again(reference: str, person: Person, now: datetime) -> Seat:
    """The payment of this reference has the seat that it was made for; its student is told.

    NotFound where it is not theirs, or settled; Refused where the seat cannot be known any more; SlotTaken where
    somebody has the time by now.
    """
    with database.atomic():
        payment, unseated = _lock(reference, person)
        if unseated.student is None or unseated.student.erased_at is not None:
            raise Refused(NO_STUDENT)
        if unseated.product is None or unseated.sold.starts_at is None or not unseated.sold.minutes:
            raise Refused(NO_TIME)
        sold = SoldAgain(unseated.sold.starts_at, unseated.sold.minutes, payment.amount_cents, payment.currency)
        if partner := find_partner(unseated.product.store, unseated.sold.partner_code):
            sold = replace(sold, partner=partner, share_percent=unseated.sold.share_percent)
        seat = book_again(unseated.product, unseated.student, sold, now)
        payment.seat = seat
        payment.save(only=[Payment.seat])
        notify_paid(payment, now)
        events.note("payment seated again", now, unseated.student, reference, actor=person)
    return seat


def give_back(reference: str, person: Person, now: datetime) -> Refund | None:
    """All that is left of the payment goes back, once, however often it is pressed; whoever paid is told."""
    with database.atomic():
        payment, unseated = _lock(reference, person)
        events.note("payment without a seat given back", now, unseated.student, reference, actor=person)
        key = f"{Cause.UNSEATED}:{payment.reference}"
        refund = owe_refund(payment, Cause.UNSEATED, unseated.left_cents, key, now, person=person)
        if refund and unseated.student:
            coach = unseated.product.store.owner.name if unseated.product else "Your coach"
            subject, body = refund_text(refund.amount_cents, payment.currency, clean(coach))
            owe(
                *(MessageKind.REFUNDED, f"{MessageKind.REFUNDED}:refund:{refund.id}", unseated.student.id, now),
                subject=subject,
                body=body,
            )
        return refund


def keep(reference: str, person: Person, now: datetime) -> None:
    """The payment is in order as it is, as for a call that was cancelled too late: it is shown no more."""
    with database.atomic():
        payment, unseated = _lock(reference, person)
        Payment.update(facts=as_kept(payment.facts)).where(Payment.id == payment.id).execute()
        events.note("payment without a seat kept", now, unseated.student, reference, actor=person)


def _lock(reference: str, person: Person) -> tuple[Payment, Unseated]:
    """The payment behind everything else that is done with it, as it is then."""
    if not Payment.update(tries=Payment.tries).where(Payment.reference == reference).execute():
        raise NotFound
    unseated = get_unseated(reference, person)
    return unseated.payment, unseated
