"""Faults to order: each kind strikes the call it was meant for, and only that."""

import time

import pytest
import requests

from sandbox import seed
from sandbox.faults import Fault

CHANNELS = f"/guilds/{seed.GUILD_ID}/channels"
BOT = {"Authorization": "Bot a-bot-token"}


def names(discord) -> list[str]:
    return [channel["name"] for channel in discord.guild()["channels"]]


def make(served: str, name: str) -> requests.Response:
    address = f"{served}/api/v10{CHANNELS}"
    return requests.post(address, json={"name": name, "type": 2}, headers=BOT, timeout=5)


@pytest.mark.parametrize(
    ("route", "path", "expected"),
    [
        ("/guilds/*/channels", CHANNELS, True),
        ("/guilds/*/channels", "/guilds/1/channels/2", False),
        ("/channels/*", "/channels/1/messages", False),
        ("/channels/**", "/channels/1/messages", True),
        ("/**", "/users/@me", True),
        ("/users/@me", "/users/@me", True),
    ],
)
def test_a_star_is_one_part_of_the_path_and_two_are_any_number(route, path, expected):
    assert Fault("delay", route).matches("GET", path) is expected


def test_a_dropped_answer_leaves_its_effect_behind(discord, served):
    discord.control("/faults", kind="drop_after", route="/guilds/*/channels", method="POST")
    with pytest.raises(requests.ConnectionError):
        make(served, "Room kxvbq")
    assert "Room kxvbq" in names(discord)
    call = discord.client.get("/control/calls").json["calls"][-1]
    assert (call["fault"], call["status"], call["method"]) == ("drop_after", None, "POST")
    assert make(served, "Room second").status_code == 201


def test_a_dropped_request_has_no_effect(discord, served):
    discord.control("/faults", kind="drop_before", route="/guilds/*/channels", method="POST")
    with pytest.raises(requests.ConnectionError):
        make(served, "Room kxvbq")
    assert "Room kxvbq" not in names(discord)


@pytest.mark.parametrize(("kind", "has_effect"), [("5xx", False), ("5xx_after", True)])
def test_trouble_comes_before_or_after_the_effect(discord, kind, has_effect):
    discord.control("/faults", kind=kind, status=502)
    assert discord.api("POST", CHANNELS, {"name": "Room", "type": 2}).status_code == 502
    assert ("Room" in names(discord)) is has_effect


@pytest.mark.parametrize("kind", ["delay", "delay_after"])
def test_a_delay_is_longer_than_a_short_patience(discord, kind):
    discord.control("/faults", kind=kind, seconds=0.05)
    started = time.monotonic()
    assert discord.api("GET", "/users/@me").status_code == 200
    assert time.monotonic() - started >= 0.05


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("401", 401, 0),
        ("403", 403, 50013),
        ("404", 404, 10003),
        ("50001", 403, 50001),
        ("50013", 403, 50013),
        ("30013", 400, 30013),
        ("130000", 503, 130000),
    ],
)
def test_a_refusal_is_ordered_by_its_code(discord, kind, status, code):
    discord.control("/faults", kind=kind, route="/channels/*")
    answer = discord.api("DELETE", f"/channels/{seed.LOUNGE_CHANNEL_ID}")
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert "Lounge" in names(discord)


def test_a_form_error_is_ordered_with_its_field(discord):
    discord.control("/faults", kind="50035", field="name", inner="INVALID_COMMUNITY_PROPERTY_NAME")
    errors = discord.api("POST", CHANNELS, {"name": "Room"}).json["errors"]
    assert errors["name"]["_errors"][0]["code"] == "INVALID_COMMUNITY_PROPERTY_NAME"


def test_three_kinds_of_429(discord):
    for kind in ("429", "429_global", "429_cloudflare"):
        discord.control("/faults", kind=kind, seconds=2.5)
    user, overall, cloudflare = (discord.api("GET", "/users/@me") for _ in range(3))
    assert (user.json["retry_after"], user.json["global"], user.headers["X-RateLimit-Scope"]) == (2.5, False, "user")
    assert (overall.json["global"], overall.headers["X-RateLimit-Global"]) == (True, "true")
    assert (cloudflare.status_code, cloudflare.mimetype, cloudflare.headers["Retry-After"]) == (429, "text/html", "3")
    assert "Via" not in cloudflare.headers
    assert "Via" in user.headers


@pytest.mark.parametrize("kind", ["403", "404", "50001", "20028"])
def test_a_refusal_by_order_tells_how_its_bucket_stands(discord, kind):
    for _ in range(2):
        discord.made("GET", f"/channels/{seed.LOUNGE_CHANNEL_ID}")
    discord.control("/faults", kind=kind)
    refused = discord.api("GET", f"/channels/{seed.LOUNGE_CHANNEL_ID}")
    limit = int(refused.headers["X-RateLimit-Limit"])
    assert int(refused.headers["X-RateLimit-Remaining"]) == limit - 2


def test_an_ordered_429_says_that_its_bucket_is_spent(discord):
    discord.control("/faults", kind="429", seconds=7)
    headers = discord.api("GET", f"/channels/{seed.LOUNGE_CHANNEL_ID}").headers
    assert (headers["X-RateLimit-Remaining"], headers["X-RateLimit-Reset-After"]) == ("0", "7.000")


@pytest.mark.parametrize("kind", ["401", "429_global", "429_cloudflare", "5xx"])
def test_what_never_came_to_a_bucket_says_nothing_of_one(discord, kind):
    discord.control("/faults", kind=kind)
    assert "X-RateLimit-Bucket" not in discord.api("GET", "/users/@me").headers


def test_a_write_limit_has_a_code_and_a_time_to_wait(discord):
    discord.control("/faults", kind="20029", seconds=7)
    answer = discord.api("POST", CHANNELS, {"name": "Room"})
    assert (answer.status_code, answer.json["code"], answer.json["retry_after"]) == (429, 20029, 7)
    assert (answer.headers["X-RateLimit-Scope"], answer.headers["Retry-After"]) == ("shared", "8")


def test_a_fault_strikes_as_often_as_told_after_as_many_as_told(discord):
    discord.control("/faults", kind="5xx", method="GET", skip=1, times=2)
    assert [discord.api("GET", "/users/@me").status_code for _ in range(4)] == [200, 503, 503, 200]
    assert discord.client.get("/control/faults").json["faults"] == []


def test_a_fault_without_end_is_called_off(discord):
    discord.control("/faults", kind="5xx", times=None)
    assert [discord.api("GET", "/users/@me").status_code for _ in range(3)] == [503, 503, 503]
    assert discord.control("/faults", clear=True).json == {"faults": []}
    assert discord.api("GET", "/users/@me").status_code == 200


def test_the_token_address_can_fail_too(discord):
    discord.control("/faults", kind="5xx", route="/oauth2/token")
    assert discord.exchange(discord.code(seed.COACH_ID)).status_code == 503


def test_an_order_that_makes_no_sense_is_refused(discord):
    for body in ({"kind": "sulk"}, {"kind": "5xx", "often": 3}):
        assert discord.control("/faults", **body).status_code == 400
