"""A channel's life, as the bot may and may not lead it."""

from typing import Any

import pytest

from sandbox import seed
from sandbox.permissions import Right

GUILD = seed.GUILD_ID
MEMBER_ALLOW = "36818432"
DENY = "1049600"


def room(name: str = "Room kxvbq", *, with_bot: bool = True, allow: str = MEMBER_ALLOW) -> dict[str, Any]:
    overwrites = [
        {"id": GUILD, "type": 0, "deny": DENY},
        {"id": seed.COACH_ID, "type": 1, "allow": allow},
        {"id": int(seed.STUDENT_ID), "type": 1, "allow": int(allow), "deny": 0},
    ]
    if with_bot:
        overwrites.append({"id": seed.APPLICATION_ID, "type": 1, "allow": "1051664"})
    return {"name": name, "type": 2, "permission_overwrites": overwrites}


def test_a_private_room_is_seen_by_its_members_the_owner_and_the_bot_only(discord):
    made = discord.api("POST", f"/guilds/{GUILD}/channels", room())
    assert made.status_code == 201
    assert made.content_type == "application/json"
    seen = discord.channel(made.json["id"])
    expected = {seed.COACH_ID, seed.STUDENT_ID, seed.OWNER_ID, seed.APPLICATION_ID}
    assert set(seen["visible_to"]) == set(seen["connectable_by"]) == expected


def test_a_voice_channel_carries_what_libraries_read(discord):
    made = discord.made("POST", f"/guilds/{GUILD}/channels", room())
    assert made["bitrate"] == 64000
    assert (made["user_limit"], made["rtc_region"], made["nsfw"], made["parent_id"]) == (0, None, False, None)
    entry = made["permission_overwrites"][0]
    assert entry == {"id": GUILD, "type": 0, "allow": "0", "deny": DENY}


def test_a_bot_that_leaves_itself_out_is_locked_out_of_its_own_channel(discord):
    orphan = discord.made("POST", f"/guilds/{GUILD}/channels", room(with_bot=False))["id"]
    for method, path, body in (
        ("GET", "", None),
        ("PATCH", "", {"name": "x"}),
        ("DELETE", "", None),
        ("PUT", f"/permissions/{seed.COACH_ID}", {"type": 1, "allow": "0"}),
        ("POST", "/messages", {"content": "hello"}),
    ):
        answer = discord.api(method, f"/channels/{orphan}{path}", body)
        assert (answer.status_code, answer.json["code"]) == (403, 50001)
    listed = discord.made("GET", f"/guilds/{GUILD}/channels")
    assert orphan not in [channel["id"] for channel in listed]


def test_a_channel_the_bot_cannot_view_is_not_in_its_list_yet_exists(discord):
    listed = {channel["id"] for channel in discord.made("GET", f"/guilds/{GUILD}/channels")}
    assert seed.LOUNGE_CHANNEL_ID in listed
    assert seed.BACKSTAGE_CHANNEL_ID not in listed
    assert discord.api("GET", f"/channels/{seed.BACKSTAGE_CHANNEL_ID}").json["code"] == 50001
    assert discord.api("GET", "/channels/99").json["code"] == 10003


@pytest.mark.parametrize("right", [Right.MANAGE_GUILD, Right.MANAGE_ROLES, Right.MODERATE_MEMBERS, Right.CREATE_EVENTS])
def test_a_bit_the_bot_lacks_can_neither_be_allowed_nor_denied(discord, right):
    for effect in ("allow", "deny"):
        entry = {"id": seed.COACH_ID, "type": 1, effect: str(int(right))}
        made = discord.api("POST", f"/guilds/{GUILD}/channels", {"name": "a", "permission_overwrites": [entry]})
        assert (made.status_code, made.json["code"]) == (403, 50013)


