"""One row that cannot be read costs one room: it is named everywhere, and everybody else's rooms open on time."""

from datetime import UTC, datetime, timedelta

import pytest

from clock import machine_now
from coaching.accounts.models import DiscordLink, GuildMember
from coaching.booking.models import CoachingSession
from coaching.db import REFUSED, database, is_sqlite
from coaching.diagnostics.standing_queries import records_check
from coaching.guild_parts import Overwrite
from coaching.notices.models import Notice
from coaching.operation import mutations as warnings
from coaching.rooms.cases.queries import unreadable_rooms
from coaching.rooms.models import Presence, Room
from coaching.runtime.queries import worker_state
from tests import factories
from tests.clocks import at
from tests.fakes import FakeHost
from tests.rooms.reconciling import reconcile

# In a column of numbers or instants PostgreSQL keeps no nonsense; what it takes for an instant is far enough.
TEXTS = [
    ("room", "overwrites", "{not json"),
    ("room", "overwrites", '{"a": 1}'),
    ("room", "overwrites", '[["1", true, "x", 0]]'),
    ("room", "holders", "nonsense"),
    ("room", "maybe_holders", "[1, 2]"),
    ("room", "to_disconnect", "["),
    ("room", "state", "ajar"),
    ("room", "state", "zzz"),
    ("room", "kind", "nonsense"),
    ("room", "kind", "category"),
    ("room", "mode", "nonsense"),
    ("room", "asked_mode", "nonsense"),
    ("room", "intent", "nonsense"),
    ("room", "failing_step", "nonsense"),
    ("coaching_session", "state", "nonsense"),
    ("coaching_session", "session_type", "nonsense"),
    ("store", "access_mode", "nonsense"),
    ("presence", "looks", "{not json"),
    ("presence", "looks", "[[1, 1e40]]"),
    ("guild_member", "state", "nonsense"),
]
INSTANTS = [
    ("room", "claimed_until"),
    ("room", "intended_at"),
    ("room", "looked_at"),
    ("room", "made_at"),
    ("room", "granted_at"),
    ("room", "checked_at"),
    ("room", "next_try_at"),
    ("room", "opened_by_hand_at"),
    ("room", "closed_by_hand_at"),
    ("coaching_session", "ends_at"),
    ("coaching_session", "created_at"),
    ("presence", "looked_at"),
    ("presence", "last_seen_at"),
    ("presence", "present_at"),
    ("guild_member", "checked_at"),
]
NUMBERS = [
    ("room", "version"),
    ("room", "attempts"),
    ("room", "extra_minutes"),
    ("product", "make_minutes"),
    ("product", "open_minutes"),
    ("product", "close_minutes"),
    ("product", "remove_minutes"),
    ("product", "overrun_minutes"),
    ("product", "opens_at_booking"),
    ("presence", "is_inside"),
]
START = datetime(2027, 3, 9, 17, 0, tzinfo=UTC)
MACHINE = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def nothing_logged_yet() -> None:
    warnings._logged.clear()


def poisons():
    """Table, column, and what cannot be meant there."""
    yield from TEXTS
    yield "coaching_session", "starts_at", "10 o'clock" if is_sqlite() else "-infinity"
    yield from ((table, column, "nonsense" if is_sqlite() else "infinity") for table, column in INSTANTS)
    yield from ((table, column, "nonsense") for table, column in (NUMBERS if is_sqlite() else ()))


