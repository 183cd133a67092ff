"""Messages in rooms and to people."""

import pytest

from sandbox import seed
from sandbox.permissions import Right

LOUNGE = f"/channels/{seed.LOUNGE_CHANNEL_ID}/messages"


@pytest.fixture(autouse=True)
def _unhurried(discord):
    """Only the tests about limits are about limits."""
    discord.app.extensions["sandbox"].limits.allowances.buckets.clear()


def refusal(answer):
    return answer.status_code, answer.json["code"]


def talk_with(discord, user_id: str) -> str:
    return discord.made("POST", "/users/@me/channels", {"recipient_id": int(user_id)})["id"]


def test_a_voice_channel_has_a_text_chat(discord):
    sent = discord.made("POST", LOUNGE, {"content": "Welcome"})
    assert (sent["content"], sent["author"]["id"]) == ("Welcome", seed.APPLICATION_ID)
    assert [message["id"] for message in discord.made("GET", LOUNGE)] == [sent["id"]]
    assert discord.channel(seed.LOUNGE_CHANNEL_ID)["messages"][0]["content"] == "Welcome"


def test_the_newest_messages_come_first_in_pages(discord):
    ids = [discord.made("POST", LOUNGE, {"content": str(number)})["id"] for number in range(4)]
    assert [m["id"] for m in discord.made("GET", LOUNGE + "?limit=2")] == [ids[3], ids[2]]
    assert [m["id"] for m in discord.made("GET", f"{LOUNGE}?limit=2&before={ids[2]}")] == [ids[1], ids[0]]
    assert [m["id"] for m in discord.made("GET", f"{LOUNGE}?limit=1&after={ids[0]}")] == [ids[1]]


def test_the_same_nonce_means_the_same_message_for_a_few_minutes(discord, clock):
    body = {"content": "Welcome", "nonce": "room-kxvbq", "enforce_nonce": True}
    first, second = (discord.made("POST", LOUNGE, body) for _ in range(2))
    assert first["id"] == second["id"]
    assert first["nonce"] == "room-kxvbq"
    clock.forward(301)
    assert discord.made("POST", LOUNGE, body)["id"] != first["id"]


def test_a_nonce_that_is_not_enforced_makes_two_messages(discord):
    body = {"content": "Welcome", "nonce": 7}
    assert discord.made("POST", LOUNGE, body)["id"] != discord.made("POST", LOUNGE, body)["id"]


def test_the_nonce_of_a_deleted_message_answers_unknown_message(discord):
    body = {"content": "Welcome", "nonce": "n", "enforce_nonce": True}
    sent = discord.made("POST", LOUNGE, body)
    assert discord.api("DELETE", f"{LOUNGE}/{sent['id']}").status_code == 204
    assert refusal(discord.api("POST", LOUNGE, body)) == (404, 10008)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, (400, 50006)),
        ({"content": "   "}, (400, 50006)),
        ({"content": "a" * 2001}, (400, 50035)),
        ({"content": "a", "nonce": "n" * 26}, (400, 50035)),
        ({"content": "a", "nonce": 1.5}, (400, 50035)),
        ({"content": "a", "embeds": [{}] * 11}, (400, 50035)),
        ({"embeds": [{"description": "a" * 6001}]}, (400, 50035)),
    ],
)
def test_a_message_that_does_not_fit_is_refused(discord, body, expected):
    assert refusal(discord.api("POST", LOUNGE, body)) == expected


def test_two_thousand_characters_fit(discord):
    assert discord.api("POST", LOUNGE, {"content": "é" * 2000}).status_code == 200


def test_nobody_is_mentioned_unless_it_is_allowed(discord):
    content = f"<@{seed.COACH_ID}> and <@{seed.STUDENT_ID}>"
    message = discord.made("POST", LOUNGE, {"content": content})
    assert [user["id"] for user in message["mentions"]] == [seed.COACH_ID, seed.STUDENT_ID]
    quiet = discord.made("POST", LOUNGE, {"content": content, "allowed_mentions": {"parse": []}})
    assert quiet["mentions"] == []
    chosen = {"content": content, "allowed_mentions": {"parse": [], "users": [seed.COACH_ID]}}
    assert [user["id"] for user in discord.made("POST", LOUNGE, chosen)["mentions"]] == [seed.COACH_ID]


