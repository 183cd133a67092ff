"""Discord's gateway and the call budget: asked before each call, told of each answer."""

from datetime import UTC, datetime, timedelta

import pytest
import requests
import responses

from coaching.call_permits import CallAnswer, CallPermit, Rank
from coaching.host import HostError
from coaching.refusals import Refusal
from gateways.discord import DiscordHost
from gateways.discord_limits import heard_in

API = "https://discord.example/api/v10"
CHANNEL = "2000"
A_CHANNEL = {"id": CHANNEL, "name": "coaching-7f3k2p", "type": 2, "permission_overwrites": []}
NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
LIMITS = {
    "X-RateLimit-Limit": "5",
    "X-RateLimit-Remaining": "3",
    "X-RateLimit-Reset": "1740000000.5",
    "X-RateLimit-Reset-After": "4.250",
    "X-RateLimit-Bucket": "abcd1234",
}


class FakeBudget:
    """Gives the turns it was told to give, then turns at once; remembers what it was asked and told."""

    def __init__(self, *turns: CallPermit) -> None:
        self.turns = list(turns)
        self.asked: list[tuple[str, str]] = []
        self.answers: list[tuple[str, str, CallPermit, CallAnswer]] = []
        self.slept: list[float] = []
        self.ranks: list[Rank | None] = []

    def take(self, method: str, path: str, rank: Rank | None = None) -> CallPermit:
        self.asked.append((method, path))
        self.ranks.append(rank)
        return self.turns.pop(0) if self.turns else permit(0)

    def learn(self, method: str, path: str, permit: CallPermit, answer: CallAnswer) -> None:
        self.answers.append((method, path, permit, answer))


def permit(seconds: float, is_reserved: bool = True, is_for_all: bool = False) -> CallPermit:
    return CallPermit(NOW, is_reserved, timedelta(seconds=seconds), is_for_all)


def host_with(budget: FakeBudget) -> DiscordHost:
    return DiscordHost(API, "a-bot-token", budget=budget, sleep=budget.slept.append)


@pytest.fixture
def discord():
    with responses.RequestsMock() as mock:
        yield mock


def refused(budget: FakeBudget) -> HostError:
    with pytest.raises(HostError) as caught:
        host_with(budget).delete_channel(CHANNEL, "over")
    return caught.value


def test_a_look_that_a_room_waits_for_is_said_to_be_urgent(discord):
    discord.get(f"{API}/guilds/1/voice-states/2", json={"channel_id": None})
    budget = FakeBudget()
    host = host_with(budget)
    host.find_voice_channel("1", "2")
    host.find_voice_channel("1", "2", is_urgent=True)
    assert budget.ranks == [None, Rank.CHANGE]


def test_a_direct_message_comes_last_and_its_caller_is_soon_sent_away(discord):
    discord.post(f"{API}/users/@me/channels", json={"id": "77"})
    discord.post(f"{API}/channels/77/messages", json={"id": "78"})
    budget = FakeBudget()
    host = host_with(budget)
    host.post_direct(host.open_dm("2"), "Hi", "n1")
    host.post_message("77", "Hi", "n2")
    assert budget.ranks == [Rank.LAST, Rank.LAST, None]

    budget.turns = [permit(0.15, is_reserved=False), permit(0.15, is_reserved=False), permit(0)]
    with pytest.raises(HostError) as caught:
        host.open_dm("2")
    assert (caught.value.kind, caught.value.status) == (Refusal.RATE_LIMITED, None)
    assert budget.slept == [0.15]


def test_the_budget_is_asked_before_a_call_and_told_of_the_answer(discord):
    discord.get(f"{API}/channels/{CHANNEL}", json=A_CHANNEL, headers=LIMITS)
    budget = FakeBudget()
    host_with(budget).find_channel(CHANNEL)

    assert budget.asked == [("GET", f"/channels/{CHANNEL}")]
    answer = CallAnswer(200, most=5, remaining=3, reset_after=timedelta(seconds=4.25))
    assert budget.answers == [("GET", f"/channels/{CHANNEL}", permit(0), answer)]
    assert budget.slept == []


