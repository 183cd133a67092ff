"""What the doctor says of taking cards."""

from datetime import UTC, datetime, timedelta

from coaching.accounts.models import Person
from coaching.checks import State
from coaching.db import new_code
from coaching.diagnostics.actions import MOST_KEYS, payment_checks
from coaching.payments.account_actions import keep_site_account
from coaching.payments.models import Payment, PaymentAccount
from tests.factories import make_product, make_store
from tests.payments.keys import Keys

NOW = datetime(2027, 3, 8, 12, 0, tzinfo=UTC)


def look(keys: Keys, *, has_site_key: bool = False, is_demo: bool = False) -> list[tuple[State, str]]:
    return [(check.state, check.sentence) for check in payment_checks(keys, has_site_key, is_demo, NOW)]


def make_account(store, key: str, **differences) -> PaymentAccount:
    ordinary = {"code": new_code(), "key_last4": key[-4:], "livemode": "live" in key, "added_at": NOW}
    return PaymentAccount.create(store=store, key=key, **ordinary | differences)


def test_nothing_is_said_where_no_cards_are_taken(db: None) -> None:
    assert look(Keys()) == []
    assert look(Keys(), has_site_key=True)[0][1].startswith("STRIPE_SECRET_KEY is set, but was not tried")


def test_each_key_is_tried_and_what_is_wrong_is_told_with_whose_it_is(alice: Person) -> None:
    keys, store, other = Keys(), make_store(alice), make_store(alice, name="Second")
    keep_site_account(keys, keys.add("sk_live_site_0001", "acct_site"), None, NOW)
    account = make_account(store, keys.add("rk_live_own_0002"))
    assert [state for state, _ in look(keys)] == [State.OK, State.OK]
    keys.add("rk_live_own_0002", lacks=("Refunds Write",))
    assert look(keys)[1] == (
        State.WARN,
        f"The live key of “{store.name}” that ends in 0002 lacks Refunds Write: no card is taken.",
    )
    # The site's own is for whoever runs it to mend.
    del keys.known["sk_live_site_0001"]
    assert (look(keys)[0][0], "not taken by Stripe any more" in look(keys)[0][1]) == (State.BAD, True)
    keys.add("rk_live_own_0002")
    keys.add("sk_live_site_0001", "acct_site")
    # Live and test side by side; test keys alone; a demo has no others.
    make_account(other, keys.add("rk_test_own_0003"))
    assert any("some only test payments" in sentence for _, sentence in look(keys))
    PaymentAccount.delete().where(PaymentAccount.livemode).execute()
    assert any("no real money is paid" in sentence for _, sentence in look(keys))
    assert [state for state, _ in look(keys, is_demo=True)] == [State.OK]
    # One that is silent is asked once.
    for number in range(MOST_KEYS + 2):
        make_account(make_store(alice), keys.add(f"rk_test_more_{number:04}"))
    keys.is_up = False
    keys.calls.clear()
    assert "did not say whether" in look(keys)[0][1]
    assert len(keys.calls) == 1
    assert account.key_last4 == "0002"


def test_news_that_never_come_and_products_without_an_account_are_told(alice: Person) -> None:
    keys, store = Keys(), make_store(alice)
    make_product(store, payment="stripe")
    assert look(keys) == [(State.WARN, f"“{store.name}” sells one product by card, and no card can be taken for it.")]
    account = make_account(
        store, keys.add("rk_live_own_0002"), webhook_secret="whsec_x", added_at=NOW - timedelta(days=1)
    )
    assert [state for state, _ in look(keys)] == [State.OK]
    Payment.create(
        payment_account=account,
        provider="stripe",
        state="paid",
        amount_cents=1,
        currency="EUR",
        key="k",
        begun_at=NOW - timedelta(hours=2),
        paid_at=NOW - timedelta(hours=2),
    )
    assert [(state, "never told of a payment" in sentence) for state, sentence in look(keys)] == [(State.WARN, True)]
    PaymentAccount.update(webhook_heard_at=NOW).execute()
    assert [state for state, _ in look(keys)] == [State.OK]
