"""What is asked of a provider again: the table is asked for those that may be due, and the rule decides."""

from datetime import datetime, timedelta

import pytest

from coaching.payments.account_queries import may_be_to_read
from coaching.payments.models import PaymentAccount
from coaching.payments.reading_rules import READ_EVERY, is_to_read
from coaching.reading import Selection
from tests import factories

NOW = datetime.fromisoformat("2027-03-01T12:00:00+00:00")
SECOND = timedelta(seconds=1)
READ_AT = (None, NOW + SECOND, NOW, NOW - READ_EVERY + SECOND, NOW - READ_EVERY, NOW - 2 * READ_EVERY)
MAY_BE: Selection[tuple[int]] = Selection(
    lambda: PaymentAccount.select(PaymentAccount.id).where(may_be_to_read(PaymentAccount.disputes_read_at)).tuples()
)


@pytest.mark.usefixtures("db")
def test_no_account_that_is_due_is_left_out_and_none_that_was_read_just_now_is_fetched() -> None:
    ordinary = {"key": "rk_test_One", "livemode": False, "added_at": NOW, "store": factories.make_product().store}
    accounts = [PaymentAccount.create(code=f"a-{n}", disputes_read_at=at, **ordinary) for n, at in enumerate(READ_AT)]
    with_event = accounts[3]

    def ids_to_read(*ids: int) -> set[int]:
        return {account_id for (account_id,) in MAY_BE.all(now=NOW, before=NOW - READ_EVERY, reported=list(ids))}

    assert ids_to_read() == {account.id for account in accounts if is_to_read(account.disputes_read_at, None, NOW)}
    assert ids_to_read(with_event.id) == ids_to_read() | {with_event.id}
    assert is_to_read(with_event.disputes_read_at, NOW, NOW)
