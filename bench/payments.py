"""The cost of money at rest: the worker's sweep over payments, and its care for their accounts, with nothing due.

Each past call was paid by card on an account of its store's: with a receipt, a try that was given up, an event of the
provider's, and in one of five cases a refund with its credit note. 5,000 calls to come are paid as well, and 700 took
place within the last week, so that they are still looked at. Prints the time with 1,000, 10,000 and 100,000 past
payments, on SQLite and PostgreSQL; and that of the one minute of each hour in which all 100 accounts are read anew.
Goals: a quiet minute under 0.1 Y (0.04 within reach), the one in which all accounts are read 1 Y (0.4 within reach).
"""

import logging
import os
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog

from bench.messages import queries_of
from bench.quiet import FUTURE, NOW, fill_database, tables_read_whole
from bench.yardstick import measure_y, median_time
from coaching import marks, vault
from coaching.booking.models import Seat
from coaching.catalog.models import Product, Store
from coaching.db import database, is_sqlite, open_database
from coaching.payments.account_actions import look_after_accounts
from coaching.payments.models import Payment, PaymentAccount, Receipt
from coaching.payments.sweep_actions import look_after_payments
from tests import databases, factories
from tests.clocks import at

ROUNDS, JUST_OVER = 20, 700
# What was sold, with the account that it was paid on. All money is made of these, each once.
SOLD = """
WITH sold AS (
    SELECT seat.id, seat.starts_at, seat.ends_at, seat.price_cents, seat.currency, payment_account.id AS account_id,
        product.store_id, coaching_session.state = 'completed' AS is_over
    FROM seat JOIN coaching_session ON coaching_session.id = seat.coaching_session_id
    JOIN product ON product.id = coaching_session.product_id
    JOIN payment_account ON payment_account.store_id = product.store_id
)
"""


def main() -> None:
    vault.keys.use([bytes(32)])
    marks.keys.use([bytes(32)])
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with tempfile.TemporaryDirectory() as folder:
        server = databases.PostgresDatabases(Path(folder) / "postgres", "payments")
        for name, kind in (("SQLite", databases.SqliteDatabases(Path(folder))), ("PostgreSQL", server)):
            for past in (1_000, 10_000, 100_000):
                report(name, kind, past)
        server.close()


def report(name: str, server: databases.Databases, past: int) -> None:
    database.initialize(open_database(server.fresh()))
    with database.connection_context():
        fill_database(past)
        fill_money()
        be_quiet()
        before, seconds, hourly = measure_y(), median_time(be_quiet, ROUNDS), median_time(read_all, 5)
        y, asked = (before + measure_y()) / 2, queries_of(be_quiet)
        whole = ", ".join(sorted(tables_read_whole(asked))) or "nothing"
    print(
        f"  {name:10} {past:7,} past payments: {seconds * 1000:5.1f} ms = {seconds / y:.4f} Y in {len(asked)} queries,"
        f" reading whole: {whole}; where all accounts are read {hourly / y:.4f} Y"
        f" (load average {os.getloadavg()[0]:.1f})",
        flush=True,
    )
    databases.close()


class Silent:
    """A provider with whom nothing has happened."""

    def __call__(self, key: str) -> "Silent":
        return self

    def refunds_since(self, at: datetime) -> Iterator[Any]:
        return iter(())

    def disputes_since(self, at: datetime) -> Iterator[Any]:
        return iter(())


PROVIDER: Any = Silent()


def be_quiet() -> None:
    """What the worker does about money in a minute, where nothing is due."""
    assert look_after_payments(PROVIDER, lambda: at(NOW)) == 0
    look_after_accounts(PROVIDER, None, None, NOW)


def read_all() -> None:
    """The same where the providers of all accounts are asked what was done in their own pages."""
    PaymentAccount.update(refunds_tried_at=None, disputes_read_at=NOW - timedelta(hours=2)).execute()
    be_quiet()


