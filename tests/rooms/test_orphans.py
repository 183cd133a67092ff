"""What carries our mark and belongs to no row is noted, told from everybody else's, and goes by a press only: all but
what a look at the server left behind."""

from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from coaching import marks
from coaching.accounts.models import SecurityEvent
from coaching.catalog.models import Store
from coaching.guild_parts import CATEGORY, Channel, Overwrite
from coaching.guild_rights import AUDIO_RIGHTS
from coaching.host import HostError
from coaching.marks import new_marked_code
from coaching.refusals import Refusal
from coaching.rooms.models import GuildSweep, Installation, Orphan, Room
from coaching.rooms.names import channel_name, probe_name, role_name
from coaching.rooms.orphans.actions import (
    dispose_of,
    search_everywhere,
    sweep_everywhere,
    sweep_guild,
)
from coaching.rooms.orphans.mutations import keep_installations, new_room_code, want_sweep
from coaching.rooms.orphans.queries import existing_orphans, installation_ids
from coaching.rooms.orphans.rules import LEFT_AFTER, Disposal
from coaching.rooms.planning.case import RoomKind
from coaching.rooms.planning.wanted import closed_overwrites
from tests import factories
from tests.clocks import at, first_id_of
from tests.fakes import BOT_ID, GUILD_ID, ordinary_guild
from tests.rooms.conftest import COACH, MACHINE, START, STUDENT

ELSEWHERE = "1100000000000000002"
CLOSED = closed_overwrites(GUILD_ID, BOT_ID)
OPEN = CLOSED | {Overwrite(COACH, True, allow=AUDIO_RIGHTS), Overwrite(STUDENT, True, allow=AUDIO_RIGHTS)}


def stand(host, name, entries=CLOSED, guild_id=GUILD_ID, kind=2):
    """The id of a channel of this name, whoever made it."""
    channel = host.create_channel(guild_id, name, entries, "made by somebody")
    host.channels[channel.channel_id] = (guild_id, replace(channel, kind=kind))
    return channel.channel_id


def sweep(host, guild_id=GUILD_ID, **how):
    host.calls.clear()
    return sweep_guild(host, guild_id, later(timedelta(0)), **how)


def later(by):
    return at(START, MACHINE).after(by)


def listed():
    return [(orphan.name, orphan.lets_in) for orphan in existing_orphans()]


def rows_gone():
    """The database is one from before anything was made."""
    Room.delete().execute()


def test_what_was_made_before_a_restore_is_noted_and_stays(worker, host, by_role):
    Store.update(access_mode="session_role").execute()
    worker.tick(START)
    made = {channel.name for channel in (*host.rooms_in(), *host.categories_in())} | {
        role.name for role in host.roles_in()
    }
    rows_gone()

    assert sweep(host) == 0

    assert {name for name, _ in listed()} == made
    assert len(made) == 3
    assert [lets_in for _, lets_in in listed()] == [True, True, False], "those that let people in come first"
    assert {channel.name for channel in (*host.rooms_in(), *host.categories_in())} < made
    assert not {"delete_channel", "delete_role", "set_overwrites"} & set(host.names())


def test_only_what_this_installation_has_marked_is_taken_for_its_own(db, host):
    code, known = new_room_code(), new_room_code()
    Room.create(code=known, discord_guild_id=GUILD_ID, discord_channel_id="1", created_at=START)
    other_key = new_marked_code(installation_ids()[0])
    keys, marks.keys._keys = marks.keys._keys, (b"another site's key, 32 bytes long",)
    foreign = new_marked_code(installation_ids()[0])
    marks.keys._keys = keys
    theirs = new_marked_code("anotherinstall22")
    ours = stand(host, channel_name(code, words=("Mixing call", "Bob")), OPEN)
    for name in (
        f"Mixing call · Bob · {theirs}",
        f"coaching-{theirs}",
        f"coaching-{foreign}",
        f"Mixing call · Bob · {code[:-1]}",
        f"Mixing call · Bob · {code[:-1]}{'2' if code[-1] != '2' else '3'}",
        f"Mixing call · Bob · {code.upper()}",
        f"notes for {code} and others",
        "coaching-abcd2345",
        "Lounge",
    ):
        stand(host, name, OPEN)
    # Our own code, copied into what somebody else has made: the bot has no entry there, or it is no room at all.
    stand(host, f"coaching-{other_key}", frozenset())
    stand(host, f"Our room · {code}", OPEN - {overwrite for overwrite in OPEN if overwrite.target_id == BOT_ID})
    stand(host, f"Mixing call · Bob · {code}", OPEN, kind=0)
    host.create_role(GUILD_ID, f"Moderators {code}", "made by somebody")
    host.create_role(GUILD_ID, f"Session {theirs}", "made by somebody")
    before = dict(host.channels), host.roles_in()

    assert sweep(host, is_thorough=True) == 0

    assert listed() == [(f"Mixing call · Bob · {code}", True)]
    assert Orphan.get().discord_id == ours
    assert (host.channels, host.roles_in()) == before


