"""Form keys: what came of a form is kept inside the transaction of what the form does."""

from datetime import datetime

from coaching.accounts.form_key_queries import own_key
from coaching.accounts.models import FormKey, Person


def keep_result(person: Person, form: str, key: str, result: str, now: datetime) -> None:
    """The next sending of this form gives `result`."""
    FormKey.add(person=person, key=own_key(form, key), result=result, made_at=now)
