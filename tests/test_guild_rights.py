"""Who may decide for a guild, and which rights the bot asks for. Pure."""

import pytest

from coaching.guild_parts import HostGuild, Member, Role
from coaching.guild_rights import (
    AUDIO_RIGHTS,
    BOT_RIGHTS,
    INVITE_RIGHTS,
    NEEDED_RIGHTS,
    VIDEO_RIGHTS,
    VIEW_AND_CONNECT,
    Right,
    may_manage,
    missing_rights,
    rights_of,
)
from coaching.refusals import Refusal, explain

OWNER, PERSON = "1", "2"
GUILD = HostGuild(
    "10",
    "Nova",
    OWNER,
    (
        Role("10", "@everyone", int(Right.VIEW_CHANNEL)),
        Role("11", "manager", int(Right.MANAGE_GUILD)),
        Role("12", "admin", int(Right.ADMINISTRATOR)),
        Role("13", "channels", int(Right.MANAGE_CHANNELS)),
    ),
)


def member(*role_ids, user_id=PERSON):
    return Member(user_id, "Robin", frozenset(role_ids))


def test_the_invitation_asks_for_exactly_the_explained_rights():
    assert sum(NEEDED_RIGHTS) == INVITE_RIGHTS == 322031121
    assert all(reason.startswith("to ") for reason in NEEDED_RIGHTS.values())


def test_the_rights_of_a_room_are_discords_numbers():
    assert (VIDEO_RIGHTS, VIDEO_RIGHTS - AUDIO_RIGHTS, VIEW_AND_CONNECT, BOT_RIGHTS) == (
        36818432,
        512,
        1049600,
        1051664,
    )


def test_the_bot_gives_nobody_a_right_it_does_not_ask_for_itself():
    assert not (VIDEO_RIGHTS | VIEW_AND_CONNECT | BOT_RIGHTS) & ~INVITE_RIGHTS


@pytest.mark.parametrize(
    ("person", "may"),
    [
        (member(user_id=OWNER), True),
        (member("11"), True),
        (member("12"), True),
        (member("13"), False),
        (member("13", "11"), True),
        (member(), False),
        (member("99"), False),
    ],
)
def test_owner_administrators_and_managers_decide_for_a_guild(person, may):
    assert may_manage(person, GUILD) is may


def test_everyone_has_the_rights_of_the_everyone_role():
    assert rights_of(member(), GUILD) == Right.VIEW_CHANNEL


def test_each_missing_right_is_named():
    assert missing_rights(INVITE_RIGHTS - Right.STREAM) == (Right.STREAM,)


def test_every_refusal_has_a_sentence_for_people():
    assert all(explain(kind).endswith(".") for kind in Refusal)