def test_an_opening_is_one_patch_that_replaces_the_list(discord):
    hidden = room()
    hidden["permission_overwrites"] = [hidden["permission_overwrites"][0], hidden["permission_overwrites"][3]]
    channel = discord.made("POST", f"/guilds/{GUILD}/channels", hidden)["id"]
    assert seed.COACH_ID not in discord.channel(channel)["visible_to"]
    discord.made("PATCH", f"/channels/{channel}", {"permission_overwrites": room()["permission_overwrites"]})
    assert seed.COACH_ID in discord.channel(channel)["visible_to"]
    discord.made("PATCH", f"/channels/{channel}", {"permission_overwrites": hidden["permission_overwrites"]})
    assert discord.channel(channel)["visible_to"] == [seed.OWNER_ID, seed.APPLICATION_ID]


def test_single_overwrites_come_and_go(discord):
    channel = discord.made("POST", f"/guilds/{GUILD}/channels", room())["id"]
    address = f"/channels/{channel}/permissions/{seed.STUDENT2_ID}"
    assert discord.api("PUT", address, {"type": 1, "allow": int(MEMBER_ALLOW)}).status_code == 204
    assert seed.STUDENT2_ID in discord.channel(channel)["visible_to"]
    assert discord.api("DELETE", address).status_code == 204
    gone = discord.api("DELETE", address)
    assert (gone.status_code, gone.json["code"]) == (404, 10009)


def test_a_deleted_channel_is_gone_and_those_inside_are_out(discord):
    channel = discord.made("POST", f"/guilds/{GUILD}/channels", room())["id"]
    assert discord.control("/voice", guild_id=GUILD, user_id=seed.COACH_ID, channel_id=channel).status_code == 200
    assert discord.channel(channel)["occupants"] == [seed.COACH_ID]
    first = discord.api("DELETE", f"/channels/{channel}")
    assert (first.status_code, first.json["id"]) == (200, channel)
    assert discord.guild()["voice"] == []
    second = discord.api("DELETE", f"/channels/{channel}")
    assert (second.status_code, second.json["code"]) == (404, 10003)


def test_a_deleted_category_leaves_its_channels(discord):
    category = discord.made("POST", f"/guilds/{GUILD}/channels", {"name": "Rooms", "type": 4})["id"]
    child = discord.made("POST", f"/guilds/{GUILD}/channels", room() | {"parent_id": category})
    assert child["parent_id"] == category
    discord.made("DELETE", f"/channels/{category}")
    assert discord.channel(child["id"])["parent_id"] is None


def test_a_channel_without_overwrites_of_its_own_starts_with_its_categorys(discord):
    hidden = [{"id": GUILD, "type": 0, "deny": "1024"}, {"id": seed.APPLICATION_ID, "type": 1, "allow": "1040"}]
    body = {"name": "Rooms", "type": 4, "permission_overwrites": hidden}
    category = discord.made("POST", f"/guilds/{GUILD}/channels", body)["id"]
    child = discord.made("POST", f"/guilds/{GUILD}/channels", {"name": "a", "parent_id": category})
    assert [entry["id"] for entry in child["permission_overwrites"]] == [GUILD, seed.APPLICATION_ID]
    bare = {"name": "b", "parent_id": category, "permission_overwrites": []}
    assert discord.made("POST", f"/guilds/{GUILD}/channels", bare)["permission_overwrites"] == []


def test_fifty_channels_fill_a_category(discord):
    category = discord.made("POST", f"/guilds/{GUILD}/channels", {"name": "Rooms", "type": 4})["id"]
    body = {"name": "a", "type": 2, "parent_id": category}
    for _ in range(50):
        discord.made("POST", f"/guilds/{GUILD}/channels", body)
    full = discord.api("POST", f"/guilds/{GUILD}/channels", body)
    assert full.status_code == 400
    assert full.json["errors"]["parent_id"]["_errors"][0]["code"] == "CHANNEL_PARENT_MAX_CHANNELS"
    moved = discord.api("PATCH", f"/channels/{seed.LOUNGE_CHANNEL_ID}", {"parent_id": category})
    assert moved.json["errors"]["parent_id"]["_errors"][0]["code"] == "CHANNEL_PARENT_MAX_CHANNELS"
    freed = discord.api("PATCH", f"/channels/{seed.LOUNGE_CHANNEL_ID}", {"parent_id": None})
    assert (freed.status_code, freed.json["parent_id"]) == (200, None)