def test_a_call_waits_for_its_place(discord):
    discord.delete(f"{API}/channels/{CHANNEL}", json=A_CHANNEL)
    budget = FakeBudget(permit(0.25))
    host_with(budget).delete_channel(CHANNEL, "over")
    assert budget.slept == [0.25]


def test_a_call_without_a_place_asks_again(discord):
    discord.delete(f"{API}/channels/{CHANNEL}", json=A_CHANNEL)
    budget = FakeBudget(permit(0.5, is_reserved=False), permit(0.5, is_reserved=False), permit(0.1))
    host_with(budget).delete_channel(CHANNEL, "over")
    assert budget.slept == [0.5, 0.5, 0.1]
    assert len(budget.answers) == 1


@pytest.mark.parametrize("is_for_all", [True, False])
def test_a_long_wait_is_refused_without_a_call(discord, is_for_all):
    budget = FakeBudget(permit(300, is_reserved=False, is_for_all=is_for_all))
    error = refused(budget)
    # No status: Discord has not said so now, we knew it.
    assert (error.kind, error.retry_after, error.status) == (Refusal.RATE_LIMITED, timedelta(seconds=300), None)
    assert (error.is_global, error.permanent, error.is_outcome_unknown) == (is_for_all, False, False)
    assert (budget.slept, budget.answers) == ([], [])


def test_waits_add_up_to_two_seconds_at_most(discord):
    budget = FakeBudget(*[permit(0.6, is_reserved=False)] * 9)
    assert refused(budget).retry_after == timedelta(seconds=0.6)
    assert budget.slept == [0.6, 0.6, 0.6]


def test_a_budget_that_says_now_and_never_gives_a_place_is_not_asked_for_ever(discord):
    budget = FakeBudget(*[permit(0, is_reserved=False)] * 1000)
    assert refused(budget).kind == Refusal.RATE_LIMITED
    assert len(budget.asked) == 201


def test_a_429_is_learned_and_still_raised(discord):
    headers = {**LIMITS, "X-RateLimit-Scope": "shared", "X-RateLimit-Remaining": "0"}
    body = {"message": "You are being rate limited.", "retry_after": 1.5, "global": False}
    discord.delete(f"{API}/channels/{CHANNEL}", json=body, status=429, headers=headers)
    budget = FakeBudget()
    assert refused(budget).status == 429
    (_, _, _, answer) = budget.answers[0]
    assert (answer.status, answer.refused_for, answer.remaining) == (429, timedelta(seconds=1.5), 0)
    assert (answer.is_shared, answer.is_global) == (True, False)


@pytest.mark.parametrize(
    ("content", "seconds"),
    [('{"retry_after": 2.5, "global": true}', 2.5), ("<html>Error 1015</html>", 600), ('{"code": 40333}', 600)],
)
def test_what_stops_every_call_is_learned_as_such(discord, content, seconds):
    discord.delete(f"{API}/channels/{CHANNEL}", body=content, status=429)
    budget = FakeBudget()
    refused(budget)
    answer = budget.answers[0][3]
    assert (answer.is_global, answer.refused_for) == (True, timedelta(seconds=seconds))


def test_a_lost_answer_is_told_as_such(discord):
    discord.delete(f"{API}/channels/{CHANNEL}", body=requests.ConnectionError())
    budget = FakeBudget()
    assert refused(budget).kind == Refusal.NO_ANSWER
    assert budget.answers[0][3] == CallAnswer(None)


def test_a_refusal_for_another_reason_waits_for_nothing(discord):
    discord.delete(f"{API}/channels/{CHANNEL}", json={"code": 50013}, status=403, headers=LIMITS)
    budget = FakeBudget()
    refused(budget)
    answer = budget.answers[0][3]
    assert (answer.status, answer.refused_for, answer.is_global) == (403, None, False)


@pytest.mark.parametrize("value", ["", "many", "-1", "nan", "inf", "1e99"])
def test_a_limit_that_makes_no_sense_is_not_believed(value):
    names = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset-After")
    assert heard_in(200, dict.fromkeys(names, value), None) == CallAnswer(200)
