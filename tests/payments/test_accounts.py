"""On whose account a payment is made, and what an older key is still for."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from coaching.accounts.models import Person, SecurityEvent
from coaching.booking.models import Seat
from coaching.catalog.models import Store
from coaching.db import database, new_code
from coaching.errors import ChangedMeanwhile, PaymentKeyRefused
from coaching.payments.account_actions import (
    connect_key,
    keep_site_account,
    look_after_accounts,
    make_endpoint,
    remove_key,
    stop_taking,
    try_again,
)
from coaching.payments.account_mutations import (
    allow_site_account,
    forget_spent_keys,
    record_key_fault,
)
from coaching.payments.account_queries import account_for, can_take_cards, current_account
from coaching.payments.models import Payment, PaymentAccount, Refund
from coaching.payments.provider import Fault
from coaching.payments.remainder_queries import remainders_of
from coaching.vault import Sealed
from tests.factories import make_coaching_session, make_product, make_store
from tests.payments.keys import Keys

NOW = datetime(2027, 3, 8, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def keys() -> Keys:
    return Keys()


@pytest.fixture
def store(alice: Person) -> Store:
    return make_store(alice)


def connect(keys: Keys, store: Store, key: str, **differences: Any) -> PaymentAccount:
    present = current_account(store)
    facts: dict[str, Any] = {
        "seen": present.code if present else "",
        "form_key": new_code(),
        "person": store.owner,
        "now": NOW,
    }
    return connect_key(keys, store, key, **facts | differences)[0]


def make_payment(account: PaymentAccount, session: Any = None, state: str = "paid") -> Payment:
    seat = Seat.get(Seat.coaching_session == session) if session else None
    return Payment.create(
        seat=seat,
        payment_account=account,
        provider="stripe",
        state=state,
        amount_cents=4900,
        currency="EUR",
        key=new_code(),
        begun_at=NOW,
        paid_at=NOW if state == "paid" else None,
        next_ask_at=None if state == "paid" else NOW,
    )


def states(store: Store | None) -> list[tuple[str, str]]:
    whose = PaymentAccount.store == store if store else PaymentAccount.store.is_null()
    return [
        (payment_account.key_last4, payment_account.state)
        for payment_account in PaymentAccount.select().where(whose).order_by(PaymentAccount.id)
    ]


def test_a_key_is_tried_before_it_is_kept_and_kept_encrypted(keys: Keys, store: Store) -> None:
    for key, fault in (("rk_test_unknown_0001", "does not know"), ("rk_test_silent_0001", "no answer")):
        keys.is_up = "silent" not in key
        with pytest.raises(PaymentKeyRefused, match=fault):
            connect(keys, store, key)
    keys.is_up = True
    assert not can_take_cards(store)
    account = connect(keys, store, keys.add("rk_live_first_0001"))
    assert (account.key, account.key_last4, account.livemode, account.name) == (
        *("rk_live_first_0001", "0001", True),
        "Nova Coaching",
    )
    stored = database.execute_sql("SELECT key FROM payment_account").fetchone()[0]
    assert stored.startswith("sealed:")
    assert account_for(store) == account
    details = [event.detail for event in SecurityEvent.select().where(SecurityEvent.kind == "payment key saved")]
    assert details == [f"{store.slug}: live, ends in 0001"]


def test_a_form_sent_twice_and_one_from_an_older_page_change_nothing_more(keys: Keys, store: Store) -> None:
    first = connect(keys, store, keys.add("rk_test_first_0001"), form_key="once")
    make_payment(first)
    assert connect(keys, store, "rk_test_first_0001", form_key="once", seen="").id == first.id
    with pytest.raises(ChangedMeanwhile):
        connect(keys, store, keys.add("rk_test_other_0002", "acct_2"), seen="")
    assert states(store) == [("0001", "current")]


def test_a_key_of_the_same_account_takes_the_place_of_the_one_before(keys: Keys, store: Store) -> None:
    first = connect(keys, store, keys.add("rk_test_first_0001"))
    make_endpoint(keys, first, "https://example.com/webhooks/stripe/x")
    make_payment(first)
    again = connect(keys, store, keys.add("rk_test_rolled_0002"))
    assert (again.id, again.key, again.webhook_secret) == (first.id, "rk_test_rolled_0002", "whsec_made_for_us")
    assert states(store) == [("0002", "current")]


def test_a_key_of_another_account_leaves_the_older_one_for_refunds(keys: Keys, store: Store) -> None:
    first = connect(keys, store, keys.add("rk_test_first_0001", "acct_1"))
    make_payment(first)
    second = connect(keys, store, keys.add("rk_test_other_0002", "acct_2"))
    assert states(store) == [("0001", "older"), ("0002", "current")]
    assert account_for(store) == second
    assert PaymentAccount.get_by_id(first.id).key == "rk_test_first_0001"
    # Nothing was ever paid on the second one: it is forgotten, and the first takes payments again.
    connect(keys, store, "rk_test_first_0001")
    assert states(store) == [("0001", "current"), ("0002", "removed")]
    assert PaymentAccount.get_by_id(second.id).key == ""
    # The same account in live mode is another one.
    connect(keys, store, keys.add("rk_live_first_0003", "acct_1"))
    assert states(store)[0] == ("0001", "older")


def test_what_a_key_lacks_is_kept_only_where_no_other_one_works(keys: Keys, store: Store) -> None:
    narrow = connect(keys, store, keys.add("rk_test_narrow_0001", "", ("Refunds Write", "Events Read")))
    assert (narrow.lacks, can_take_cards(store)) == ("Refunds Write,Events Read", False)
    # Mended in Stripe, and tried again.
    keys.add("rk_test_narrow_0001", "")
    try_again(keys, narrow, NOW)
    assert can_take_cards(store)
    with pytest.raises(PaymentKeyRefused, match="“Refunds Write”"):
        connect(keys, store, keys.add("rk_test_other_0002", "", ("Refunds Write",)))
    assert states(store) == [("0001", "current")]
    # A call was refused for want of a right; a silent provider says nothing of it.
    record_key_fault(current_account(store), Fault.LACKS_RIGHT, "refund_write")
    assert (current_account(store).lacks, can_take_cards(store)) == ("Refunds Write", False)
    keys.is_up = False
    try_again(keys, current_account(store), NOW)
    assert (current_account(store).lacks, current_account(store).fault) == ("Refunds Write", "unreachable")
    keys.is_up = True
    try_again(keys, current_account(store), NOW)
    assert can_take_cards(store)
    del keys.known["rk_test_narrow_0001"]
    try_again(keys, current_account(store), NOW)
    assert (current_account(store).fault, can_take_cards(store)) == ("key_refused", False)
    # Silence is no yes. Mended there, it is found out without anybody's press, an hour later.
    keys.is_up = False
    look_after_accounts(keys, None, None, NOW + timedelta(minutes=61))
    assert (current_account(store).fault, can_take_cards(store)) == ("key_refused", False)
    keys.is_up = True
    keys.add("rk_test_narrow_0001", "")
    look_after_accounts(keys, None, None, NOW + timedelta(minutes=121))
    assert not can_take_cards(store)
    look_after_accounts(keys, None, None, NOW + timedelta(minutes=122))
    assert can_take_cards(store)


def test_a_key_that_cannot_be_read_is_sent_to_nobody(keys: Keys, store: Store) -> None:
    account = connect(keys, store, keys.add("rk_test_first_0001"))
    PaymentAccount.update(key=Sealed("sealed:nobody opens this")).execute()
    keys.calls.clear()
    lost = PaymentAccount.get_by_id(account.id)
    assert try_again(keys, lost, NOW).fault == "key_refused"
    with pytest.raises(PaymentKeyRefused, match="cannot be read"):
        make_endpoint(keys, lost, "https://example.com/webhooks/stripe/x")
    assert (can_take_cards(store), keys.calls) == (False, [])
    # Pasted once more it is the same account.
    assert connect(keys, store, "rk_test_first_0001").id == account.id
    assert can_take_cards(store)


def test_an_older_key_is_forgotten_once_nothing_can_be_refunded(keys: Keys, store: Store, bob: Person) -> None:
    account = connect(keys, store, keys.add("rk_test_first_0001"))
    session = make_coaching_session(make_product(store), bob, starts_at=NOW + 30 * DAY)
    paid = make_payment(account, session)
    stop_taking(keys, account, store.owner, NOW)
    assert (states(store), can_take_cards(store)) == ([("0001", "older")], False)
    over = session.ends_at + timedelta(days=180, seconds=1)
    assert forget_spent_keys(over - timedelta(seconds=2)) == 0
    refund = Refund.create(payment=paid, key="x", cause="late", amount_cents=1, state="owed", owed_at=NOW, due_at=NOW)
    open_one = make_payment(account, state="open")
    assert forget_spent_keys(over) == 0
    open_one.delete_instance()
    assert forget_spent_keys(over) == 0
    Refund.update(state="succeeded").where(Refund.id == refund.id).execute()
    assert forget_spent_keys(over) == 1
    gone = PaymentAccount.get_by_id(account.id)
    assert (gone.state, gone.key, gone.removed_at) == ("removed", "", over)
    assert forget_spent_keys(over) == 0


def test_a_key_removed_sooner_says_what_is_left_to_do_by_hand(keys: Keys, store: Store, bob: Person) -> None:
    account = connect(keys, store, keys.add("rk_test_first_0001"))
    make_endpoint(keys, account, "https://example.com/webhooks/stripe/x")
    session = make_coaching_session(make_product(store), bob, starts_at=NOW + DAY)
    paid, open_one = make_payment(account, session), make_payment(account, state="open")
    whole = make_payment(account)
    for payment, cents, state in ((paid, 900, "succeeded"), (paid, 1000, "owed"), (whole, 4900, "succeeded")):
        Refund.create(
            payment=payment,
            key=new_code(),
            cause="by_coach",
            amount_cents=cents,
            state=state,
            owed_at=NOW,
            due_at=NOW,
            next_ask_at=NOW,
        )
    left = remainders_of(account, NOW)
    assert (
        left.under_way,
        [(payment_left.payment.id, payment_left.left_cents, payment_left.owed_cents) for payment_left in left.payments],
    ) == (
        1,
        [(paid.id, 3000, 1000)],
    )
    remove_key(keys, account, store.owner, NOW)
    assert keys.calls[-1] == "remove we_2 0001"
    assert states(store) == [("0001", "removed")]
    given_up = Payment.get_by_id(open_one.id)
    assert (given_up.state, given_up.fault, given_up.next_ask_at) == ("failed", "key_removed", None)


def test_the_sites_account_is_lent_store_by_store_and_follows_the_settings(
    keys: Keys, store: Store, alice: Person, bob: Person
) -> None:
    keys.is_up = False
    keep_site_account(keys, keys.add("sk_test_site_0001", "acct_site"), None, NOW)
    assert current_account(None) is None
    keys.is_up = True
    for _ in range(2):
        keep_site_account(keys, "sk_test_site_0001", "whsec_of_the_settings", NOW)
    site = current_account(None)
    assert keys.calls == ["try 0001", "try 0001"]
    assert (site.webhook_secret, can_take_cards(store)) == ("whsec_of_the_settings", False)
    allow_site_account(store, True, bob, "Too young", NOW)
    allow_site_account(store, True, bob, "Too young", NOW)
    lent = Store.get_by_id(store.id)
    assert account_for(lent) == site
    events = SecurityEvent.select().where(SecurityEvent.kind == "site account allowed")
    assert [(event.person_id, event.actor_id, event.detail) for event in events] == [
        (alice.id, bob.id, f"{store.slug}: Too young")
    ]
    # A store's own goes first, even while it does not work: money does not go elsewhere by itself.
    own = connect(keys, lent, keys.add("rk_test_own_0009", "acct_9"))
    assert account_for(lent) == own
    record_key_fault(own, Fault.KEY_REFUSED)
    assert account_for(lent) is None
    stop_taking(keys, own, alice, NOW)
    assert account_for(lent) == site
    # Another account in the settings: what was paid on the first can still be given back. A wrong key takes nothing.
    make_payment(site)
    keep_site_account(keys, keys.add("sk_test_site_0002", "acct_other"), None, NOW)
    assert states(None) == [("0001", "older"), ("0002", "current")]
    keep_site_account(keys, "sk_test_wrong_0003", None, NOW)
    assert (states(None)[2], account_for(lent)) == (("0003", "current"), None)
    keep_site_account(keys, None, None, NOW)
    assert [state for _, state in states(None)] == ["older", "removed", "removed"]
    allow_site_account(store, False, bob, "Too young", NOW)
    assert not Store.get_by_id(store.id).may_use_site_account
