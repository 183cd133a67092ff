"""What a name tells: the code of ours in it, however Discord writes the words before it."""

import pytest

from coaching.rooms.names import channel_name, code_in, role_name
from coaching.rooms.planning.case import RoomKind


def test_the_code_is_found_in_every_name_that_we_give():
    channels = [channel_name("abcd2345", kind) for kind in RoomKind]
    roles = [role_name("abcd2345", kind) for kind in (RoomKind.SESSION, RoomKind.SHARED)]
    assert {code_in(name) for name in channels + roles} == {"abcd2345"}


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
    "abcd2345",
    "our coaching-abcd2345",
    "coaching-abcd2345-notes",
    "Coaching room abcd2345",
    "Session ABCD2345",
    "Session abcd\u00a02345",
    "Session abcd\u0663\u0664",
    "Sessions for abcd2345",
])  # fmt: skip
def test_a_strangers_name_has_no_code(name):
    assert code_in(name) is None