def test_five_hundred_channels_fill_a_guild(discord):
    there = len(discord.guild()["channels"])
    for _ in range(500 - there):
        discord.made("POST", f"/guilds/{GUILD}/channels", {"name": "a"})
    full = discord.api("POST", f"/guilds/{GUILD}/channels", {"name": "a"})
    assert (full.status_code, full.json["code"]) == (400, 30013)


def test_a_parent_that_is_gone_is_an_unknown_channel(discord):
    answer = discord.api("POST", f"/guilds/{GUILD}/channels", {"name": "a", "parent_id": "99"})
    assert (answer.status_code, answer.json["code"]) == (404, 10003)


def test_text_names_are_rewritten_and_voice_names_are_only_trimmed(discord):
    text = discord.made("POST", f"/guilds/{GUILD}/channels", {"name": " Coaching  Room! 7F "})
    voice = discord.made("POST", f"/guilds/{GUILD}/channels", {"name": " Coaching  Room! 7F ", "type": 2})
    assert (text["name"], voice["name"]) == ("coaching-room-7f", "Coaching  Room! 7F")


@pytest.mark.parametrize(
    ("wanted", "text", "voice"),
    [
        ("Nova\u2003&\u00a0Sam", "nova-sam", "Nova & Sam"),
        ("a\u200bb\u2060c", "abc", "abc"),
        ("One\nTwo", "one-two", "One Two"),
        ("Über 🎧 Raum", "über-🎧-raum", "Über 🎧 Raum"),
        ("--A--", "a", "--A--"),
    ],
)
def test_unusual_spaces_become_plain_and_unseen_letters_vanish(discord, wanted, text, voice):
    made = [
        discord.made("POST", f"/guilds/{GUILD}/channels", {"name": wanted, "type": kind})["name"] for kind in (0, 2)
    ]
    assert made == [text, voice]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "a" * 101}, "name"),
        ({"name": "a", "topic": "t" * 1025}, "topic"),
        ({"name": "a", "type": 2, "user_limit": 100}, "user_limit"),
        ({"name": "a", "type": 2, "bitrate": 1}, "bitrate"),
        ({"name": "a", "type": 7}, "type"),
        ({"name": "a", "parent_id": 1.5}, "parent_id"),
        ({"name": "a", "permission_overwrites": [{"id": "1", "type": 0}] * 101}, "permission_overwrites"),
    ],
)
def test_a_field_that_does_not_fit_is_named(discord, body, field):
    answer = discord.api("POST", f"/guilds/{GUILD}/channels", body)
    assert (answer.status_code, answer.json["code"]) == (400, 50035)
    assert field in answer.json["errors"]


def test_an_edit_ordered_to_be_lost_looks_done_and_is_not(discord):
    channel = discord.made("POST", f"/guilds/{GUILD}/channels", room())["id"]
    discord.control("/faults", kind="edit_lost", route="/channels/*/permissions/*")
    address = f"/channels/{channel}/permissions/{seed.STUDENT2_ID}"
    assert discord.api("PUT", address, {"type": 1, "allow": MEMBER_ALLOW}).status_code == 204
    overwrite_ids = [entry["id"] for entry in discord.made("GET", f"/channels/{channel}")["permission_overwrites"]]
    assert seed.STUDENT2_ID in overwrite_ids
    assert seed.STUDENT2_ID not in discord.channel(channel)["visible_to"]
    discord.api("PUT", address, {"type": 1, "allow": MEMBER_ALLOW})
    assert seed.STUDENT2_ID in discord.channel(channel)["visible_to"]