def test_two_installations_with_one_bot_leave_each_other_alone(worker, host, coaching_session):
    worker.tick(START)
    rows_gone()
    Installation.delete().execute()
    new_room_code()

    assert sweep(host, is_thorough=True) == 0

    assert listed() == []
    assert len(host.rooms_in()) == 1


def test_a_database_that_took_anothers_place_knows_its_marks(db, host):
    before = new_room_code()
    ids = installation_ids()
    Installation.delete().execute()
    new_room_code()
    keep_installations([*ids, *ids])
    assert len(installation_ids()) == 2
    assert installation_ids()[-1:] == ids, "it goes on to mark with its own"
    stand(host, f"Mixing call · {before}")
    sweep(host)
    assert len(listed()) == 1


def test_a_mark_made_with_an_older_key_is_known_while_that_is_kept(db, host):
    present = marks.keys.every
    marks.keys.use([b"o" * 32])
    stand(host, channel_name(new_room_code(), words=("Mixing call",)))
    marks.keys.use([*present, b"o" * 32])
    sweep(host)
    assert len(listed()) == 1
    marks.keys.use(present)
    sweep(host)
    assert listed() == []


def test_who_is_let_in_is_read_from_the_channels_entries(db, host):
    role, everybody = Overwrite("77", False, allow=AUDIO_RIGHTS), Overwrite(GUILD_ID, False, deny=1024)
    own = next(overwrite for overwrite in CLOSED if overwrite.target_id == BOT_ID)
    for name, entries in (
        ("closed", CLOSED),
        ("only hidden", frozenset({own, everybody})),
        ("student", OPEN),
        ("a role", CLOSED | {role}),
        ("everybody", frozenset({own})),
        ("everybody in part", frozenset({own, Overwrite(GUILD_ID, False, deny=1 << 20)})),
        ("muted", CLOSED | {Overwrite(STUDENT, True, deny=AUDIO_RIGHTS)}),
    ):
        stand(host, f"{name} · {new_room_code()}", entries)
    sweep(host)
    lets_in_by_name = {name.partition(" · ")[0]: lets_in for name, lets_in in listed()}
    letting_in = {name for name, lets_in in lets_in_by_name.items() if lets_in}
    assert letting_in == {"student", "a role", "everybody", "everybody in part"}
    assert len(lets_in_by_name) == 7


def test_roles_are_looked_at_where_an_orphan_names_one_or_when_asked_for_by_hand(db, host):
    code = new_room_code()
    role = host.create_role(GUILD_ID, role_name(code), "made before")
    sweep(host)
    assert host.names() == ["list_channels"], "an ordinary search costs no more calls than it did"
    assert listed() == []
    sweep(host, is_thorough=True)
    assert listed() == [(f"Session {code}", False)], "it opens nothing"
    stand(host, channel_name(code), CLOSED | {Overwrite(role.role_id, False, allow=AUDIO_RIGHTS)})
    sweep(host)
    assert host.names() == ["list_channels", "get_guild"]
    assert listed() == [(f"coaching-{code}", True), (f"Session {code}", True)]
    host.channels.clear()
    sweep(host)
    assert listed() == [(f"Session {code}", True)], "roles were not looked at, so it is still known"
    host.drop_role(GUILD_ID, role.role_id)
    sweep(host, is_thorough=True)
    assert listed() == []


