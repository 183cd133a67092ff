"""The permission arithmetic: tables of cases, nothing else."""

import pytest

from sandbox.permissions import (
    ALL_RIGHTS,
    BOT_INVITE,
    Right,
    after_implicit_denials,
    channel_rights,
    guild_rights,
    has,
    rank,
)
from sandbox.records import FOR_MEMBER, FOR_ROLE, TEXT, VOICE, Overwrite, Role

GUILD, MEMBER, RED, BLUE = "1", "2", "3", "4"
VIEW, CONNECT, SPEAK, SEND = map(int, (Right.VIEW_CHANNEL, Right.CONNECT, Right.SPEAK, Right.SEND_MESSAGES))


def role(role_id: str, permissions: int = 0, position: int = 1) -> Role:
    return Role(role_id, GUILD, "a role", permissions, position)


def test_the_invite_integer_is_the_twelve_rights_and_moving_members():
    wanted = (
        Right.VIEW_CHANNEL
        | Right.MANAGE_CHANNELS
        | Right.MANAGE_ROLES
        | Right.CONNECT
        | Right.SPEAK
        | Right.STREAM
        | Right.USE_VAD
        | Right.SEND_MESSAGES
        | Right.READ_MESSAGE_HISTORY
        | Right.EMBED_LINKS
        | Right.ATTACH_FILES
        | Right.CREATE_INSTANT_INVITE
        | Right.MOVE_MEMBERS
    )
    assert int(wanted) == BOT_INVITE


@pytest.mark.parametrize(
    ("everyone", "roles", "options", "expected"),
    [
        (VIEW, [], {}, VIEW),
        (VIEW, [CONNECT, SPEAK], {}, VIEW | CONNECT | SPEAK),
        (0, [int(Right.ADMINISTRATOR)], {}, ALL_RIGHTS),
        (0, [], {"is_owner": True}, ALL_RIGHTS),
        (VIEW | SEND | CONNECT, [SPEAK], {"is_timed_out": True}, VIEW),
        (VIEW, [int(Right.ADMINISTRATOR)], {"is_timed_out": True}, ALL_RIGHTS),
    ],
)
def test_rights_in_the_guild(everyone, roles, options, expected):
    held = [role(str(10 + place), bits) for place, bits in enumerate(roles)]
    assert guild_rights(role(GUILD, everyone, 0), held, **options) == expected


@pytest.mark.parametrize(
    ("base", "overwrites", "expected"),
    [
        pytest.param(VIEW, [], VIEW, id="nothing changes"),
        pytest.param(VIEW | SEND, [Overwrite(GUILD, FOR_ROLE, deny=VIEW)], SEND, id="everyone is denied"),
        pytest.param(
            VIEW,
            [Overwrite(GUILD, FOR_ROLE, deny=VIEW), Overwrite(RED, FOR_ROLE, allow=VIEW)],
            VIEW,
            id="a role is let in",
        ),
        pytest.param(
            VIEW,
            [Overwrite(RED, FOR_ROLE, allow=VIEW), Overwrite(GUILD, FOR_ROLE, deny=VIEW)],
            VIEW,
            id="order is nothing",
        ),
        pytest.param(
            VIEW,
            [Overwrite(RED, FOR_ROLE, deny=VIEW), Overwrite(BLUE, FOR_ROLE, allow=VIEW)],
            VIEW,
            id="among roles an allow wins",
        ),
        pytest.param(
            VIEW,
            [Overwrite(BLUE, FOR_ROLE, allow=VIEW), Overwrite(MEMBER, FOR_MEMBER, deny=VIEW)],
            0,
            id="the member comes last",
        ),
        pytest.param(
            0,
            [Overwrite(GUILD, FOR_ROLE, deny=VIEW), Overwrite(MEMBER, FOR_MEMBER, allow=VIEW, deny=CONNECT)],
            VIEW,
            id="a member is let in",
        ),
        pytest.param(VIEW, [Overwrite("9", FOR_ROLE, deny=VIEW)], VIEW, id="somebody else's role"),
        pytest.param(VIEW, [Overwrite(RED, FOR_MEMBER, deny=VIEW)], VIEW, id="a member with a role's id"),
        pytest.param(ALL_RIGHTS, [Overwrite(MEMBER, FOR_MEMBER, deny=VIEW)], ALL_RIGHTS, id="administrators see all"),
    ],
)
def test_rights_in_a_channel(base, overwrites, expected):
    assert channel_rights(base, overwrites, MEMBER, {GUILD, RED, BLUE}, GUILD) == expected


@pytest.mark.parametrize(
    ("rights", "channel_type", "expected"),
    [
        (CONNECT | SEND | SPEAK, VOICE, 0),
        (VIEW | SEND | int(Right.MANAGE_CHANNELS), VOICE, VIEW),
        (VIEW | SEND | int(Right.MANAGE_CHANNELS), TEXT, VIEW | SEND | int(Right.MANAGE_CHANNELS)),
        (VIEW | int(Right.ATTACH_FILES | Right.EMBED_LINKS | Right.MENTION_EVERYONE), TEXT, VIEW),
        (VIEW | CONNECT | SPEAK, VOICE, VIEW | CONNECT | SPEAK),
    ],
)
def test_what_the_lack_of_one_right_takes_away(rights, channel_type, expected):
    assert after_implicit_denials(rights, channel_type) == expected


def test_of_equal_positions_the_older_role_is_higher():
    assert rank(role("5", position=2)) > rank(role("6", position=2)) > rank(role("4", position=1))


def test_having_a_set_of_rights_means_having_each():
    assert has(VIEW | SEND, VIEW, SEND)
    assert not has(VIEW, VIEW | SEND)
