"""What a name tells: the code of ours in it, however Discord writes the words before it."""

import pytest

from coaching.guild_parts import Channel, Overwrite, Role
from coaching.rooms.names import channel_name, code_in, code_of_channel, code_of_role, probe_name, role_name
from coaching.rooms.planning.case import RoomKind

BOT = "1100000000000000100"
NEW = "gw56pbkx7m3q9"  # as long as codes with a check are
OWN = frozenset({Overwrite(BOT, is_member=True, allow=1024)})


@pytest.mark.parametrize("code", ["abcd2345", NEW])
def test_the_code_is_found_in_every_name_that_we_give(code):
    channels = [channel_name(code, kind) for kind in RoomKind]
    roles = [role_name(code, kind) for kind in (RoomKind.SESSION, RoomKind.SHARED)]
    assert {code_in(name) for name in [*channels, *roles, probe_name(code)]} == {code}
    assert {code_of_channel(Channel("1", name), BOT) for name in channels} == {code}
    assert {code_of_role(Role("1", name, 0)) for name in roles} == {code}


def test_a_room_is_called_by_what_people_know_it_by_and_its_code_comes_last():
    assert channel_name(NEW, words=("Mixing call", "Lee")) == f"Mixing call · Lee · {NEW}"
    assert channel_name(NEW, words=("  Mixing\n call",)) == f"Mixing call · {NEW}"
    assert channel_name("abcd2345", words=("Mixing call", "Lee")) == "coaching-abcd2345", "could be a word"


@pytest.mark.parametrize(
    "words", [("x" * 200, "y" * 200), ("🎧" * 100, "ß" * 100), ("a", "b" * 101), ("é" * 36, "🎚️" * 18)]
)
def test_words_of_any_length_leave_room_for_the_code(words):
    name = channel_name(NEW, words=words)
    assert len(name.encode("utf-16-le")) // 2 <= 100
    assert code_in(name) == NEW
    assert all("�" not in part for part in name)


@pytest.mark.parametrize("name", [
    "Coaching\u00a0rooms abcd2345",
    "Coaching rooms\u2003abcd2345",
    "Session\u00a0abcd2345",
    "Coaching\u2003Access\u00a0abcd2345",
    "coaching-rooms-abcd2345",
    "CoachingRoomsabcd2345",
    "COACHING abcd2345",
])  # fmt: skip
def test_the_code_is_found_whatever_became_of_the_spaces_and_capitals(name):
    assert code_in(name) == "abcd2345"


@pytest.mark.parametrize("name", [
    f"mixing-call-lee-{NEW}",
    f"Mixing call Lee {NEW}",
    f"Mixing\u00a0call\u2003·\u00a0Lee\u00a0·\u00a0{NEW}",
    f"MIXING CALL·LEE·{NEW}",
    f"Übung · 李 · {NEW}",
    f"a · {NEW}",
    f"abcd2345 · {NEW}",
    f"{NEW} · {NEW}",
    f"Session · {NEW}",
    f"CoachingRooms{NEW}",
])  # fmt: skip
def test_a_new_code_is_found_after_any_words(name):
    assert code_in(name) == NEW
    assert code_of_channel(Channel("1", name, overwrites=OWN), BOT) == NEW


@pytest.mark.parametrize("name", [
    "abcd2345",
    "our coaching-abcd2345",
    "coaching-abcd2345-notes",
    "Coaching room abcd2345",
    "Session ABCD2345",
    "Session abcd\u00a02345",
    "Session abcd\u0663\u0664",
    "Sessions for abcd2345",
    NEW,
    f"Mixing call · Lee{NEW}",
    f"Mixing call · Lee · {NEW.upper()}",
    f"Mixing call · Lee · {NEW[:-1]}",
    f"Mixing call · Lee · {NEW}2",
    f"Mixing call · Lee · {NEW} notes",
    f"Mixing call · Lee · {NEW[:6]} {NEW[6:]}",
    "we are all understanding",
])  # fmt: skip
def test_a_strangers_name_has_no_code(name):
    assert code_in(name) is None
    assert code_of_channel(Channel("1", name, overwrites=OWN), BOT) is None


def test_a_code_after_anybodys_words_is_ours_only_where_the_bot_has_its_own_entry():
    name = f"our own {NEW}"
    others = frozenset({Overwrite("2001", is_member=True, allow=1024), Overwrite(BOT, is_member=False, allow=1024)})
    assert code_of_channel(Channel("1", name), BOT) is None
    assert code_of_channel(Channel("1", name, overwrites=others), BOT) is None
    assert code_of_channel(Channel("1", f"coaching-{NEW}"), BOT) == NEW, "these words are ours alone"
    assert code_of_role(Role("1", name, 0)) is None, "a role has nothing but its name"
