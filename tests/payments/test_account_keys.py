"""Which keys are taken, and what of a key is told."""

import pytest

from coaching.payments.account_keys import (
    RIGHTS,
    WrongKey,
    is_live,
    right_named,
    rights_lacking,
    signing_secret,
    store_key,
)
from logs import Redaction


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("sk_live_0123456789abcdef", "full secret key"),
        ("sk_test_0123456789abcdef", "full secret key"),
        ("pk_live_0123456789abcdef", "publishable"),
        ("whsec_0123456789abcdef", "signing secret"),
        ("rk_live_", "begins with rk_live_"),
        ("rk_live_0123456789abcdef\nrk_live_0123456789abcdef", "begins with"),
        ("rk_test_" + "a" * 300, "begins with"),
        ("rk_prod_0123456789abcdef", "begins with"),
        ("", "begins with"),
    ],
)
def test_only_a_restricted_key_is_taken_and_the_rest_is_told_why_not(typed: str, said: str) -> None:
    with pytest.raises(WrongKey) as refused:
        store_key(typed, is_demo=False)
    assert said in refused.value.sentence
    assert len(typed) < 12 or typed not in refused.value.sentence


def test_a_live_key_is_none_for_a_demo() -> None:
    key = "rk_live_0123456789abcdef"
    assert store_key(f"  {key}\n", is_demo=False) == key
    with pytest.raises(WrongKey, match="demo"):
        store_key(key, is_demo=True)
    assert (is_live(key), is_live("sk_test_live_0123"), is_live("sk_live_0123")) == (True, False, True)


def test_a_signing_secret_is_told_from_a_key() -> None:
    assert signing_secret(" whsec_0123456789abcdef ") == "whsec_0123456789abcdef"
    with pytest.raises(WrongKey, match="whsec_"):
        signing_secret("rk_live_0123456789abcdef")


def test_a_right_is_called_what_stripe_calls_it() -> None:
    assert right_named("refund_write") == "Refunds Write"
    assert right_named("refund_read") == "Refunds Write"
    assert right_named("something_new_read") == "something_new_read"
    assert rights_lacking("Refunds Write,Events Read") == ["Refunds Write", "Events Read"]
    assert rights_lacking("") == []
    # As the gateway finds them lacking.
    assert {right.name for right in RIGHTS} >= {"Checkout Sessions Write", "PaymentIntents Read", "Disputes Read"}


def test_no_log_line_shows_a_key() -> None:
    redact = Redaction([])
    for secret in ("rk_live_abc123DEF", "sk_test_abc", "whsec_a+b/c="):
        line = redact(None, "", {"event": f"refused {secret}!", "why": {"said": f"'{secret}'"}})
        assert secret not in str(line)
        assert "refused" in line["event"]
