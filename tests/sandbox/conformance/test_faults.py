"""What goes wrong at the real Discord, ordered here and met by two libraries."""

import asyncio

import aiohttp
import pytest

from sandbox import seed
from tests.threads import wait_for


def names(served) -> list[str]:
    return [channel["name"] for channel in served.discord.guild()["channels"]]


def order(served, kind: str, route: str = "/guilds/*/channels", **details) -> None:
    served.act("faults", kind=kind, route=route, **details)


def test_a_block_by_the_network_is_html_and_nobody_tries_again(caller, served):
    order(served, "429_cloudflare", seconds=60)
    with pytest.raises(caller.refused):
        caller.run(lambda bot: bot.make_room("Room"))
    [blocked] = [exchange for exchange in served.witness.exchanges if exchange.status == 429]
    assert "Via" not in blocked.headers
    assert blocked.headers["Content-Type"].startswith("text/html")
    assert "Room" not in names(served)


@pytest.mark.parametrize(("kind", "exists"), [("drop_before", False), ("drop_after", True)])
def test_a_connection_is_cut_before_or_after_the_effect(caller, served, kind, exists):
    order(served, kind)
    with pytest.raises((aiohttp.ClientError, OSError, caller.refused)):
        caller.run(lambda bot: bot.make_room("Room"))
    assert ("Room" in names(served)) is exists
    assert names(served).count("Room") <= 1


@pytest.mark.parametrize(("kind", "exists"), [("5xx", False), ("5xx_after", True)])
def test_trouble_on_the_other_side_comes_before_or_after_the_effect(caller, served, kind, exists):
    order(served, kind, status=503)
    with pytest.raises(caller.refused):
        caller.run(lambda bot: bot.make_room("Room"))
    assert ("Room" in names(served)) is exists


def test_an_answer_can_be_later_than_a_patience(caller, served):
    order(served, "delay_after", seconds=0.5)
    with pytest.raises(asyncio.TimeoutError):
        caller.run(lambda bot: asyncio.wait_for(bot.make_room("Room"), 0.2))
    # A loaded machine may need longer than the patience even for the effect.
    wait_for(lambda: "Room" in names(served))


def test_an_overwrite_right_after_the_creation_may_be_lost_unseen(caller, served):
    room = caller.run(lambda bot: bot.make_room("Room"))
    order(served, "edit_lost", "/channels/*/permissions/*")
    caller.run(lambda bot: bot.let_in(room, seed.STUDENT_ID))
    channel = served.discord.channel(room)
    assert seed.STUDENT_ID in [entry["id"] for entry in channel["permission_overwrites"]]
    assert seed.STUDENT_ID not in channel["visible_to"]
    caller.run(lambda bot: bot.let_in(room, seed.STUDENT_ID))
    assert seed.STUDENT_ID in served.discord.channel(room)["visible_to"]


def test_a_bot_token_that_was_reset_opens_nothing(caller, served):
    order(served, "401", "/**", times=None)
    with pytest.raises(caller.unauthorized):
        caller.run(lambda bot: bot.look())
    served.act("faults", clear=True)
    caller.run(lambda bot: bot.look())


def test_a_permission_that_was_taken_away_is_missed_at_once(caller, served):
    served.act("permissions", guild_id=seed.GUILD_ID, permissions="1024")
    with pytest.raises(caller.refused) as caught:
        caller.run(lambda bot: bot.make_room("Room"))
    assert caught.value.code == 50013


def test_a_channel_that_a_moderator_deleted_is_unknown(caller, served):
    room = caller.run(lambda bot: bot.make_room("Room"))
    served.act("delete-channel", channel_id=room)
    with pytest.raises(caller.refused) as caught:
        caller.run(lambda bot: bot.let_in(room, seed.STUDENT_ID))
    assert caught.value.code == 10003


def test_a_member_who_left_and_came_back_has_lost_roles_and_kept_overwrites(caller, served):
    room = caller.run(lambda bot: bot.make_room("Room"))
    caller.run(lambda bot: bot.let_in(room, seed.STUDENT_ID))
    served.act("member", guild_id=seed.GUILD_ID, user_id=seed.STUDENT_ID, action="leave")
    assert seed.STUDENT_ID not in served.discord.channel(room)["visible_to"]
    served.act("member", guild_id=seed.GUILD_ID, user_id=seed.STUDENT_ID, action="join")
    assert seed.STUDENT_ID in served.discord.channel(room)["visible_to"]
    assert served.roles_of(seed.STUDENT_ID) == []