def test_a_code_of_a_room_in_another_guild_is_an_orphan_here(worker, host, coaching_session):
    worker.tick(START)
    Room.update(discord_guild_id=ELSEWHERE).where(Room.kind == RoomKind.SESSION).execute()
    sweep(host)
    assert [lets_in for _, lets_in in listed()] == [True]


def test_a_room_whose_kind_nobody_can_read_is_no_orphan_and_has_no_second(worker, host, coaching_session):
    worker.tick(START)
    Room.update({Room.kind: "nonsense", Room.discord_channel_id: "1"}).where(Room.kind == RoomKind.SESSION).execute()
    existing = host.rooms_in()
    assert sweep(host) == 0
    assert (Orphan.select().count(), host.rooms_in()) == (0, existing)


def test_a_listing_that_fails_forgets_nothing_and_keeps_no_other_server_from_being_searched(db, host):
    factories.make_guild()
    host.guilds[ELSEWHERE] = ordinary_guild(ELSEWHERE)
    first, second = new_room_code(), new_room_code()
    stand(host, f"one · {first}", OPEN)
    assert sweep_everywhere(host, at(START, MACHINE)).refusals == {}
    stand(host, f"two · {second}", closed_overwrites(ELSEWHERE, BOT_ID), ELSEWHERE)
    host.fail(Refusal.MISSING_ACCESS, name="list_channels", guild_id=GUILD_ID)
    swept = sweep_everywhere(host, at(START, MACHINE))
    assert swept.refusals == {GUILD_ID: Refusal.MISSING_ACCESS}
    assert listed() == [(f"one · {first}", True), (f"two · {second}", False)], (
        "the bot knows of servers that no row has"
    )
    host.fail(Refusal.SERVER_ERROR, name="own_guilds")
    swept = search_everywhere(host, at(START, MACHINE))
    assert swept.refusals == {None: Refusal.SERVER_ERROR}
    host.fail(Refusal.SERVER_ERROR, name="get_guild", guild_id=GUILD_ID)
    assert sweep_everywhere(host, at(START, MACHINE)).refusals == {GUILD_ID: Refusal.SERVER_ERROR}
    assert len(listed()) == 2


def test_a_server_that_the_bot_has_left_is_not_asked_for_ever(db, host):
    factories.make_guild()
    for refusal, is_due in ((Refusal.UNKNOWN_GUILD, False), (Refusal.SERVER_ERROR, True)):
        want_sweep(GUILD_ID, MACHINE)
        host.fail(refusal, name="list_channels")
        with pytest.raises(HostError):
            sweep(host)
        assert (GuildSweep.get(GuildSweep.discord_guild_id == GUILD_ID).due_at is not None) == is_due


def test_a_search_alone_removes_nothing_at_all(worker, host, coaching_session):
    worker.tick(START)
    room = Room.get(Room.kind == RoomKind.SESSION)
    second = stand(host, f"Mixing call · Bob · {room.code}", OPEN)
    search_everywhere(host, at(START, MACHINE))
    assert second in host.channels
    assert sweep(host) == 1
    assert second not in host.channels
    assert listed() == []


def test_what_a_look_left_behind_goes_once_nobody_can_be_looking(db, host, alice):
    factories.make_store(alice, access_mode="session_role")
    host.ids = count(first_id_of(MACHINE))
    channel = stand(host, probe_name(new_room_code()))
    role = host.create_role(GUILD_ID, probe_name(new_room_code()), "made on trial")

    want_sweep(GUILD_ID, MACHINE)
    assert sweep(host) == 0, "somebody may be looking at the server just now"
    assert listed() == []
    assert GuildSweep.get().due_at == MACHINE + timedelta(minutes=1), "it is searched again soon"
    search_everywhere(host, later(LEFT_AFTER))
    assert (channel in host.channels, role in host.roles_in()) == (True, True)

    assert sweep_guild(host, GUILD_ID, later(LEFT_AFTER)) == 2
    assert (channel in host.channels, role in host.roles_in()) == (False, False)
    assert listed() == []
    assert GuildSweep.get().due_at is None


