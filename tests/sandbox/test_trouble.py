"""The page on which things are made to go wrong."""

from typing import Any

import pytest

from sandbox import fault_form, seed
from sandbox.faults import KINDS, Fault
from sandbox.permissions import BOT_INVITE, Right

PAGE = f"/guilds/{seed.GUILD_ID}/trouble"
CHANNELS = f"/guilds/{seed.GUILD_ID}/channels"
ORDER = {"kind": "5xx", "target": "make-channel", "times": "1", "seconds": "2"}


def order(discord, **differences: str):
    return discord.client.post(f"{PAGE}/faults", data=ORDER | differences)


def act(discord, name: str, **fields):
    return discord.client.post(f"{PAGE}/acts", data={"act": name, **fields})


def pending_faults(discord) -> list[dict[str, Any]]:
    return discord.client.get("/control/faults").json["faults"]


def test_every_fault_on_the_page_is_one_that_can_be_ordered():
    assert set(fault_form.WORDS) <= KINDS


@pytest.mark.parametrize("target", fault_form.TARGETS)
def test_every_call_on_the_page_is_one_of_the_sandboxs_own(discord, target):
    call = fault_form.TARGETS[target]
    example = call.route.replace("*", "1")
    known = [rule.rule for rule in discord.app.url_map.iter_rules() if call.method in rule.methods]
    fitting = [rule for rule in known if _fits(rule.removeprefix("/api/v10"), example)]
    assert fitting or call.route == "/**"


def _fits(rule: str, path: str) -> bool:
    parts, wanted = rule.split("/"), path.split("/")
    return len(parts) == len(wanted) and all(p == w or p.startswith("<") for p, w in zip(parts, wanted, strict=True))


def test_a_fault_waits_for_its_call_and_strikes_it(discord):
    assert order(discord).location == f"{PAGE}?done=order"
    page = discord.client.get(f"{PAGE}?done=order").text
    assert "Ordered. It waits for its call." in page
    assert "Create a channel, once" in page
    assert discord.api("GET", CHANNELS).status_code == 200
    assert discord.api("POST", CHANNELS, {"name": "a"}).status_code == 503
    assert "Nothing is ordered" in discord.client.get(PAGE).text


def test_a_fault_lasts_as_long_and_waits_as_long_as_told(discord):
    order(discord, kind="429", target="every", times="", seconds="600")
    [fault] = pending_faults(discord)
    assert (fault["times"], fault["seconds"], fault["route"]) == (None, 600, "/**")
    assert "Any call, until called off, 600 s" in discord.client.get(PAGE).text


def test_a_fault_that_was_ordered_by_hand_is_shown_as_it_is():
    description = fault_form.described(Fault("30061", "/guilds/*/roles", "GET", times=2, skip=1))
    assert (description["words"], description["call"], description["lasts"]) == (
        "30061",
        "GET /guilds/*/roles",
        "2 times, after 1 more",
    )


@pytest.mark.parametrize(
    "differences",
    [{"kind": "sulk"}, {"target": "dance"}, {"times": "2"}, {"seconds": "soon"}, {"seconds": "0"}, {"seconds": "nan"}],
)
def test_an_order_that_makes_no_sense_is_refused_and_kept_on_the_page(discord, differences):
    refused = order(discord, **differences)
    assert refused.status_code == 422
    assert 'role="alert"' in refused.text
    assert pending_faults(discord) == []


def test_an_edit_can_only_be_lost_where_overwrites_are_edited(discord):
    refused = order(discord, kind="edit_lost")
    assert refused.status_code == 422
    assert "can lose an edit" in refused.text
    assert '<option value="edit_lost" selected>' in refused.text
    assert order(discord, kind="edit_lost", target="set-overwrite").status_code == 303


def test_one_fault_is_called_off_or_all_of_them(discord):
    for kind in ("5xx", "401", "404"):
        order(discord, kind=kind)
    first = pending_faults(discord)[0]["id"]
    discord.client.post(f"{PAGE}/calling-off", data={"fault": first})
    assert [fault["kind"] for fault in pending_faults(discord)] == ["401", "404"]
    discord.client.post(f"{PAGE}/calling-off")
    assert pending_faults(discord) == []


def test_a_moderator_deletes_a_channel(discord):
    assert act(discord, "delete", channel_id=seed.LOUNGE_CHANNEL_ID).status_code == 303
    assert discord.api("GET", f"/channels/{seed.LOUNGE_CHANNEL_ID}").json["code"] == 10003
    assert act(discord, "delete", channel_id=seed.LOUNGE_CHANNEL_ID).status_code == 409


def test_a_permission_is_taken_from_the_bot_and_given_back(discord):
    names = [right.name for right in Right if right & BOT_INVITE]
    act(discord, "rights", right=[name for name in names if name != "MANAGE_CHANNELS"])
    assert discord.api("POST", CHANNELS, {"name": "a"}).json["code"] == 50013
    act(discord, "rights", right=names)
    assert discord.api("POST", CHANNELS, {"name": "a"}).status_code == 201


def test_a_right_that_the_page_does_not_offer_stays(discord):
    discord.control("/permissions", guild_id=seed.GUILD_ID, permissions=str(BOT_INVITE | Right.CREATE_EVENTS))
    act(discord, "rights", right=["VIEW_CHANNEL"])
    role = next(role for role in discord.guild()["roles"] if role["id"] == seed.BOT_ROLE_ID)
    assert int(role["permissions"]) == Right.VIEW_CHANNEL | Right.CREATE_EVENTS


def test_a_member_leaves_and_comes_back(discord):
    member = f"/guilds/{seed.GUILD_ID}/members/{seed.STUDENT_ID}"
    act(discord, "leave", user_id=seed.STUDENT_ID)
    assert discord.api("GET", member).json["code"] == 10007
    act(discord, "join", user_id=seed.STUDENT_ID)
    assert discord.api("GET", member).status_code == 200


@pytest.mark.parametrize("way", ["page", "control"])
def test_a_consent_that_is_withdrawn_leaves_dead_tokens(discord, way):
    token = discord.access_token(seed.STUDENT_ID)
    assert "Withdraw consent" in discord.client.get(PAGE).text
    if way == "page":
        act(discord, "withdraw", user_id=seed.STUDENT_ID)
    else:
        discord.control("/withdrawal", user_id=seed.STUDENT_ID)
    headers = {"Authorization": f"Bearer {token}"}
    assert discord.client.get("/api/v10/users/@me", headers=headers).status_code == 401
    assert "Withdraw consent" not in discord.client.get(PAGE).text


def test_a_guild_without_the_bot_has_no_rights_to_take(discord):
    page = discord.client.get(f"/guilds/{seed.NEW_GUILD_ID}/trouble").text
    assert "The bot has no role in this server." in page


def test_an_unknown_guild_and_an_unknown_act_are_no_page(discord):
    assert discord.client.get("/guilds/99/trouble").status_code == 404
    assert act(discord, "dance").status_code == 400


def test_the_guild_page_leads_here(discord):
    assert f'href="{PAGE}"' in discord.client.get(f"/guilds/{seed.GUILD_ID}").text


def test_the_application_is_made_private_and_public_again_on_the_page(discord):
    act(discord, "application", choice=["code-grant"])
    application = discord.made("GET", "/applications/@me")
    assert (application["bot_public"], application["bot_require_code_grant"]) == (False, True)
    act(discord, "application", choice=["public"])
    application = discord.made("GET", "/applications/@me")
    assert (application["bot_public"], application["bot_require_code_grant"]) == (True, False)