class Neighbours:
    """A room that stands open, and every row that it is read with; others come and go around it."""

    def __init__(self, host: FakeHost) -> None:
        self.host, self.number = host, 0
        self.coach = factories.make_person("Cora", linked_as="3001")
        self.student = factories.make_person("Stu", linked_as="3002")
        self.store = factories.make_store(self.coach, guild=factories.make_guild("77"), name="Bad Luck Studio")
        self.product = factories.make_product(self.store)
        self.session = factories.make_coaching_session(self.product, self.student, starts_at=START)
        GuildMember.update(discord_guild_id="77").where(GuildMember.link.in_(self.links())).execute()
        self.others = factories.make_product(factories.make_store(factories.make_person("Olga", linked_as="3003")))
        self.tick(START - timedelta(minutes=10))
        self.tick(START - timedelta(minutes=9))
        self.room = Room.get(Room.coaching_session == self.session)
        looks = [(START, START + timedelta(minutes=1))]
        seen = {"looked_at": MACHINE, "last_seen_at": MACHINE, "present_at": START, "looks": looks}
        Presence.delete().execute()
        Presence.create(room=self.room, person=self.coach, is_inside=True, **seen)

    def links(self) -> list[DiscordLink]:
        return list(DiscordLink.select().where(DiscordLink.person.in_([self.coach, self.student])))

    def row_of(self, table: str) -> int:
        """The id of the row of this table that the room is read with."""
        rows = {
            "room": self.room,
            "coaching_session": self.session,
            "product": self.product,
            "store": self.store,
            "presence": Presence.get(Presence.room == self.room),
            "guild_member": GuildMember.get(GuildMember.link == DiscordLink.get(DiscordLink.person == self.student)),
        }
        return rows[table].id

    def someone_else_gets_a_room(self) -> bool:
        """Another store's session has its room, open in time."""
        self.number += 1
        starts_at = START - timedelta(minutes=5)
        student = factories.make_person("Next", linked_as=str(40_000 + self.number))
        coaching_session = factories.make_coaching_session(self.others, student, starts_at=starts_at)
        self.tick(starts_at)
        room = Room.get_or_none(Room.coaching_session == coaching_session)
        CoachingSession.update(state="cancelled").where(CoachingSession.id == coaching_session.id).execute()
        return room is not None and room.state == "open"

    def overwrites(self) -> frozenset[Overwrite]:
        """Whom Discord lets into the room."""
        [channel] = self.host.rooms_in("77")
        return channel.overwrites

    def tick(self, now: datetime) -> None:
        reconcile(self.host, at(now, MACHINE + timedelta(minutes=self.number)), sleep=lambda seconds: None)


@pytest.fixture
def neighbours(app, host) -> Neighbours:
    return Neighbours(host)


def test_a_row_that_cannot_be_read_costs_its_own_room_only(neighbours, app, browser_of, set_clock):
    set_clock(START - timedelta(minutes=4))
    admin = browser_of(factories.make_person("Ada", is_admin=True))
    coach, student = browser_of(neighbours.coach), browser_of(neighbours.student)
    commands, room_id, code = app.test_cli_runner(), neighbours.room.id, neighbours.session.code
    pages = [
        (admin, "/admin"),
        (admin, "/admin/rooms"),
        (admin, f"/admin/rooms/{room_id}"),
        (admin, "/admin/sessions"),
        (admin, f"/sessions/{code}"),
        (coach, "/dashboard"),
        (coach, f"/sessions/{code}"),
        (student, f"/sessions/{code}"),
    ]
    failures, tried = [], set()
    for table, column, poison in poisons():
        row_id = neighbours.row_of(table)
        before = read(table, column, row_id)
        try:
            write(table, column, row_id, poison)
        except REFUSED:
            continue  # The guard of overlaps keeps it out itself.
        tried.add((table, column))
        problems = []
        if not neighbours.someone_else_gets_a_room():
            problems.append("others' room")
        if code not in records_check(unreadable_rooms(START)).sentence:
            problems.append("check")
        warnings.warn_of_unreadable(at(START, machine_now()))
        for who, path in pages:
            answer = who.get(path)
            if answer.status_code != 200:
                problems.append(f"{path} {answer.status_code}")
            elif who is coach and path != "/dashboard" and "cannot read its own record" not in answer.text:
                problems.append(f"{path} says nothing")
            elif who is admin and path in ("/admin", "/admin/rooms") and f"{table}.{column}" not in answer.text:
                problems.append(f"{path} does not name it")
        listed = commands.invoke(args=["rooms", "list"])
        if code not in listed.output or "cannot be read" not in listed.output:
            problems.append(f"rooms list {listed.output[-300:]} {listed.exception!r}")
        details = commands.invoke(args=["rooms", "show", neighbours.room.code])
        if details.exit_code:
            problems.append(f"rooms show {details.exception!r}")
        write(table, column, row_id, before)
        if problems:
            failures.append((table, column, poison, problems))
    assert "\n".join(map(str, failures)) == ""
    assert len(tried) > 25
    assert records_check(unreadable_rooms(START)).state == "ok"


