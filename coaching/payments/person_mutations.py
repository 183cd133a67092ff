"""What one person has done about money becomes another's, when two accounts are merged."""

from coaching.accounts.models import Person
from coaching.payments.models import Objection, Refund


def move_decisions(from_person: Person, to_person: Person) -> None:
    """Refunds set off and objections decided by the one are the other's. Call it in a transaction."""
    Refund.update(person=to_person).where(Refund.person == from_person).execute()
    Objection.update(decided_by=to_person).where(Objection.decided_by == from_person).execute()
