"""Members: joining by their own token, being looked up, being put out of voice."""

import pytest

from sandbox import seed
from sandbox.permissions import BOT_INVITE, Right

GUILD = seed.GUILD_ID
NEWCOMER = f"/guilds/{GUILD}/members/{seed.NEWCOMER_ID}"
LOUNGE = seed.LOUNGE_CHANNEL_ID


def refusal(answer):
    return answer.status_code, answer.json["code"]


def enter(discord, user_id: str, channel_id: str | None = LOUNGE):
    return discord.control("/voice", guild_id=GUILD, user_id=user_id, channel_id=channel_id)


def test_a_newcomer_joins_once_and_is_in_already_the_second_time(discord):
    token = discord.access_token(seed.NEWCOMER_ID)
    first = discord.api("PUT", NEWCOMER, {"access_token": token})
    assert (first.status_code, first.json["user"]["id"], first.json["roles"]) == (201, seed.NEWCOMER_ID, [])
    second = discord.api("PUT", NEWCOMER, {"access_token": token})
    assert (second.status_code, second.data) == (204, b"")
    assert discord.made("GET", NEWCOMER)["user"]["username"] == "newcomer"


def test_joining_needs_a_living_token_of_that_person(discord, clock):
    assert refusal(discord.api("PUT", NEWCOMER, {"access_token": "made up"})) == (403, 50025)
    other = discord.access_token(seed.STUDENT_ID)
    assert refusal(discord.api("PUT", NEWCOMER, {"access_token": other})) == (403, 50025)
    own = discord.access_token(seed.NEWCOMER_ID)
    clock.forward(604801)
    assert refusal(discord.api("PUT", NEWCOMER, {"access_token": own})) == (403, 50025)


def test_joining_needs_the_scope_for_it(discord):
    token = discord.access_token(seed.NEWCOMER_ID, scope="identify")
    assert refusal(discord.api("PUT", NEWCOMER, {"access_token": token})) == (403, 50026)


def test_joining_needs_a_token_at_all(discord):
    assert refusal(discord.api("PUT", NEWCOMER, {})) == (400, 50035)


def test_a_banned_person_cannot_join_until_the_ban_is_lifted(discord):
    discord.control("/ban", guild_id=GUILD, user_id=seed.NEWCOMER_ID)
    token = discord.access_token(seed.NEWCOMER_ID)
    assert refusal(discord.api("PUT", NEWCOMER, {"access_token": token})) == (403, 40007)
    discord.control("/ban", guild_id=GUILD, user_id=seed.NEWCOMER_ID, lift=True)
    assert discord.api("PUT", NEWCOMER, {"access_token": token}).status_code == 201


def test_joining_needs_the_bots_right_to_invite(discord):
    less = BOT_INVITE & ~int(Right.CREATE_INSTANT_INVITE)
    discord.control("/permissions", guild_id=GUILD, permissions=str(less))
    token = discord.access_token(seed.NEWCOMER_ID)
    assert refusal(discord.api("PUT", NEWCOMER, {"access_token": token})) == (403, 50013)


@pytest.mark.parametrize(("code", "status"), [("30001", 400), ("340015", 403)])
def test_what_depends_on_the_person_alone_can_be_ordered(discord, code, status):
    discord.control("/faults", kind=code, route="/guilds/*/members/*", method="PUT")
    token = discord.access_token(seed.NEWCOMER_ID)
    assert refusal(discord.api("PUT", NEWCOMER, {"access_token": token})) == (status, int(code))


def test_a_role_may_be_given_on_joining_if_it_is_below_the_bots(discord):
    token = discord.access_token(seed.NEWCOMER_ID)
    joined = discord.made("PUT", NEWCOMER, {"access_token": token, "roles": [seed.REGULARS_ROLE_ID]})
    assert joined["roles"] == [seed.REGULARS_ROLE_ID]


def test_unknown_members_people_and_guilds_are_told_apart(discord):
    assert refusal(discord.api("GET", NEWCOMER)) == (404, 10007)
    assert refusal(discord.api("GET", f"/guilds/{GUILD}/members/99")) == (404, 10013)
    assert refusal(discord.api("GET", "/guilds/99")) == (404, 10004)
    assert refusal(discord.api("GET", f"/guilds/{seed.NEW_GUILD_ID}")) == (403, 50001)


