"""Form keys: a form sent twice gives the first result again. Called inside the transaction of what the form does."""

from coaching.accounts.models import FormKey, Person
from coaching.reading import Statement, given


def find_result(person: Person, form: str, key: str) -> str | None:
    """What came of this form when the person first sent it; None when they have not."""
    rows = _RESULT.rows(person=person.id, key=own_key(form, key))
    return rows[0][0] if rows else None


def own_key(form: str, key: str) -> str:
    """The key as it is kept: somebody may send one form's key with another form, and a store's name is no session's."""
    return f"{form} {key}"


_RESULT = Statement(
    lambda: FormKey.select(FormKey.result).where(FormKey.person == given("person"), FormKey.key == given("key"))
)
