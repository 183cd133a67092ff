"""Rate limits, their headers, and the headers of every answer."""

import pytest

from sandbox import seed

LOUNGE = f"/channels/{seed.LOUNGE_CHANNEL_ID}"


def test_fifty_requests_a_second_over_everything(discord, clock):
    discord.app.extensions["sandbox"].limits.allowances.overall = (50, 1)
    for _ in range(50):
        assert discord.api("GET", "/users/@me").status_code == 200
    refused = discord.api("GET", f"/guilds/{seed.GUILD_ID}")
    assert refused.status_code == 429
    assert refused.json["global"] is True
    assert 0 < refused.json["retry_after"] <= 1
    assert refused.headers["X-RateLimit-Global"] == "true"
    assert refused.headers["X-RateLimit-Scope"] == "global"
    assert refused.headers["Via"] == "1.1 google"
    clock.forward(1)
    assert discord.api("GET", "/users/@me").status_code == 200


def test_a_bucket_counts_down_and_then_refuses(discord, clock):
    answers = [discord.api("POST", LOUNGE + "/messages", {"content": "a"}) for _ in range(6)]
    assert [answer.headers["X-RateLimit-Remaining"] for answer in answers[:5]] == ["4", "3", "2", "1", "0"]
    assert len({answer.headers["X-RateLimit-Bucket"] for answer in answers}) == 1
    assert answers[5].status_code == 429
    assert answers[5].json == {
        "message": "You are being rate limited.",
        "retry_after": pytest.approx(5),
        "global": False,
    }
    assert int(answers[5].headers["Retry-After"]) >= 5
    assert answers[5].headers["X-RateLimit-Scope"] == "user"
    clock.forward(5)
    assert discord.api("POST", LOUNGE + "/messages", {"content": "a"}).status_code == 200


def test_each_channel_has_a_bucket_of_its_own(discord):
    for _ in range(5):
        discord.made("POST", LOUNGE + "/messages", {"content": "a"})
    other = f"/channels/{seed.FEEDBACK_CHANNEL_ID}/messages"
    assert discord.api("POST", other, {"content": "a"}).status_code == 200


def test_a_channel_is_renamed_twice_in_ten_minutes_whatever_the_headers_say(discord, clock):
    for name in ("one", "two"):
        discord.made("PATCH", LOUNGE, {"name": name})
    third = discord.api("PATCH", LOUNGE, {"name": "three"})
    assert third.status_code == 429
    assert int(third.headers["X-RateLimit-Remaining"]) > 0
    assert third.json["retry_after"] == pytest.approx(600)
    assert discord.api("PATCH", LOUNGE, {"user_limit": 2}).status_code == 200
    clock.forward(600)
    assert discord.api("PATCH", LOUNGE, {"name": "three"}).status_code == 200


def test_too_many_refused_requests_block_the_address(discord, clock):
    discord.app.extensions["sandbox"].limits.allowances.refusals = (3, 600)
    for _ in range(3):
        assert discord.api("GET", f"/channels/{seed.BACKSTAGE_CHANNEL_ID}").status_code == 403
    blocked = discord.api("GET", "/users/@me")
    assert (blocked.status_code, blocked.mimetype) == (429, "text/html")
    assert "Via" not in blocked.headers
    assert int(blocked.headers["Retry-After"]) > 500
    clock.forward(600)
    assert discord.api("GET", "/users/@me").status_code == 200


def test_limits_can_be_set_from_outside(discord):
    discord.control("/limits", buckets={"POST /channels/<channel_id>/messages": [1, 60]})
    assert discord.api("POST", LOUNGE + "/messages", {"content": "a"}).status_code == 200
    assert discord.api("POST", LOUNGE + "/messages", {"content": "a"}).status_code == 429


def test_a_wrong_token_a_wrong_path_and_a_wrong_method_are_json_too(discord):
    nobody = discord.client.get("/api/v10/users/@me")
    assert (nobody.status_code, nobody.json) == (401, {"message": "401: Unauthorized", "code": 0})
    assert discord.api("GET", "/users/@me", Authorization="Bot wrong").status_code == 401
    lost = discord.api("GET", "/nowhere")
    assert (lost.status_code, lost.json["message"]) == (404, "404: Not Found")
    assert discord.api("PUT", "/users/@me").status_code == 405


def test_an_id_that_is_no_snowflake_is_refused(discord):
    answer = discord.api("GET", "/channels/abc")
    assert (answer.status_code, answer.json["code"]) == (400, 50035)


def test_a_body_that_is_not_json_is_refused(discord):
    headers = {"Authorization": "Bot a-bot-token", "Content-Type": "text/plain"}
    address = f"/api/v10/guilds/{seed.GUILD_ID}/channels"
    for body in ("{}", '{"name": "a"}'):
        assert discord.client.post(address, data=body, headers=headers).json["code"] == 50035
    headers["Content-Type"] = "application/json"
    assert discord.client.post(address, data="[1]", headers=headers).json["code"] == 50035


def test_a_reason_is_decoded_and_kept(discord):
    body = {"name": "a", "type": 2}
    discord.made(
        "POST", f"/guilds/{seed.GUILD_ID}/channels", body, **{"X-Audit-Log-Reason": "Raum f%C3%BCr Nova / Sam"}
    )
    assert discord.guild()["audit_log"][-1]["reason"] == "Raum für Nova / Sam"
    call = discord.client.get("/control/calls").json["calls"][-1]
    assert (call["reason"], call["status"], call["method"]) == ("Raum für Nova / Sam", 201, "POST")


def test_a_reason_that_is_too_long_undoes_the_action(discord):
    before = len(discord.guild()["channels"])
    answer = discord.api(
        "POST", f"/guilds/{seed.GUILD_ID}/channels", {"name": "a"}, **{"X-Audit-Log-Reason": "a" * 513}
    )
    assert answer.status_code == 400
    assert len(discord.guild()["channels"]) == before
