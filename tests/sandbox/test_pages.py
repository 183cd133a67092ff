"""The pages: a guild through the eyes of whoever is chosen."""

import re

import pytest

from sandbox import seed

PAGE = f"/guilds/{seed.GUILD_ID}"


@pytest.fixture
def room(discord) -> str:
    """A private room of coach and student."""
    overwrites = [
        {"id": seed.GUILD_ID, "type": 0, "deny": "1049600"},
        {"id": seed.COACH_ID, "type": 1, "allow": "36818432"},
        {"id": seed.STUDENT_ID, "type": 1, "allow": "36818432"},
        {"id": seed.APPLICATION_ID, "type": 1, "allow": "1051664"},
    ]
    body = {"name": "Room kxvbq", "type": 2, "permission_overwrites": overwrites}
    return discord.made("POST", f"/guilds/{seed.GUILD_ID}/channels", body)["id"]


def seen_by(discord, user_id: str) -> str:
    """The page without the list of calls."""
    return discord.client.get(f"{PAGE}?as={user_id}").text.split('id="calls"')[0]


def act(discord, user_id: str, name: str, channel_id: str = ""):
    return discord.client.post(f"{PAGE}/acts", data={"as": user_id, "act": name, "channel_id": channel_id})


def test_the_guilds_are_listed(discord):
    page = discord.client.get("/").text
    assert "Greenroom demo" in page
    assert "without the bot" in page


def test_a_private_room_is_on_the_page_of_its_people_only(discord, room):
    for user_id in (seed.COACH_ID, seed.STUDENT_ID, seed.OWNER_ID, seed.APPLICATION_ID):
        assert "Room kxvbq" in seen_by(discord, user_id)
    for user_id in (seed.STUDENT2_ID, seed.STRANGER_ID, seed.NEWCOMER_ID):
        assert "Room kxvbq" not in seen_by(discord, user_id)
    assert "2 channels are hidden from Aiko Tanaka" in seen_by(discord, seed.STUDENT2_ID)


def test_a_link_to_a_channel_leads_to_it(discord, room):
    answer = discord.client.get(f"/channels/{seed.GUILD_ID}/{room}")
    assert answer.location == f"{PAGE}#channel-{room}"
    answer = discord.client.get(f"/channels/{seed.GUILD_ID}/{room}?as={seed.STUDENT_ID}")
    assert answer.location == f"{PAGE}?as={seed.STUDENT_ID}#channel-{room}"


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}?as={seed.STUDENT_ID}", f"{PAGE}/trouble"])
def test_a_page_refreshes_itself_by_an_address_that_can_be_looked_at(discord, path):
    assert refreshed(discord, discord.client.get(path).text) == 200


def test_a_refused_order_leaves_a_page_that_refreshes_itself(discord):
    answer = discord.client.post(f"{PAGE}/trouble/faults", data={"kind": "5xx", "seconds": "much"})
    assert answer.status_code == 422
    assert refreshed(discord, answer.text) == 200


def refreshed(discord, page: str) -> int:
    """What the address that the page's script asks for answers."""
    (address,) = re.findall(r'refresh\.js" data-address="([^"]+)"', page)
    return discord.client.get(address).status_code


def test_a_link_to_a_server_leads_to_it(discord):
    assert discord.client.get(f"/channels/{seed.GUILD_ID}").location == PAGE


def test_somebody_enters_and_leaves_voice(discord, room):
    assert act(discord, seed.COACH_ID, "enter", room).status_code == 303
    assert "In Room kxvbq now" in seen_by(discord, seed.STUDENT_ID)
    act(discord, seed.COACH_ID, "leave-voice")
    assert "In Room kxvbq now" not in seen_by(discord, seed.STUDENT_ID)


def test_a_stranger_cannot_enter_by_guessing(discord, room):
    refused = act(discord, seed.STRANGER_ID, "enter", room)
    assert refused.status_code == 409
    assert "Unknown Channel" in refused.text
    assert discord.guild()["voice"] == []


