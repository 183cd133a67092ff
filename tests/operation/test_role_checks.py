"""What roles and categories on a server mean for rooms. Pure."""

import pytest

from coaching.checks import State
from coaching.diagnostics.server_checks import category_check, rank_check, roles_check, shared_category_check
from coaching.guild_parts import CATEGORY, VOICE, Channel, HostGuild, Member, Role

EVERYONE, BOT_ROLE, OURS, OTHER = "100", "300", "400", "500"
TEXT = 0


@pytest.mark.parametrize(
    ("bots", "ours", "state"),
    [
        (3, 2, State.OK),
        (1, 1, State.OK),  # in one place the older role is higher
        (2, 3, State.BAD),
        (1, 9, State.BAD),
    ],
)
def test_the_bot_gives_only_roles_below_its_own(bots: int, ours: int, state: State) -> None:
    assert rank_check(guild_with(bots, ours), Member("9", "bot", frozenset({BOT_ROLE})), {OURS}).state == state


def test_of_two_roles_in_one_place_the_younger_is_too_low_to_give_the_older() -> None:
    assert rank_check(guild_with(1, 1, ours_id="200"), Member("9", "bot", frozenset({BOT_ROLE})), {"200"}).state == (
        State.BAD
    )


def test_the_remedy_names_both_roles() -> None:
    check = rank_check(guild_with(1, 5), Member("9", "bot", frozenset({BOT_ROLE})), {OURS})

    assert "can neither give nor take “Coaching Access ab”" in check.sentence
    assert "drag “Greenroom” above “Coaching Access ab”" in check.remedy


def test_roles_that_are_not_ours_may_stand_where_they_like() -> None:
    assert rank_check(guild_with(1, 5), Member("9", "bot", frozenset({BOT_ROLE})), set()).state == State.OK


def test_the_bots_highest_role_counts() -> None:
    bot = Member("9", "bot", frozenset({BOT_ROLE, OTHER}))

    assert rank_check(guild_with(1, 5), bot, {OURS}).state == State.OK


def test_a_bot_without_a_role_is_told() -> None:
    assert rank_check(guild_with(1, 0), Member("9", "bot"), {OURS}).state == State.BAD


@pytest.mark.parametrize(("count", "state"), [(239, State.OK), (240, State.WARN), (250, State.WARN), (251, State.WARN)])
def test_few_free_roles_are_told(count: int, state: State) -> None:
    assert roles_check(count).state == state


def test_without_a_category_of_ours_there_is_nothing_to_say() -> None:
    assert category_check({"77"}, [Channel("1", "Text channels", CATEGORY)]) is None


@pytest.mark.parametrize(
    ("inside", "categories", "state", "said"),
    [
        (12, 1, State.OK, "“Coaching rooms ab” 38 of 50"),
        (49, 50, State.OK, "1 of 50"),
        (50, 49, State.OK, "brings another one"),
        (50, 50, State.BAD, "as many categories as Discord allows"),
    ],
)
def test_a_full_category_matters_only_where_no_other_can_follow(
    inside: int, categories: int, state: State, said: str
) -> None:
    others = [Channel(f"c{number}", "talk", CATEGORY) for number in range(categories - 1)]
    rooms = [Channel(f"r{number}", "room", VOICE, parent_id="77") for number in range(inside)]
    check = category_check({"77"}, [Channel("77", "Coaching rooms ab", CATEGORY), *others, *rooms])

    assert check
    assert check.state == state
    assert said in check.sentence


def test_of_two_categories_one_with_room_is_enough() -> None:
    full = [Channel(f"r{number}", "room", VOICE, parent_id="77") for number in range(50)]
    ours = [Channel("77", "Coaching rooms ab", CATEGORY), Channel("78", "Coaching rooms cd", CATEGORY)]
    check = category_check({"77", "78"}, [*ours, *full])

    assert check
    assert check.state == State.OK


@pytest.mark.parametrize(
    ("channels", "state"),
    [
        ([], State.WARN),
        ([Channel("77", "Coaching ab", CATEGORY)], State.BAD),
        ([Channel("77", "Coaching ab", CATEGORY), Channel("1", "talk", VOICE)], State.BAD),
        ([Channel("77", "Coaching ab", CATEGORY), Channel("1", "notes", TEXT, parent_id="77")], State.BAD),
        ([Channel("77", "Coaching ab", CATEGORY), Channel("1", "talk", VOICE, parent_id="77")], State.OK),
    ],
)
def test_a_shared_category_needs_somewhere_to_talk(channels: list[Channel], state: State) -> None:
    assert shared_category_check("Nova", "77", channels).state == state


def test_the_coach_is_told_how_to_make_a_place_to_talk() -> None:
    check = shared_category_check("Nova", "77", [Channel("77", "Coaching ab", CATEGORY)])

    assert "press + beside “Coaching ab”, choose Voice" in check.remedy


def guild_with(bots: int, ours: int, ours_id: str = OURS) -> HostGuild:
    roles = (
        Role(EVERYONE, "@everyone", 0),
        Role(BOT_ROLE, "Greenroom", 0, bots),
        Role(ours_id, "Coaching Access ab", 0, ours),
        Role(OTHER, "team", 0, 20),
    )
    return HostGuild(EVERYONE, "Nova Studio", "1", roles)
