"""What is limited: how many are let in, how long the rest wait, and that nobody slips in between."""

from datetime import UTC, datetime, timedelta

import pytest

from coaching.errors import RateLimited
from coaching.rate_limits.limits import LINKS_BY_ACCOUNT, SIGN_UPS, WRONG_PASSWORDS, RateLimit, Use
from coaching.rate_limits.models import RateCount
from coaching.rate_limits.mutations import forget_old_counts, give_back, refuse_spent, take
from tests.threads import all_at_once

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
THREE = RateLimit("three an hour", 3, timedelta(hours=1), "Too many. Try again {when}.")
pytestmark = pytest.mark.usefixtures("db")


def at(**later: int) -> datetime:
    return NOW + timedelta(**later)


def refusal_of(*uses: Use, now: datetime = NOW) -> RateLimited | None:
    try:
        take(uses, now)
    except RateLimited as error:
        return error
    return None


def test_a_window_lets_in_so_many_and_says_when_it_ends() -> None:
    bob, eve = Use(THREE, "bob"), Use(THREE, "eve")
    assert [refusal_of(bob, now=at(minutes=n)) for n in range(3)] == [None] * 3

    refused = refusal_of(bob, now=at(minutes=50))

    assert refused
    assert (refused.sentence, refused.wait) == ("Too many. Try again in 10 minutes.", timedelta(minutes=10))
    assert (refused.limit, refused.is_news) == ("three an hour", True)
    again = refusal_of(bob, now=at(minutes=51))
    assert again
    assert not again.is_news
    assert refusal_of(eve) is None
    assert refusal_of(bob, now=at(hours=1)) is None
    assert RateCount.select().where(RateCount.total == 1).count() == 2
    forget_old_counts(at(hours=3))
    assert not RateCount.select().exists()


def test_pauses_double_until_a_quarter_of_an_hour() -> None:
    bob = Use(WRONG_PASSWORDS, "bob")
    now, waits = NOW, []
    for _ in range(10):
        assert refusal_of(bob) is None
    for _ in range(7):
        refused = refusal_of(bob, now=now)
        assert refused
        waits.append(round(refused.wait.total_seconds() / 60))
        now += refused.wait
        assert refusal_of(bob, now=now) is None
    assert waits == [1, 2, 4, 8, 15, 15, 15]
    # Once all is quiet for a window, it is forgotten.
    now += timedelta(minutes=30)
    assert [refusal_of(bob, now=now) for _ in range(10)] == [None] * 10


def test_what_is_given_back_never_counted() -> None:
    bob = Use(WRONG_PASSWORDS, "bob")
    for _ in range(30):
        take([bob], NOW)
        give_back([bob])
    for _ in range(9):
        take([bob], NOW)
    take([bob], NOW)
    give_back([bob])  # the tenth was right: it shuts nobody out
    assert refusal_of(bob) is None
    assert refusal_of(bob)


def test_of_several_limits_all_count_or_none_and_the_longest_wait_is_told() -> None:
    bob, eve = Use(THREE, "bob"), Use(LINKS_BY_ACCOUNT, "eve")
    for _ in range(3):
        take([bob], NOW)
    refused = refusal_of(bob, eve)
    assert refused
    assert refused.limit == THREE.name
    assert RateCount.select().count() == 1
    for _ in range(20):
        take([eve], NOW)
    with pytest.raises(RateLimited) as both:
        refuse_spent([bob, eve], NOW)
    assert both.value.limit == LINKS_BY_ACCOUNT.name


def test_bytes_count_by_their_number() -> None:
    kept = RateLimit("bytes", 100, timedelta(days=1), "{when}")
    assert refusal_of(Use(kept, "bob", 60)) is None
    assert refusal_of(Use(kept, "bob", 60)) is None
    assert refusal_of(Use(kept, "bob", 1))
    assert refusal_of(Use(kept, "eve", 100)) is None
    assert refusal_of(Use(kept, "eve", 1))


def test_of_many_at_once_no_more_are_let_in_than_may_be() -> None:
    uses = Use(THREE, "bob"), Use(SIGN_UPS, "here")
    refusals = all_at_once(*[lambda: refusal_of(*uses)] * 12)
    assert refusals.count(None) == 3
    assert {row.name: row.total for row in RateCount.select()} == {"three an hour": 3, "sign-ups": 3}
