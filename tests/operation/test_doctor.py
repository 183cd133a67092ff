"""What is found at a server: each right, the room left, a room made on trial; and that nothing is left behind."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from coaching.accounts.models import Person
from coaching.catalog.models import Store
from coaching.checks import Check, State
from coaching.diagnostics.actions import check_store
from coaching.diagnostics.queries import last_diagnosis, troubles_ahead
from coaching.guild_parts import CATEGORY, Channel, HostGuild, Role
from coaching.guild_rights import INVITE_RIGHTS, NEEDED_RIGHTS, Right
from coaching.operation.actions import run_by_hand
from coaching.refusals import Refusal
from coaching.rooms.models import Room
from coaching.runtime.mutations import claim_lease, record_heartbeat
from tests import factories
from tests.clocks import at, first_id_of
from tests.fakes import BOT_ID, BOT_ROLE_ID, GUILD_ID, OWNER_ID, FakeHost, Killed, ordinary_guild


@pytest.fixture
def store(alice: Person, host: FakeHost) -> Store:
    """A store on whose server everything is as it should be."""
    record_heartbeat("worker", datetime.now(UTC))
    host.ids = count(first_id_of(datetime.now(UTC)))
    host.member_roles[GUILD_ID, BOT_ID] = frozenset({BOT_ROLE_ID})
    return factories.make_store(alice)


def test_a_sound_server_leaves_nothing_behind(store: Store, host: FakeHost) -> None:
    checks = look(host, store)

    assert wrong(checks) == []
    assert not host.channels
    assert [name for name in host.names() if "channel" in name or "overwrites" in name] == [
        "list_channels",
        "create_channel",
        "set_overwrites",
        "find_channel",
        "delete_channel",
    ]


def test_a_trial_room_is_hidden_from_everybody(store: Store, host: FakeHost) -> None:
    seen: set[str] = set()

    def look_around() -> None:
        seen.update(who for who in ("2001", "2002") for channel in host.channels if host.can_see(channel, who))

    host.before_call = look_around
    look(host, store)

    assert not seen


@pytest.mark.parametrize("right", NEEDED_RIGHTS)
def test_each_right_that_is_missing_comes_first_with_its_reason(store: Store, host: FakeHost, right: Right) -> None:
    give_rights(host, INVITE_RIGHTS & ~right)

    first = look(host, store)[0]

    assert first.state == State.BAD
    assert NEEDED_RIGHTS[right] in first.sentence
    assert "Server settings, Roles" in first.remedy


def test_no_room_is_tried_without_the_rights_for_it(store: Store, host: FakeHost) -> None:
    give_rights(host, INVITE_RIGHTS & ~Right.MANAGE_CHANNELS)

    checks = look(host, store)

    assert "create_channel" not in host.names()
    assert "Trial room" in [check.name for check in wrong(checks)]


def test_a_token_that_discord_refuses_ends_the_look(store: Store, host: FakeHost) -> None:
    host.fail(Refusal.UNAUTHORIZED, name="server_time")

    assert wrong(look(host, store))[0].sentence == "Discord does not accept this site's bot."
    assert host.names() == ["server_time"]


@pytest.mark.parametrize(("drift", "state"), [(29, State.OK), (-29, State.OK), (45, State.BAD), (-45, State.BAD)])
def test_a_clock_that_is_off_by_more_than_30_seconds_is_told(
    store: Store, host: FakeHost, drift: int, state: State
) -> None:
    host.drift = timedelta(seconds=drift)

    assert named("Clock", look(host, store)).state == state


@pytest.mark.parametrize(("count", "state"), [(479, State.OK), (480, State.WARN), (500, State.BAD)])
def test_a_server_that_fills_up_is_told(store: Store, host: FakeHost, count: int, state: State) -> None:
    host.channels = {str(number): (GUILD_ID, Channel(str(number), "talk")) for number in range(count)}

    assert named("Free channels", look(host, store)).state == state


def test_a_bot_that_has_left_is_told(store: Store, host: FakeHost) -> None:
    host.gone.add((GUILD_ID, BOT_ID))

    assert named("Server", look(host, store)).sentence == "The bot is not on Nova Studio."


def test_a_coach_who_cannot_get_in_is_told(store: Store, host: FakeHost) -> None:
    host.gone.add((GUILD_ID, "2001"))

    assert "is not on Nova Studio" in named("You", look(host, store)).sentence


def test_a_store_without_a_server_is_sent_to_choose_one(alice: Person, host: FakeHost) -> None:
    checks = look(host, factories.make_store(alice, guild=None, guild_verified_at=None))

    assert named("Server", checks).state == State.BAD
    assert not host.calls


def test_nothing_is_tried_on_a_server_whose_verification_is_lost(store: Store, host: FakeHost) -> None:
    """The bot is still there, and must do nothing for somebody who may not manage the server any more."""
    Store.update(guild_verified_at=None).execute()
    checks = look(host, Store.get_by_id(store.id))

    assert named("Verification", checks).state == State.BAD
    assert not host.calls


@pytest.mark.parametrize("name", ["create_channel", "set_overwrites", "find_channel", "delete_channel"])
@pytest.mark.parametrize(
    ("refusal", "after_effect"),
    [(Refusal.MISSING_PERMISSION, False), (Refusal.NO_ANSWER, False), (Refusal.NO_ANSWER, True)],
)
def test_a_trial_that_breaks_off_is_told_and_cleared_away(
    store: Store, host: FakeHost, name: str, refusal: Refusal, after_effect: bool
) -> None:
    host.fail(refusal, name=name, after_effect=after_effect and name != "find_channel")

    assert named("Trial room", look(host, store)).state == State.BAD

    clear_away(host, timedelta(hours=2))
    assert not host.channels


@pytest.mark.parametrize("at", range(1, 14))
@pytest.mark.parametrize("after_effect", [False, True])
def test_a_look_that_is_killed_leaves_nothing_for_long(
    store: Store, host: FakeHost, at: int, after_effect: bool
) -> None:
    use_mode(store, "session_role")
    host.fail(Killed(), at=at, after_effect=after_effect)
    try:
        look(host, store)
    except Killed:
        clear_away(host, timedelta(minutes=3))

    assert not host.channels
    assert not host.roles_in()


def test_with_roles_one_is_tried_and_given_to_nobody(store: Store, host: FakeHost) -> None:
    use_mode(store, "session_role")
    checks = look(host, store)

    assert wrong(checks) == []
    assert [name for name in host.names() if "role" in name] == ["create_role", "delete_role"]
    assert not host.roles_in()
    assert {"Role rank", "Free roles", "Trial role"} <= {check.name for check in checks}


def test_without_roles_none_is_spoken_of(store: Store, host: FakeHost) -> None:
    assert not {"Role rank", "Free roles", "Trial role"} & {check.name for check in look(host, store)}


@pytest.mark.parametrize("name", ["create_role", "delete_role"])
@pytest.mark.parametrize(
    ("refusal", "after_effect"),
    [(Refusal.MISSING_PERMISSION, False), (Refusal.NO_ANSWER, False), (Refusal.NO_ANSWER, True)],
)
def test_a_role_on_trial_that_breaks_off_is_told_and_cleared_away(
    store: Store, host: FakeHost, name: str, refusal: Refusal, after_effect: bool
) -> None:
    use_mode(store, "session_role")
    host.fail(refusal, name=name, after_effect=after_effect)

    assert named("Trial role", look(host, store)).state == State.BAD

    clear_away(host, timedelta(hours=2))
    assert not host.roles_in()


def test_a_server_that_takes_no_new_roles_for_now_still_gets_rooms(store: Store, host: FakeHost) -> None:
    use_mode(store, "session_role")
    host.fail(Refusal.RATE_LIMITED, name="create_role")

    assert "rooms come without a role" in named("Trial role", look(host, store)).remedy


def test_a_role_above_the_bots_own_is_told(store: Store, host: FakeHost) -> None:
    use_mode(store, "shared_role")
    make_shared_role(store, host, role_position=7)

    assert "drag “Greenroom” above “Coaching Access ab”" in named("Role rank", look(host, store)).remedy


def test_a_shared_category_without_a_voice_channel_is_told(store: Store, host: FakeHost) -> None:
    use_mode(store, "shared_role")
    make_shared_role(store, host)
    assert named("Voice channel of Nova Studio", look(host, store)).state == State.BAD

    host.channels["78"] = (GUILD_ID, Channel("78", "talk", parent_id="77"))
    assert named("Voice channel of Nova Studio", look(host, store)).state == State.OK


def test_a_coach_learns_that_direct_messages_reach_them(store: Store, host: FakeHost) -> None:
    assert named("Direct messages", look(host, store)).state == State.OK

    [(channel_id, _, text)] = host.messages
    assert channel_id == host.open_dm("2001")
    assert "server of Nova Studio has just been checked" in text


def test_a_coach_with_closed_direct_messages_is_told_how_to_open_them(store: Store, host: FakeHost) -> None:
    host.closed_dms.add("2001")

    check = named("Direct messages", look(host, store))

    assert check.state == State.WARN
    assert "Privacy Settings" in check.remedy


@pytest.mark.parametrize("refusal", [Refusal.OTHER, Refusal.NO_ANSWER, Refusal.RATE_LIMITED])
def test_no_room_hangs_on_direct_messages(store: Store, host: FakeHost, refusal: Refusal) -> None:
    host.fail(refusal, name="open_dm")

    assert named("Direct messages", look(host, store)).state == State.WARN


def test_who_looks_by_hand_sees_what_comes_and_the_dashboard_follows(store: Store, host: FakeHost) -> None:
    factories.make_coaching_session(
        factories.make_product(store), starts_at=datetime.now(UTC) + timedelta(hours=20, minutes=7)
    )
    host.channels = {str(number): (GUILD_ID, Channel(str(number), "talk")) for number in range(500)}
    assert named("Rooms of the next two days", look(host, store)).state == State.BAD
    assert troubles_ahead([store])

    host.channels.clear()
    assert named("Rooms of the next two days", look(host, store)).state == State.OK
    assert not troubles_ahead([store])


def test_what_has_no_mark_of_ours_is_never_cleared_away(store: Store, host: FakeHost) -> None:
    host.channels["77"] = (GUILD_ID, Channel("77", "greenroom-check-somebodys"))
    host.fail(Killed(), name="set_overwrites")
    with pytest.raises(Killed):
        look(host, store)

    clear_away(host, timedelta(hours=2))

    assert list(host.channels) == ["77"]


def test_the_result_is_kept_and_the_next_one_takes_its_place(store: Store, host: FakeHost) -> None:
    assert last_diagnosis(store) is None
    host.drift = timedelta(hours=1)
    look(host, store)
    host.drift = timedelta(0)
    look(host, store)

    kept = last_diagnosis(store)
    assert kept
    assert wrong(list(kept.checks)) == []


def test_two_looks_at_once_are_one(store: Store, host: FakeHost) -> None:
    now = datetime.now(UTC)
    claim_lease(f"look at store {store.id}", now, timedelta(minutes=3))

    assert check_store(host, store, at(now)) is None
    assert not host.calls


def look(host: FakeHost, store: Store) -> list[Check]:
    checks = check_store(host, store, at(datetime.now(UTC)))
    assert checks is not None
    return checks


def wrong(checks: list[Check]) -> list[Check]:
    return [check for check in checks if check.state != State.OK]


def named(name: str, checks: list[Check]) -> Check:
    return next(check for check in checks if check.name == name)


def give_rights(host: FakeHost, rights: int) -> None:
    everyone = Role(GUILD_ID, "@everyone", 0)
    host.guilds[GUILD_ID] = HostGuild(
        GUILD_ID, "Nova Studio", OWNER_ID, (everyone, Role(BOT_ROLE_ID, "Greenroom", rights))
    )


def use_mode(store: Store, mode: str) -> None:
    store.access_mode = mode
    store.save()


def make_shared_role(store: Store, host: FakeHost, role_position: int = 0) -> None:
    """The store's own role and category stand."""
    role = Role("4000", "Coaching Access ab", 0, role_position)
    ordinary = ordinary_guild()
    host.guilds[GUILD_ID] = HostGuild(GUILD_ID, "Nova Studio", OWNER_ID, (*ordinary.roles, role))
    host.channels["77"] = (GUILD_ID, Channel("77", "Coaching ab", CATEGORY))
    Room.create(
        kind="shared",
        store=store,
        code="ab",
        discord_guild_id=GUILD_ID,
        discord_channel_id="77",
        discord_role_id="4000",
        created_at=datetime.now(UTC),
    )


def clear_away(host: FakeHost, later: timedelta) -> None:
    """The worker does what is due, so much later."""
    host.faults.clear()
    run_by_hand(host, at(datetime.now(UTC) + later))