def test_the_owner_is_neither_coach_nor_student_and_coaches_may_manage(discord):
    guild = discord.made("GET", f"/guilds/{GUILD}?with_counts=true")
    assert guild["owner_id"] == seed.OWNER_ID
    assert guild["approximate_member_count"] == 7
    team = next(role for role in guild["roles"] if role["id"] == seed.TEAM_ROLE_ID)
    assert int(team["permissions"]) & Right.MANAGE_GUILD
    assert seed.TEAM_ROLE_ID in discord.made("GET", f"/guilds/{GUILD}/members/{seed.COACH_ID}")["roles"]
    foreign = discord.made("GET", f"/guilds/{seed.FOREIGN_GUILD_ID}/members/{seed.COACH_ID}")
    assert foreign["roles"] == []


def test_the_bots_role_holds_exactly_the_invites_permissions(discord):
    role = next(r for r in discord.guild()["roles"] if r["id"] == seed.BOT_ROLE_ID)
    assert (role["permissions"], role["managed"]) == (str(BOT_INVITE), True)


def test_a_member_who_leaves_loses_roles_and_voice_but_not_the_overwrite(discord):
    entry = {"id": seed.COACH_ID, "type": 1, "allow": "1024"}
    body = {"name": "a", "type": 2, "permission_overwrites": [entry]}
    channel = discord.made("POST", f"/guilds/{GUILD}/channels", body)["id"]
    enter(discord, seed.COACH_ID)
    discord.control("/member", guild_id=GUILD, user_id=seed.COACH_ID, action="leave")
    assert discord.guild()["voice"] == []
    assert seed.COACH_ID not in discord.channel(channel)["visible_to"]
    discord.control("/member", guild_id=GUILD, user_id=seed.COACH_ID, action="join")
    assert discord.made("GET", f"/guilds/{GUILD}/members/{seed.COACH_ID}")["roles"] == []
    assert discord.channel(channel)["permission_overwrites"][0]["id"] == seed.COACH_ID


def test_the_owner_cannot_leave(discord):
    answer = discord.control("/member", guild_id=GUILD, user_id=seed.OWNER_ID, action="leave")
    assert answer.status_code == 403


def test_a_bot_that_was_thrown_out_gets_at_nothing(discord):
    discord.control("/member", guild_id=GUILD, user_id=seed.APPLICATION_ID, action="leave")
    assert refusal(discord.api("GET", f"/guilds/{GUILD}")) == (403, 50001)
    assert refusal(discord.api("GET", f"/channels/{LOUNGE}")) == (403, 50001)
    discord.control("/member", guild_id=GUILD, user_id=seed.APPLICATION_ID, action="join")
    assert discord.api("GET", f"/channels/{LOUNGE}").status_code == 200


def test_somebody_in_voice_is_found_and_somebody_else_is_not(discord):
    enter(discord, seed.STUDENT_ID)
    address = f"/guilds/{GUILD}/voice-states/"
    assert discord.made("GET", address + seed.STUDENT_ID)["channel_id"] == LOUNGE
    assert refusal(discord.api("GET", address + seed.COACH_ID)) == (404, 10065)


def test_a_voice_seat_the_bot_cannot_reach_is_not_told(discord):
    enter(discord, seed.STUDENT_ID)
    discord.control("/overwrite", channel_id=LOUNGE, id=seed.BOT_ROLE_ID, type=0, deny=str(int(Right.CONNECT)))
    assert refusal(discord.api("GET", f"/guilds/{GUILD}/voice-states/{seed.STUDENT_ID}")) == (403, 50001)


def test_the_bot_puts_somebody_out_of_voice(discord):
    student = f"/guilds/{GUILD}/members/{seed.STUDENT_ID}"
    assert refusal(discord.api("PATCH", student, {"channel_id": None})) == (400, 40032)
    enter(discord, seed.STUDENT_ID)
    discord.made("PATCH", student, {"channel_id": seed.LISTENING_CHANNEL_ID})
    assert discord.channel(seed.LISTENING_CHANNEL_ID)["occupants"] == [seed.STUDENT_ID]
    discord.made("PATCH", student, {"channel_id": None})
    assert discord.guild()["voice"] == []


