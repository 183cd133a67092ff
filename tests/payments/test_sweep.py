"""The sweep over payments costs what is due, and next to nothing where nothing is."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from coaching.accounts.models import Person
from coaching.payments.models import Payment, PaymentAccount
from coaching.payments.provider import ProviderOf
from coaching.payments.sweep_actions import look_after_payments
from tests import factories
from tests.clocks import at
from tests.money_rows import paid, seat_in
from tests.payments.conftest import make_account

NOW = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
NOBODY = cast(ProviderOf, None)


@pytest.mark.one_database
def test_a_quiet_minute_asks_as_often_however_many_accounts_and_payments_there_are(
    db: None, alice: Person, statements_in: Callable[[Callable[[], object]], list[tuple[str, list[Any]]]]
) -> None:
    def be_quiet() -> None:
        assert look_after_payments(NOBODY, lambda: at(NOW)) == 0

    def add_store() -> None:
        store = factories.make_store(alice)
        account = make_account(store, refunds_tried_at=NOW, disputes_read_at=NOW - timedelta(minutes=59))
        for _ in range(3):
            paid(seat_in(store), provider="stripe", payment_account=account, has_receipt=True)

    add_store()
    be_quiet()
    once = len(statements_in(be_quiet))
    add_store()
    add_store()
    assert (PaymentAccount.select().count(), Payment.select().count()) == (3, 9)
    assert len(statements_in(be_quiet)) == once