def test_only_our_own_look_is_cleared_away_after(db, host):
    ours, theirs = new_room_code(), new_marked_code("anotherinstall22")
    host.ids = count(first_id_of(MACHINE))
    stand(host, probe_name(theirs))
    stand(host, probe_name(ours), frozenset())
    stand(host, probe_name("abcd2345"))
    host.create_role(GUILD_ID, probe_name(theirs), "made by somebody")
    before = dict(host.channels), host.roles_in()
    assert sweep_guild(host, GUILD_ID, later(timedelta(days=1)), is_thorough=True) == 0
    assert (host.channels, host.roles_in()) == before


def test_a_search_that_is_wanted_during_another_stays_wanted(db, host):
    listing = host.list_channels

    def list_while_somebody_looks(guild_id):
        want_sweep(guild_id, MACHINE + LEFT_AFTER)
        return listing(guild_id)

    host.list_channels = list_while_somebody_looks
    sweep(host)
    assert GuildSweep.get().due_at == MACHINE + LEFT_AFTER
    want_sweep(GUILD_ID, MACHINE + timedelta(minutes=3))
    assert GuildSweep.get().due_at == MACHINE + LEFT_AFTER, "the sooner one counts"


def test_a_press_removes_one_or_closes_it_and_is_told_of(db, host, alice):
    room, role = factories.make_orphan(host), host.create_role(GUILD_ID, role_name(new_room_code()), "made before")
    other = stand(host, f"Coaching rooms {new_room_code()}", kind=CATEGORY)
    sweep(host, is_thorough=True)
    assert len(listed()) == 3

    assert dispose_of(host, room, Disposal.CLOSED, alice, at(START, MACHINE)) == Disposal.CLOSED

    assert host.channels[room.discord_id][1].overwrites == CLOSED
    assert Orphan.get_by_id(room.id).lets_in is False
    for orphan in Orphan.select():
        assert dispose_of(host, orphan, Disposal.REMOVED, alice, at(START, MACHINE)) == Disposal.REMOVED
    assert not {room.discord_id, other} & set(host.channels)
    assert role not in host.roles_in()
    assert listed() == []
    logged = [(event.kind, event.person_id, event.at) for event in SecurityEvent.select()]
    assert logged == [("orphan closed", alice.id, MACHINE), *[("orphan removed", alice.id, MACHINE)] * 3]


@pytest.mark.parametrize("wanted", [Disposal.REMOVED, Disposal.CLOSED])
def test_what_is_not_ours_any_more_is_left_alone_by_a_press(db, host, alice, wanted):
    def press():
        host.calls.clear()
        outcome = dispose_of(host, orphan, wanted, alice, at(START, MACHINE))
        assert not {"delete_channel", "set_overwrites"} & set(host.names())
        return outcome

    def rename(name, **differences):
        channel = host.channels[orphan.discord_id][1]
        host.channels[orphan.discord_id] = (GUILD_ID, replace(channel, name=name, **differences))

    orphan = factories.make_orphan(host)
    rename("Our own lounge")
    assert press() == Disposal.NOT_OURS
    orphan = factories.make_orphan(host)
    rename(f"Mixing call · Bob · {new_room_code()}")
    assert press() == Disposal.NOT_OURS
    orphan = factories.make_orphan(host)
    rename(orphan.name, overwrites=frozenset())
    assert press() == Disposal.NOT_OURS
    orphan = factories.make_orphan(host)
    Room.create(code=orphan.code, discord_guild_id=GUILD_ID, created_at=START)
    assert listed() == []
    assert press() == Disposal.NOT_OURS
    orphan = factories.make_orphan(host)
    del host.channels[orphan.discord_id]
    assert press() == Disposal.GONE
    orphan = factories.make_orphan(host)
    host.fail(Refusal.MISSING_ACCESS, name="find_channel")
    assert press() == Disposal.OUT_OF_REACH
    assert not Orphan.select().exists()


