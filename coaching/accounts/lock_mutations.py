"""Locks on people's rows. Each is called inside a transaction, and holds until that ends."""

from coaching.accounts.models import Person


def lock_person(person: Person) -> None:
    """Whatever else counts, books or sells for this person waits until the transaction ends."""
    lock_people(person.id)


def lock_people(*person_ids: int) -> None:
    """Whatever else counts, books or sells for one of these people waits until the transaction ends."""
    # In the order of their ids, as bookings do: else two that need the same two people would wait for each other.
    for person_id in sorted(person_ids):
        # An UPDATE that changes nothing locks the row on both databases.
        Person.update(name=Person.name).where(Person.id == person_id).execute()
