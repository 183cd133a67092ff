"""Form keys: a form sent twice gives the first result again. Called inside the transaction of what the form does."""

from datetime import datetime

from coaching.accounts.models import FormKey, Person


def find_result(person: Person, form: str, key: str) -> str | None:
    """What came of this form when the person first sent it; None when they have not."""
    row = FormKey.get_or_none(FormKey.person == person, FormKey.key == _own(form, key))
    return row.result if row else None


def keep_result(person: Person, form: str, key: str, result: str, now: datetime) -> None:
    """The next sending of this form gives `result`."""
    FormKey.create(person=person, key=_own(form, key), result=result, made_at=now)


def _own(form: str, key: str) -> str:
    # Somebody may send one form's key with another form: a store's name is no session's code.
    return f"{form} {key}"
