"""Rate limits as two libraries read them: by the headers they wait beforehand, by the body afterwards."""

import asyncio
import time

import pytest

from sandbox import seed
from tests.sandbox.contract import discords_contract

SEND = "POST /channels/<channel_id>/messages"


@pytest.fixture(autouse=True)
def every_answer_is_discords(served):
    yield
    assert [odd for exchange in served.witness.exchanges for odd in exchange.oddities()] == []


def test_the_headers_let_a_library_wait_before_it_is_refused(caller, served):
    served.act("limits", buckets={SEND: [2, 0.4]})
    started = time.monotonic()
    caller.run(lambda bot: in_turn(bot.send, "a", "b", "c", "d", "e"))
    assert served.statuses("/messages") == [200] * 5
    assert time.monotonic() - started >= 0.8


def test_everything_together_stays_below_the_global_limit(caller, served):
    served.act("limits", overall=[5, 0.6])
    caller.run(lambda bot: asyncio.gather(*(bot.look() for _ in range(12))))
    refused = [exchange for exchange in served.witness.exchanges if exchange.status == 429]
    assert refused
    assert all(refusal.answer["global"] and refusal.headers["X-RateLimit-Scope"] == "global" for refusal in refused)
    assert len([status for status in served.statuses(seed.LOUNGE_CHANNEL_ID) if status == 200]) == 12


def test_a_limit_that_the_headers_hide_is_obeyed_by_the_body(caller, served):
    served.act("limits", renames=[1, 1])
    started = time.monotonic()
    caller.run(lambda bot: in_turn(bot.rename, "one", "two"))
    assert time.monotonic() - started >= 0.9
    assert served.statuses(seed.LOUNGE_CHANNEL_ID) == [200, 429, 200]
    hidden = next(exchange for exchange in served.witness.exchanges if exchange.status == 429)
    assert (hidden.headers["X-RateLimit-Scope"], hidden.answer["global"]) == ("shared", False)
    assert int(hidden.headers["X-RateLimit-Remaining"]) > 0
    assert served.discord.channel(seed.LOUNGE_CHANNEL_ID)["name"] == "two"


def test_the_window_of_two_days_for_new_roles_is_too_long_for_anybody(caller, served):
    served.act("limits", buckets={"POST /guilds/<guild_id>/roles": [1, 172800]})
    with pytest.raises(caller.too_long) as caught:
        caller.run(lambda bot: in_turn(bot.make_role, "a", "b"))
    assert 172000 < caught.value.retry_after <= 172800
    assert served.statuses("/roles")[0] == 200


def test_a_second_process_with_the_same_token_spends_from_the_same_bucket(caller, served):
    served.act("limits", buckets={SEND: [1, 1.5]})
    other = f"/channels/{seed.LOUNGE_CHANNEL_ID}/messages"

    async def come_second(bot) -> None:
        served.discord.made("POST", other, {"content": "from another process"})
        await bot.send("from this one")

    caller.run(come_second)
    assert served.statuses("/messages") == [429, 200]


@pytest.mark.parametrize("kind", ["429", "429_global", "20028", "20029"])
def test_a_refusal_by_order_is_one_that_a_library_tries_again(caller, served, kind):
    served.act("faults", kind=kind, seconds=0.2, route="/channels/*/messages")
    caller.run(lambda bot: bot.send("Hi"))
    assert served.statuses("/messages") == [429, 200]


def test_every_429_keeps_discords_contract(served):
    contract = discords_contract()
    path = f"/channels/{seed.LOUNGE_CHANNEL_ID}"
    for kind in ("429", "429_global", "20028", "20029"):
        served.act("faults", kind=kind)
        answer = served.discord.api("GET", path)
        assert contract.problems("GET", path, answer.status_code, answer.json) == []


def test_both_calls_for_one_overwrite_share_the_name_of_a_bucket_and_count_apart(served):
    entry = f"/channels/{seed.LOUNGE_CHANNEL_ID}/permissions/{seed.STUDENT_ID}"
    put = served.discord.api("PUT", entry, {"type": 1, "allow": "1024"})
    delete = served.discord.api("DELETE", entry)
    assert put.headers["X-RateLimit-Bucket"] == delete.headers["X-RateLimit-Bucket"]
    assert put.headers["X-RateLimit-Remaining"] == delete.headers["X-RateLimit-Remaining"]


async def in_turn(act, *words: str) -> None:
    for word in words:
        await act(word)
