"""Form keys: a form sent twice gives the first result again. Called inside the transaction of what the form does."""

from datetime import datetime

from coaching.accounts.models import FormKey, Person


def find_result(person: Person, key: str) -> str | None:
    """What came of this form when the person first sent it; None when they have not."""
    row = FormKey.get_or_none(FormKey.person == person, FormKey.key == key)
    return row.result if row else None


def keep_result(person: Person, key: str, result: str, now: datetime) -> None:
    """The next sending of this form gives `result`."""
    FormKey.create(person=person, key=key, result=result, made_at=now)
