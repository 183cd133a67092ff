"""What goes wrong at the real Discord, ordered here and met by two libraries."""

import asyncio
import time

import aiohttp
import pytest

from sandbox import seed


def names(stage) -> list[str]:
    return [channel["name"] for channel in stage.discord.guild()["channels"]]


def order(stage, kind: str, route: str = "/guilds/*/channels", **details) -> None:
    stage.act("faults", kind=kind, route=route, **details)


def test_a_block_by_the_network_is_html_and_nobody_tries_again(caller, stage):
    order(stage, "429_cloudflare", seconds=60)
    with pytest.raises(caller.refused):
        caller.run(lambda bot: bot.make_room("Room"))
    [blocked] = [one for one in stage.witness.exchanges if one.status == 429]
    assert "Via" not in blocked.headers
    assert blocked.headers["Content-Type"].startswith("text/html")
    assert "Room" not in names(stage)


@pytest.mark.parametrize(("kind", "exists"), [("drop_before", False), ("drop_after", True)])
def test_a_connection_is_cut_before_or_after_the_effect(caller, stage, kind, exists):
    order(stage, kind)
    with pytest.raises((aiohttp.ClientError, OSError, caller.refused)):
        caller.run(lambda bot: bot.make_room("Room"))
    assert ("Room" in names(stage)) is exists
    assert names(stage).count("Room") <= 1


@pytest.mark.parametrize(("kind", "exists"), [("5xx", False), ("5xx_after", True)])
def test_trouble_on_the_other_side_comes_before_or_after_the_effect(caller, stage, kind, exists):
    order(stage, kind, status=503)
    with pytest.raises(caller.refused):
        caller.run(lambda bot: bot.make_room("Room"))
    assert ("Room" in names(stage)) is exists


def test_an_answer_can_be_later_than_a_patience(caller, stage):
    order(stage, "delay_after", seconds=0.5)
    with pytest.raises(asyncio.TimeoutError):
        caller.run(lambda bot: asyncio.wait_for(bot.make_room("Room"), 0.2))
    # A loaded machine may need longer than the patience even for the effect.
    assert any("Room" in names(stage) or time.sleep(0.1) for _ in range(50))


def test_an_overwrite_right_after_the_creation_may_be_lost_unseen(caller, stage):
    room = caller.run(lambda bot: bot.make_room("Room"))
    order(stage, "edit_lost", "/channels/*/permissions/*")
    caller.run(lambda bot: bot.let_in(room, seed.STUDENT_ID))
    shown = stage.discord.channel(room)
    assert seed.STUDENT_ID in [entry["id"] for entry in shown["permission_overwrites"]]
    assert seed.STUDENT_ID not in shown["visible_to"]
    caller.run(lambda bot: bot.let_in(room, seed.STUDENT_ID))
    assert seed.STUDENT_ID in stage.discord.channel(room)["visible_to"]


def test_a_bot_token_that_was_reset_opens_nothing(caller, stage):
    order(stage, "401", "/**", times=None)
    with pytest.raises(caller.unauthorized):
        caller.run(lambda bot: bot.look())
    stage.act("faults", clear=True)
    caller.run(lambda bot: bot.look())


def test_a_permission_that_was_taken_away_is_missed_at_once(caller, stage):
    stage.act("permissions", guild_id=seed.GUILD_ID, permissions="1024")
    with pytest.raises(caller.refused) as caught:
        caller.run(lambda bot: bot.make_room("Room"))
    assert caught.value.code == 50013


def test_a_channel_that_a_moderator_deleted_is_unknown(caller, stage):
    room = caller.run(lambda bot: bot.make_room("Room"))
    stage.act("delete-channel", channel_id=room)
    with pytest.raises(caller.refused) as caught:
        caller.run(lambda bot: bot.let_in(room, seed.STUDENT_ID))
    assert caught.value.code == 10003


def test_a_member_who_left_and_came_back_has_lost_roles_and_kept_overwrites(caller, stage):
    room = caller.run(lambda bot: bot.make_room("Room"))
    caller.run(lambda bot: bot.let_in(room, seed.STUDENT_ID))
    stage.act("member", guild_id=seed.GUILD_ID, user_id=seed.STUDENT_ID, action="leave")
    assert seed.STUDENT_ID not in stage.discord.channel(room)["visible_to"]
    stage.act("member", guild_id=seed.GUILD_ID, user_id=seed.STUDENT_ID, action="join")
    assert seed.STUDENT_ID in stage.discord.channel(room)["visible_to"]
    assert stage.roles_of(seed.STUDENT_ID) == []