def fill_money() -> None:
    """All that was booked is paid by card."""
    with database.atomic():
        for store in Store.select():
            read = dict.fromkeys(("checked_at", "disputes_read_at", "refunds_read_at", "refunds_tried_at"), NOW)
            ordinary = {"code": f"account-{store.id}", "key": "rk_test_Bench", "added_at": factories.MADE_AT}
            PaymentAccount.create(store=store, livemode=False, **ordinary | read)
        Product.update(payment="stripe").execute()
        Seat.update(payment="stripe", paid_at=Seat.starts_at).execute()
        fill_payments()
        fill_refunds()
        fill_receipts()
        fill_events()
    be_looked_at()
    if not is_sqlite():
        # As the server does by itself after a while.
        database.execute_sql("VACUUM ANALYZE")


def fill_payments() -> None:
    both = {
        "seat_id": "id",
        "payment_account_id": "account_id",
        "provider": "'stripe'",
        "amount_cents": "price_cents",
        "currency": "currency",
        "livemode": "FALSE",
        "page_url": "'https://checkout.example/c/pay/cs_' || id",
        "begun_at": "starts_at",
        "tries": "0",
        "fault": "''",
        "facts": "'{}'",
    }
    paid = {
        "state": "'paid'",
        "key": "'paid-' || id",
        "reference": "'cs_' || id",
        "charge_reference": "'pi_' || id",
        "paid_at": "starts_at",
        "has_receipt": "TRUE",
        "outcome_seen": "CASE WHEN is_over THEN 'completed' ELSE '' END",
        "final_at": "CASE WHEN is_over THEN ends_at END",
    }
    given_up = {"state": "'expired'", "key": "'given-up-' || id", "has_receipt": "FALSE", "outcome_seen": "''"}
    fill("payment", both | given_up, "sold WHERE is_over")
    fill("payment", both | paid, "sold")


def fill_refunds() -> None:
    refund = {
        "payment_id": "payment.id",
        "key": "'refund-' || payment.id",
        "cause": "'by_coach'",
        "amount_cents": "1000",
        "state": "'succeeded'",
        "reference": "'re_' || payment.id",
        "reason": "''",
        **dict.fromkeys(("owed_at", "due_at", "asked_at", "settled_at"), "ends_at"),
        "tries": "1",
        "fault": "''",
        "has_receipt": "TRUE",
    }
    fill(
        "refund",
        refund,
        "payment JOIN sold ON sold.id = seat_id WHERE payment.state = 'paid' AND is_over AND mod(seat_id, 5) = 0",
    )


def fill_receipts() -> None:
    written = str(Receipt.printed.db_value("x" * 300))
    receipt = {
        "store_id": "store_id",
        "year": "2027",
        "number": "payment.id",
        "payment_id": "payment.id",
        "code": "'r-' || payment.id",
        "issued_on": "'2027-02-01'",
        "issued_at": "ends_at",
        "amount_cents": "payment.amount_cents",
        "currency": "payment.currency",
        "seller": f"'{written}'",
        "buyer": f"'{written}'",
        "printed": f"'{written}'",
        "tax_note": "''",
    }
    fill("receipt", receipt, "payment JOIN sold ON sold.id = seat_id WHERE payment.state = 'paid'")
    credit = {"number": "-refund.id", "refund_id": "refund.id", "code": "'c-' || refund.id", "amount_cents": "-1000"}
    fill("receipt", receipt | credit, "refund JOIN payment ON payment.id = payment_id JOIN sold ON sold.id = seat_id")


def fill_events() -> None:
    """The last month's, which is how long they are kept."""
    event = {
        "event_id": "'evt_' || id",
        "kind": "'checkout.session.completed'",
        "payment_account_id": "account_id",
        "heard_at": "starts_at",
    }
    fill("provider_event", event, "sold WHERE is_over")


def fill(table: str, values: dict[str, str], source: str) -> None:
    """One row for each of the source's: its columns, and from what they are made."""
    database.execute_sql(
        f"INSERT INTO {table} ({', '.join(values)}) {SOLD} SELECT {', '.join(values.values())} FROM {source}"
    )


def be_looked_at() -> None:
    """Of the newest past calls it is not final what has become of them."""
    newest = Payment.select(Payment.id).join(Seat).where(Payment.outcome_seen != "").order_by(Seat.ends_at.desc())
    Payment.update(final_at=None).where(Payment.id.in_([row.id for row in newest.limit(JUST_OVER)])).execute()
    assert Payment.select().where(Payment.state == "paid", Payment.final_at.is_null()).count() == FUTURE + JUST_OVER


if __name__ == "__main__":
    main()
