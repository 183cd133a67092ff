"""What a transaction writes last goes to PostgreSQL in one go: it holds or fails as it does one by one."""

import pytest

from coaching.accounts.models import FormKey
from coaching.db import REFUSED, database, in_one_go
from coaching.notices.models import Notice
from tests import factories
from tests.factories import MADE_AT

pytestmark = pytest.mark.usefixtures("db")


def test_what_is_written_in_one_go_holds_or_fails_as_a_whole() -> None:
    bob = factories.make_person("Bob")

    def write(*keys: str) -> None:
        with database.atomic(), in_one_go():
            Notice.add_unless_there(Notice.key, key=f"before {keys}", kind="booked", made_at=MADE_AT)
            for key in keys:
                FormKey.add(person=bob, key=key, result="code", made_at=MADE_AT)

    with pytest.raises(REFUSED):
        write("a", "a")
    assert (FormKey.select().count(), Notice.select().count()) == (0, 0)

    write("a", "b")
    assert {(row.key, row.result, row.person_id) for row in FormKey.select()} == {
        ("a", "code", bob.id),
        ("b", "code", bob.id),
    }
    assert (Notice.get().state, Notice.get().fields) == ("waiting", "{}"), "what has a default has it"


def test_a_row_is_not_written_over_one_with_the_same_value() -> None:
    first, again = ({"key": "k", "kind": kind, "made_at": MADE_AT} for kind in ("booked", "moved"))

    assert [Notice.add_unless_there(Notice.key, **columns) for columns in (first, again)] == [True, False]
    assert [row.kind for row in Notice.select()] == ["booked"]
