"""The arithmetic of limits, and that the guide names every one of them."""

from datetime import timedelta
from pathlib import Path

import pytest

from blueprints.rate_limits import VIEWS_A_SECOND, VIEWS_AT_ONCE
from coaching.accounts.saved_form_mutations import MOST_OF_VISITORS
from coaching.rate_limits import limits
from coaching.rate_limits.buckets import MOST_KEYS, TokenBuckets
from coaching.rate_limits.limits import KEPT_FORM_BYTES, RateLimit, network_of, retry_label

GUIDE = (
    (Path(__file__).parents[2] / "docs/self-hosting.md").read_text().partition("## Limits\n")[2].partition("\n## ")[0]
)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("203.0.113.7:50123", "203.0.113.7"),
        ("[2001:db8:1:2:3:4:5:6]:50123", "2001:db8:1:2::/64"),
        ("127.0.0.1:50123", None),
        ("nonsense", "nonsense"),
        ("127.0.0.1", None),
        ("127.4.5.6", None),
        ("::1", None),
        ("::ffff:127.0.0.1", None),
        ("", None),
    ],
)
def test_an_ipv6_network_is_counted_as_one_and_this_machine_not_at_all(address: str, network: str | None) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize(
    ("wait", "words"),
    [
        (timedelta(0), "in a second"),
        (timedelta(seconds=0.4), "in a second"),
        (timedelta(seconds=39.2), "in 40 seconds"),
        (timedelta(seconds=60), "in a minute"),
        (timedelta(seconds=119), "in 119 seconds"),
        (timedelta(seconds=121), "in 3 minutes"),
        (timedelta(minutes=14, seconds=59), "in 15 minutes"),
        (timedelta(minutes=60), "in an hour"),
        (timedelta(minutes=90), "in 90 minutes"),
        (timedelta(hours=23, minutes=1), "in 24 hours"),
        (timedelta(days=1), "in a day"),
    ],
)
def test_when_to_come_back_is_never_too_early(wait: timedelta, words: str) -> None:
    assert retry_label(wait) == words


def test_a_bucket_lets_a_burst_in_and_then_so_many_a_second() -> None:
    now = [100.0]
    buckets = TokenBuckets(50, 500, lambda: now[0])
    assert [buckets.take("bob") for _ in range(500)] == [0.0] * 500
    assert buckets.take("bob") == pytest.approx(0.02)
    assert buckets.take("eve") == 0.0
    now[0] += 1
    assert sum(not buckets.take("bob") for _ in range(60)) == 50
    now[0] += 3600
    assert sum(not buckets.take("bob") for _ in range(600)) == 500


def test_buckets_of_many_addresses_do_not_fill_the_memory() -> None:
    now = [100.0]
    buckets = TokenBuckets(1, 2, lambda: now[0])
    for number in range(2 * MOST_KEYS):
        now[0] += 0.000_001
        buckets.take(f"address {number}")
    buckets.take("bob")
    buckets.take("bob")
    assert len(buckets._full_at) <= MOST_KEYS
    assert buckets.take("bob")


def every_limit() -> list[RateLimit]:
    return [value for value in vars(limits).values() if isinstance(value, RateLimit)]


def test_the_guide_has_every_limit_with_its_numbers() -> None:
    lines = {cells[0]: cells[1] for line in GUIDE.splitlines() if len(cells := line.strip("| ").split(" | ")) == 3}
    assert len(every_limit()) >= 13
    for limit in every_limit():
        most = f"{limit.most // 2**20} MB" if limit == KEPT_FORM_BYTES else str(limit.most)
        length = {timedelta(days=1): "a day", timedelta(hours=1): "an hour"}.get(
            limit.window, f"in {limit.window // timedelta(minutes=1)} minutes"
        )
        assert f"{most} {length}" in lines[f"`{limit.name}`"], limit.name
    assert f"{VIEWS_A_SECOND} a second, {VIEWS_AT_ONCE} at once" in lines["`page views`"]
    assert f"{MOST_OF_VISITORS // 2**20} MB" in lines["`kept forms of all visitors`"]