def test_a_press_that_discord_refuses_leaves_it_listed(db, host, alice):
    orphan = factories.make_orphan(host)
    for name, wanted in (
        ("delete_channel", Disposal.REMOVED),
        ("set_overwrites", Disposal.CLOSED),
        ("find_channel", Disposal.REMOVED),
    ):
        host.fail(Refusal.MISSING_PERMISSION, name=name)
        with pytest.raises(HostError):
            dispose_of(host, orphan, wanted, alice, at(START, MACHINE))
    assert listed() == [(orphan.name, True)]
    host.fail(Refusal.NO_ANSWER, name="delete_channel", after_effect=True)
    with pytest.raises(HostError):
        dispose_of(host, orphan, Disposal.REMOVED, alice, at(START, MACHINE))
    assert dispose_of(host, orphan, Disposal.REMOVED, alice, at(START, MACHINE)) == Disposal.GONE


def test_the_worker_notes_orphans_by_itself_and_touches_none(worker, host, coaching_session):
    orphan = stand(host, channel_name(new_room_code(), words=("Mixing call", "Bob")), OPEN)
    worker.minutes(START, START + timedelta(minutes=12), 4)
    assert orphan in host.channels
    assert host.channels[orphan][1].overwrites == OPEN
    assert [lets_in for _, lets_in in listed()] == [True]


def test_a_room_whose_words_discord_refuses_is_called_by_its_code_alone(worker, host, coaching_session):
    host.fail(Refusal.NAME_REFUSED, name="create_channel")
    worker.tick(START)
    room = Room.get(Room.kind == RoomKind.SESSION)
    assert [channel.name for channel in host.rooms_in()] == [f"coaching-{room.code}"]
    assert [call[2] for call in host.calls if call[0] == "create_channel"] == [
        f"Mixing call · Bob · {room.code}",
        f"coaching-{room.code}",
    ]


def test_a_room_from_before_there_were_checks_goes_on_as_it_was(worker, host, coaching_session):
    worker.tick(START)
    room = Room.get(Room.kind == RoomKind.SESSION)
    old = Channel(room.discord_channel_id, "coaching-abcd2345", overwrites=host.rooms_in()[0].overwrites)
    host.channels[old.channel_id] = (GUILD_ID, old)
    Room.update(code="abcd2345").where(Room.id == room.id).execute()
    second = stand(host, "coaching-abcd2345")
    sweep(host)
    assert second not in host.channels
    assert listed() == []
    del host.channels[old.channel_id]
    worker.sleep(700)
    worker.minutes(START + timedelta(minutes=1), START + timedelta(minutes=3))
    assert [channel.name for channel in host.rooms_in()] == ["coaching-abcd2345"]


@pytest.mark.parametrize("mangle", [
    lambda name: name.replace(" ", "\u2003"),
    lambda name: name.lower().replace(" · ", "-").replace(" ", "-"),
    lambda name: name.replace(" · ", "·"),
], ids=["spaces", "as a text channel", "no spaces"])  # fmt: skip
def test_a_room_of_unknown_outcome_is_found_whatever_discord_made_of_its_name(worker, host, coaching_session, mangle):
    listing = host.list_channels
    host.list_channels = lambda guild_id: [replace(channel, name=mangle(channel.name)) for channel in listing(guild_id)]
    host.fail(Refusal.NO_ANSWER, name="create_channel", after_effect=True)
    worker.tick(START)
    [room] = host.rooms_in()
    assert Room.get(Room.kind == RoomKind.SESSION).discord_channel_id == room.channel_id
    assert host.names().count("create_channel") == 1
    sweep(host)
    assert (listed(), host.rooms_in()) == ([], [room])


def test_a_strangers_channel_with_the_rooms_code_in_its_name_is_not_adopted(worker, host, coaching_session):
    def make_one_beside():
        host.before_call = lambda: None
        code = Room.get(Room.kind == RoomKind.SESSION).code
        host.channels["8001"] = (GUILD_ID, Channel("8001", f"Waiting for {code}"))

    worker.tick(START - timedelta(hours=1))
    host.fail(Refusal.NO_ANSWER, name="create_channel")
    host.before_call = lambda: Room.select().where(Room.kind == RoomKind.SESSION).exists() and make_one_beside()
    worker.minutes(START, START + timedelta(minutes=2))
    assert "8001" in host.channels
    assert Room.get(Room.kind == RoomKind.SESSION).discord_channel_id not in (None, "8001")
