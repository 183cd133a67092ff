"""Roles: making, giving, and the hierarchy that keeps a bot from raising itself."""

import pytest

from sandbox import seed
from sandbox.permissions import BOT_INVITE, Right

GUILD = seed.GUILD_ID
ROLES = f"/guilds/{GUILD}/roles"
STUDENT_ROLES = f"/guilds/{GUILD}/members/{seed.STUDENT_ID}/roles"


def refusal(answer):
    return answer.status_code, answer.json["code"]


def test_a_role_comes_is_given_taken_and_goes(discord):
    role = discord.made("POST", ROLES, {"name": "Session kxvbq", "permissions": "0"})
    assert (role["permissions"], role["position"], role["managed"]) == ("0", 1, False)
    given = f"{STUDENT_ROLES}/{role['id']}"
    assert [discord.api("PUT", given).status_code for _ in range(2)] == [204, 204]
    assert discord.made("GET", f"/guilds/{GUILD}/members/{seed.STUDENT_ID}")["roles"] == [role["id"]]
    assert [discord.api("DELETE", given).status_code for _ in range(2)] == [204, 204]
    assert discord.api("DELETE", f"{ROLES}/{role['id']}").status_code == 204
    assert refusal(discord.api("DELETE", f"{ROLES}/{role['id']}")) == (404, 10011)


def test_a_role_without_permissions_gets_those_of_everyone(discord):
    assert discord.made("POST", ROLES, {})["permissions"] == str(seed.EVERYONE)


def test_a_deleted_role_is_gone_from_members_and_channels(discord):
    role = discord.made("POST", ROLES, {"name": "a", "permissions": "0"})["id"]
    discord.api("PUT", f"{STUDENT_ROLES}/{role}")
    entry = {"id": role, "type": 0, "allow": "1024"}
    body = {"name": "a", "permission_overwrites": [entry]}
    channel = discord.made("POST", f"/guilds/{GUILD}/channels", body)["id"]
    discord.api("DELETE", f"{ROLES}/{role}")
    assert discord.channel(channel)["permission_overwrites"] == []
    assert discord.made("GET", f"/guilds/{GUILD}/members/{seed.STUDENT_ID}")["roles"] == []


def test_a_role_opens_a_channel_to_whoever_has_it(discord):
    role = discord.made("POST", ROLES, {"name": "a", "permissions": "0"})["id"]
    overwrites = [
        {"id": GUILD, "type": 0, "deny": "1049600"},
        {"id": role, "type": 0, "allow": "36818432"},
        {"id": seed.APPLICATION_ID, "type": 1, "allow": "1051664"},
    ]
    body = {"name": "a", "type": 2, "permission_overwrites": overwrites}
    channel = discord.made("POST", f"/guilds/{GUILD}/channels", body)["id"]
    assert seed.STUDENT_ID not in discord.channel(channel)["visible_to"]
    discord.api("PUT", f"{STUDENT_ROLES}/{role}")
    assert seed.STUDENT_ID in discord.channel(channel)["connectable_by"]


def test_a_role_above_the_bots_can_neither_be_given_changed_nor_deleted(discord):
    team = seed.TEAM_ROLE_ID
    assert refusal(discord.api("PUT", f"{STUDENT_ROLES}/{team}")) == (403, 50013)
    assert refusal(discord.api("PATCH", f"{ROLES}/{team}", {"name": "x"})) == (403, 50013)
    assert refusal(discord.api("DELETE", f"{ROLES}/{team}")) == (403, 50013)


def test_the_bots_own_role_is_not_below_itself(discord):
    assert refusal(discord.api("DELETE", f"{ROLES}/{seed.BOT_ROLE_ID}")) == (403, 50013)


def test_everyone_cannot_be_deleted_given_or_taken(discord):
    assert refusal(discord.api("DELETE", f"{ROLES}/{GUILD}")) == (400, 50028)
    own = f"/guilds/{GUILD}/members/{seed.STUDENT_ID}/roles/{GUILD}"
    assert refusal(discord.api("PUT", own)) == refusal(discord.api("DELETE", own)) == (400, 50028)


def test_the_rank_of_the_member_does_not_matter(discord):
    address = f"/guilds/{GUILD}/members/{seed.OWNER_ID}/roles/{seed.REGULARS_ROLE_ID}"
    assert discord.api("PUT", address).status_code == 204


@pytest.mark.parametrize("right", [Right.ADMINISTRATOR, Right.MANAGE_GUILD, Right.MODERATE_MEMBERS])
def test_a_role_cannot_hold_what_the_bot_lacks(discord, right):
    assert refusal(discord.api("POST", ROLES, {"permissions": str(int(right))})) == (403, 50013)
    address = f"{ROLES}/{seed.REGULARS_ROLE_ID}"
    assert refusal(discord.api("PATCH", address, {"permissions": int(right)})) == (403, 50013)


def test_roles_need_the_right_to_manage_roles(discord):
    discord.control("/permissions", guild_id=GUILD, permissions=str(BOT_INVITE & ~int(Right.MANAGE_ROLES)))
    assert refusal(discord.api("POST", ROLES, {"name": "a"})) == (403, 50013)


def test_a_guild_holds_250_roles(discord):
    there = len(discord.guild()["roles"])
    for _ in range(250 - there):
        discord.made("POST", ROLES, {"permissions": "0"})
    assert refusal(discord.api("POST", ROLES, {"permissions": "0"})) == (400, 30005)


def test_a_guild_makes_250_roles_in_two_days_and_deleting_gives_none_back(start, clock):
    discord = start()
    for _ in range(250):
        role = discord.made("POST", ROLES, {"permissions": "0"})["id"]
        discord.api("DELETE", f"{ROLES}/{role}")
    discord = start()  # A restart gives none back either.
    clock.forward(3600)
    waiting = discord.api("POST", ROLES, {"permissions": "0"})
    assert waiting.status_code == 429
    assert waiting.json["retry_after"] == pytest.approx(47 * 3600)
    assert waiting.headers["X-RateLimit-Limit"] == "250"
    clock.forward(47 * 3600)
    assert discord.api("POST", ROLES, {"permissions": "0"}).status_code == 200
