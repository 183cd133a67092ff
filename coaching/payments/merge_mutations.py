"""What of somebody's money goes over to the account that theirs is merged with."""

from coaching.accounts.models import Person
from coaching.payments.models import Objection, Payment, Refund
from coaching.payments.restore_queries import unseated_payments
from coaching.payments.restore_rules import as_moved


def move_money(from_person: Person, to_person: Person) -> None:
    """Refunds that they set off and objections that they decided are the other's; what was paid goes with its seats,
    and what was paid without one is theirs, too.

    Call it in a transaction.
    """
    Refund.update(person=to_person).where(Refund.person == from_person).execute()
    Objection.update(decided_by=to_person).where(Objection.decided_by == from_person).execute()
    for payment in unseated_payments():
        if payment.student == from_person:
            facts = as_moved(payment.payment.facts, to_person.id)
            Payment.update(facts=facts).where(Payment.id == payment.payment.id).execute()