def test_a_category_takes_no_messages(discord):
    answer = discord.api("POST", f"/channels/{seed.STUDIO_CATEGORY_ID}/messages", {"content": "a"})
    assert refusal(answer) == (400, 50008)


def test_writing_needs_the_right_to_write(discord):
    deny = str(int(Right.SEND_MESSAGES))
    discord.control("/overwrite", channel_id=seed.LOUNGE_CHANNEL_ID, id=seed.BOT_ROLE_ID, type=0, deny=deny)
    assert refusal(discord.api("POST", LOUNGE, {"content": "a"})) == (403, 50013)


def test_there_is_one_talk_with_a_person(discord):
    assert talk_with(discord, seed.STUDENT_ID) == talk_with(discord, seed.STUDENT_ID)
    sent = discord.made("POST", f"/channels/{talk_with(discord, seed.STUDENT_ID)}/messages", {"content": "Booked"})
    messages = discord.client.get(f"/control/direct-messages/{seed.STUDENT_ID}").json["messages"]
    assert [message["id"] for message in messages] == [sent["id"]]


def test_closed_ears_refuse_the_message_not_the_talk(discord):
    discord.control("/direct-messages", user_id=seed.STUDENT_ID, is_open=False)
    address = f"/channels/{talk_with(discord, seed.STUDENT_ID)}/messages"
    assert refusal(discord.api("POST", address, {"content": "a"})) == (403, 50007)
    discord.control("/direct-messages", user_id=seed.STUDENT_ID)
    assert discord.api("POST", address, {"content": "a"}).status_code == 200


LINK = {"type": 2, "style": 5, "label": "Open", "url": "https://greenroom.example/s/1"}


def test_a_button_opens_an_address(discord):
    address = f"/channels/{talk_with(discord, seed.STUDENT_ID)}/messages"
    sent = discord.made("POST", address, {"content": "Hi", "components": [{"type": 1, "components": [LINK]}]})
    assert sent["components"] == [{"type": 1, "id": 1, "components": [{**LINK, "id": 2}]}]
    for wrong in (
        {"components": "x"},
        {"components": [LINK]},
        {"components": [{"type": 1, "components": []}]},
        {"components": [{"type": 1, "components": [LINK] * 6}]},
        {"components": [{"type": 1, "components": [{**LINK, "style": 1}]}]},
        {"components": [{"type": 1, "components": [{**LINK, "custom_id": "x"}]}]},
        {"components": [{"type": 1, "components": [{**LINK, "label": "a" * 81}]}]},
        {"components": [{"type": 1, "components": [{**LINK, "url": "javascript:alert(1)"}]}]},
        {"components": [{"type": 1, "components": [{**LINK, "url": "https://" + "a" * 505}]}]},
    ):
        assert refusal(discord.api("POST", address, {"content": "Hi", **wrong})) == (400, 50035), wrong


def test_a_person_without_a_common_guild_is_out_of_reach(discord):
    address = f"/channels/{talk_with(discord, seed.NEWCOMER_ID)}/messages"
    assert refusal(discord.api("POST", address, {"content": "a"})) == (403, 50278)


def test_talks_with_nobody_and_with_oneself_are_refused(discord):
    assert refusal(discord.api("POST", "/users/@me/channels", {"recipient_id": "99"})) == (404, 10013)
    assert refusal(discord.api("POST", "/users/@me/channels", {"recipient_id": seed.APPLICATION_ID})) == (400, 50033)


def test_too_many_new_talks_at_once_are_refused(discord):
    discord.app.extensions["sandbox"].limits.allowances.new_talks = (1, 600)
    talk_with(discord, seed.STUDENT_ID)
    talk_with(discord, seed.STUDENT_ID)
    answer = discord.api("POST", "/users/@me/channels", {"recipient_id": seed.COACH_ID})
    assert refusal(answer) == (403, 40003)


def test_invites_need_a_body_and_a_similar_one_is_used_again(discord):
    address = f"/channels/{seed.LOUNGE_CHANNEL_ID}/invites"
    assert refusal(discord.api("POST", address)) == (400, 50035)
    first, second = (discord.made("POST", address, {})["code"] for _ in range(2))
    assert first == second
    assert discord.made("POST", address, {"unique": True})["code"] != first