def test_it_is_logged_once_and_mailed_once_a_day_and_mended_by_a_command(neighbours, app, caplog):
    admin = factories.make_person("Ada", is_admin=True)
    commands, code = app.test_cli_runner(), neighbours.session.code
    write("room", "overwrites", neighbours.room.id, "{not json")
    write("room", "thresholds", neighbours.room.id, b"\xff" if is_sqlite() else "x")
    for minute in range(3):
        warnings.warn_of_unreadable(at(START, MACHINE + timedelta(minutes=minute)))
    assert [line.message for line in caplog.records if line.levelname == "ERROR"] == ["record not readable"]
    [mail] = Notice.select().where(Notice.person_id == admin.id)
    assert (code in mail.body, "/admin" in mail.body) == (True, True)
    assert worker_state(MACHINE + timedelta(minutes=3)).meets_unreadable_rows

    mended = commands.invoke(args=["rooms", "mend", code])

    assert (mended.exit_code, "Forgotten: room.overwrites." in mended.output) == (0, True)
    assert records_check(unreadable_rooms(START)).state == "ok"
    assert neighbours.someone_else_gets_a_room()
    assert frozenset(neighbours.overwrites()) == frozenset(Room.get_by_id(neighbours.room.id).overwrites)
    # By the room's own code, too; a code of nothing is no good news.
    write("room", "overwrites", neighbours.room.id, "{not json")
    by_room = commands.invoke(args=["rooms", "mend", neighbours.room.code])
    assert (by_room.exit_code, "Forgotten: room.overwrites." in by_room.output) == (0, True)
    unknown = commands.invoke(args=["rooms", "mend", "nothing"])
    assert (unknown.exit_code, "no room with this code" in unknown.output) == (1, True)
    # What Discord cannot tell is left to whoever knows it.
    write("room", "holders", neighbours.room.id, "nonsense")
    refused = commands.invoke(args=["rooms", "mend", code])
    assert (refused.exit_code, "db restore" in refused.output) == (1, True)


def test_a_shared_part_that_cannot_be_read_stops_no_other_store(neighbours):
    for column, poison in (("overwrites", "{"), ("kind", "nonsense"), ("state", "ajar"), ("mode", "nonsense")):
        for shared_part in Room.select().where(Room.coaching_session.is_null()):
            before = read("room", column, shared_part.id)
            write("room", column, shared_part.id, poison)
            assert shared_part.code in records_check(unreadable_rooms(START)).sentence
            assert neighbours.someone_else_gets_a_room(), column
            write("room", column, shared_part.id, before)
    # Beside the category that could not be read none was made.
    assert Room.select().where(Room.kind == "category").count() == 2


def test_what_cannot_be_read_is_stored_again_as_it_was(neighbours):
    write("room", "overwrites", neighbours.room.id, "{not json")
    write("room", "made_at", neighbours.room.id, "nonsense" if is_sqlite() else "infinity")
    room = Room.get_by_id(neighbours.room.id)
    assert (room.overwrites, room.made_at.year) == (frozenset(), 1900)
    room.save()
    assert read("room", "overwrites", room.id) == "{not json"
    assert read("room", "made_at", room.id) in ("nonsense", "infinity")


def read(table: str, column: str, row_id: int):
    mark = "?" if is_sqlite() else "%s"
    return database.execute_sql(f"SELECT {column} FROM {table} WHERE id = {mark}", (row_id,)).fetchone()[0]


def write(table: str, column: str, row_id: int, value) -> None:
    mark = "?" if is_sqlite() else "%s"
    database.execute_sql(f"UPDATE {table} SET {column} = {mark} WHERE id = {mark}", (value, row_id))