def test_a_newcomer_joins_and_leaves(discord):
    assert "No channel is visible from here" in seen_by(discord, seed.NEWCOMER_ID)
    act(discord, seed.NEWCOMER_ID, "join")
    assert "small-talk" in seen_by(discord, seed.NEWCOMER_ID)
    act(discord, seed.NEWCOMER_ID, "leave")
    assert "small-talk" not in seen_by(discord, seed.NEWCOMER_ID)


def test_a_moderator_deletes_and_a_student_cannot(discord, room):
    assert act(discord, seed.STUDENT_ID, "delete", room).status_code == 409
    assert act(discord, seed.COACH_ID, "delete", room).status_code == 303
    assert discord.channel(room) is None


def test_a_message_is_shown_as_a_reader_sees_it(discord, room):
    content = f"<b>Hi</b> <@{seed.COACH_ID}>, it starts <t:1790000000:F> <@99>\n**Mixing *\\*call**: \\<i\\>"
    discord.made("POST", f"/channels/{room}/messages", {"content": content})
    page = seen_by(discord, seed.STUDENT_ID)
    assert "&lt;b&gt;Hi&lt;/b&gt; @Nova Hart, it starts Monday 21 September 2026, 14:13 UTC &lt;@99&gt;" in page
    assert "<b>Mixing **call</b>: &lt;i&gt;" in page


def test_somebody_sees_what_the_bot_wrote_to_them_and_may_take_none_any_more(discord):
    talk = discord.made("POST", "/users/@me/channels", {"recipient_id": seed.STUDENT_ID})["id"]
    link = {"type": 2, "style": 5, "label": "Open <it>", "url": "https://greenroom.example/sessions/1?a=1&b=2"}
    body = {
        "content": "Booked. See https://greenroom.example/x?a=1&b=2.\n"
        "-# [Choose \\[them\\]](<https://greenroom.example/c?a=1&b=2>)",
        "components": [{"type": 1, "components": [link]}],
    }
    discord.made("POST", f"/channels/{talk}/messages", body)
    page = seen_by(discord, seed.STUDENT_ID)
    assert '<a href="https://greenroom.example/x?a=1&amp;b=2">https://greenroom.example/x?a=1&amp;b=2</a>.' in page
    assert '<small><a href="https://greenroom.example/c?a=1&amp;b=2">Choose [them]</a></small>' in page
    assert '<a class="button" href="https://greenroom.example/sessions/1?a=1&amp;b=2">Open &lt;it&gt;</a>' in page
    assert "Mon 21 September, 14:13 UTC" in page
    assert "Booked" not in seen_by(discord, seed.COACH_ID)
    assert 'id="direct"' not in seen_by(discord, seed.APPLICATION_ID)

    assert act(discord, seed.STUDENT_ID, "close-direct").status_code == 303
    assert "takes no direct messages" in seen_by(discord, seed.STUDENT_ID)
    assert discord.api("POST", f"/channels/{talk}/messages", body).json["code"] == 50007
    act(discord, seed.STUDENT_ID, "open-direct")
    discord.made("POST", f"/channels/{talk}/messages", body)
    direct_messages = discord.client.get(f"/control/direct-messages/{seed.STUDENT_ID}").json
    assert (direct_messages["is_open"], len(direct_messages["messages"])) == (True, 2)


def test_the_last_calls_are_listed_without_any_token(discord, room):
    discord.api("DELETE", "/channels/99", **{"X-Audit-Log-Reason": "Tidy%20up"})
    page = discord.client.get(PAGE).text
    assert "/channels/99" in page
    assert "404 (10003)" in page
    assert "Tidy up" in page
    assert "a-bot-token" not in page


@pytest.mark.parametrize("address", ["/guilds/99", f"{PAGE}?as=99", "/nowhere"])
def test_an_unknown_address_is_not_found(discord, address):
    assert discord.client.get(address).status_code == 404


def test_an_unknown_act_is_refused(discord):
    assert act(discord, seed.COACH_ID, "dance").status_code == 400