def test_putting_out_needs_the_right_to_move(discord):
    enter(discord, seed.STUDENT_ID)
    discord.control("/permissions", guild_id=GUILD, permissions=str(BOT_INVITE & ~int(Right.MOVE_MEMBERS)))
    answer = discord.api("PATCH", f"/guilds/{GUILD}/members/{seed.STUDENT_ID}", {"channel_id": None})
    assert refusal(answer) == (403, 50013)


def test_people_enter_only_what_they_see_and_may_enter(discord):
    deny = [{"id": GUILD, "type": 0, "deny": "1049600"}]
    hidden = discord.made("POST", f"/guilds/{GUILD}/channels", {"name": "a", "type": 2, "permission_overwrites": deny})[
        "id"
    ]
    assert refusal(enter(discord, seed.STUDENT_ID, hidden)) == (404, 10003)
    discord.control("/overwrite", channel_id=hidden, id=seed.STUDENT_ID, type=1, allow="1024")
    assert refusal(enter(discord, seed.STUDENT_ID, hidden)) == (403, 50013)
    discord.control("/overwrite", channel_id=hidden, id=seed.STUDENT_ID, type=1, allow="1049600")
    assert enter(discord, seed.STUDENT_ID, hidden).status_code == 200
    assert refusal(enter(discord, seed.NEWCOMER_ID)) == (404, 10007)


def test_a_full_voice_channel_takes_nobody_more(discord):
    body = {"name": "Tiny", "type": 2, "user_limit": 1}
    tiny = discord.made("POST", f"/guilds/{GUILD}/channels", body)["id"]
    assert enter(discord, seed.COACH_ID, tiny).status_code == 200
    assert enter(discord, seed.STUDENT_ID, tiny).status_code == 403


def test_somebody_in_time_out_still_reads_and_nothing_else(discord):
    discord.control("/member", guild_id=GUILD, user_id=seed.STUDENT_ID, action="timeout", seconds=60)
    lounge = discord.channel(LOUNGE)
    assert seed.STUDENT_ID in lounge["visible_to"]
    assert seed.STUDENT_ID not in lounge["connectable_by"]


def test_an_entry_of_their_own_lets_nobody_in_who_is_in_time_out(discord):
    own = {"id": seed.STUDENT_ID, "type": 1, "allow": str(Right.VIEW_CHANNEL | Right.CONNECT | Right.SPEAK)}
    body = {"name": "coaching-ab", "type": 2, "permission_overwrites": [own]}
    room = discord.made("POST", f"/guilds/{GUILD}/channels", body)["id"]
    assert seed.STUDENT_ID in discord.channel(room)["connectable_by"]

    discord.control("/member", guild_id=GUILD, user_id=seed.STUDENT_ID, action="timeout", seconds=60)

    channel_view = discord.channel(room)
    assert seed.STUDENT_ID in channel_view["visible_to"]
    assert seed.STUDENT_ID not in channel_view["connectable_by"]
    assert refusal(enter(discord, seed.STUDENT_ID, room))[0] == 403


def test_a_time_out_does_not_hold_the_owner(discord):
    discord.control("/member", guild_id=GUILD, user_id=seed.OWNER_ID, action="timeout", seconds=60)
    assert seed.OWNER_ID in discord.channel(LOUNGE)["connectable_by"]


def test_a_new_guild_has_its_members_and_the_bot_with_its_rights(discord):
    guild_id, stranger = "1300000000000000000", "1310000000000000000"
    made = discord.control("/guild", guild_id=guild_id, name="Another one", members=[seed.COACH_ID, stranger])
    assert made.status_code == 200
    assert discord.made("GET", f"/guilds/{guild_id}")["owner_id"] == seed.COACH_ID
    assert discord.made("GET", f"/guilds/{guild_id}/members/{stranger}")["user"]["id"] == stranger
    assert discord.made("POST", f"/guilds/{guild_id}/channels", {"name": "a room", "type": 2})["guild_id"] == guild_id
