"""A database of an older Greenroom, with a room that stands open, is migrated and goes on: nothing is made twice."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playhouse.migrations import Runner

from coaching import schema
from coaching.db import bound, database, is_sqlite, open_database
from coaching.guild_parts import Overwrite
from coaching.guild_rights import BOT_RIGHTS, VIDEO_RIGHTS, VIEW_AND_CONNECT
from coaching.rooms.models import Presence, Room
from tests import databases
from tests.clocks import at
from tests.fakes import BOT_ID, GUILD_ID, FakeHost
from tests.rooms.reconciling import reconcile

# What there was at commit 1dded5c.
LAST_OF_THEN = "0012_roles_in_doubt"
START = datetime(2027, 3, 9, 17, 0, tzinfo=UTC)
COACH, STUDENT = "2001", "2002"
OVERWRITES = [
    Overwrite(GUILD_ID, False, deny=VIEW_AND_CONNECT),
    Overwrite(BOT_ID, True, allow=BOT_RIGHTS),
    Overwrite(COACH, True, allow=VIDEO_RIGHTS),
    Overwrite(STUDENT, True, allow=VIDEO_RIGHTS),
]
MINUTES = {"make": 30, "open": 15, "close": 15, "remove": 60, "overrun": 60}


@pytest.fixture
def older(db, tmp_path: Path) -> None:
    """The tables as they were then, and nothing in them."""
    if is_sqlite():
        databases.close()
        database.initialize(open_database(f"sqlite:///{tmp_path / 'older.db'}"))
        database.connect()
    else:
        database.execute_sql("DROP SCHEMA public CASCADE")
        database.execute_sql("CREATE SCHEMA public")
    folder = tmp_path / "migrations"
    folder.mkdir()
    for path in schema.MIGRATIONS.glob("0*.py"):
        if path.stem <= LAST_OF_THEN:
            shutil.copy(path, folder)
    Runner(database.obj, str(folder)).up()


def test_an_open_room_of_an_older_database_goes_on_and_nothing_is_made_twice(older):
    host = FakeHost()
    category = host.create_category(GUILD_ID, "Coaching rooms gr0up", OVERWRITES[:2], "")
    channel = host.create_channel(GUILD_ID, "coaching-r00m", OVERWRITES, "", category.channel_id)
    fill(category.channel_id, channel.channel_id)
    made = len(host.channels)

    schema.migrate()

    assert schema.differences() == []
    machine_now = START + timedelta(minutes=1)
    for minute in range(0, 125, 5):
        reconcile(host, at(START + timedelta(minutes=minute), machine_now), sleep=lambda seconds: None)
        machine_now += timedelta(minutes=5)
        assert "create_channel" not in host.names()[2:]
        assert len(host.channels) <= made
    room = Room.get(Room.kind == "session")
    assert (room.state, host.rooms_in()) == ("removed", [])
    assert Presence.select().where(Presence.room == room).count() == 2
    assert Room.select().count() == 2


def fill(category_id: str, channel_id: str) -> None:
    """A session that begins at START, its open room, and the category it lies in."""
    person = [insert("person", name=name, email=f"{name}@x.y", email_key=f"{name}@x.y") for name in ("Alice", "Bob")]
    for who, account in zip(person, (COACH, STUDENT), strict=True):
        link = insert("discord_link", person_id=who, discord_user_id=account, username=account)
        insert("guild_member", link_id=link, discord_guild_id=GUILD_ID, state="joined", checked_at=START)
    guild = insert("guild", discord_guild_id=GUILD_ID)
    store = insert(
        "store", owner_id=person[0], slug="nova", guild_id=guild, guild_proved_at=START, access_mode="members"
    )
    timing = {f"{name}_minutes": count for name, count in MINUTES.items()}
    product = insert("product", code="p", slug="p", store_id=store, session_type="video", stands=False, **timing)
    ends_at = START + timedelta(hours=1)
    span = {"starts_at": START, "ends_at": ends_at}
    session = insert(
        "coaching_session",
        code="s",
        product_id=product,
        coach_id=person[0],
        session_type="video",
        state="scheduled",
        busy_from=START,
        busy_until=ends_at,
        **span,
    )
    insert("seat", coaching_session_id=session, student_id=person[1], is_live=True, **span)
    kept = {
        "discord_guild_id": GUILD_ID,
        "mode": "members",
        "asked_mode": "members",
        "made_at": START,
        "granted_at": START,
    }
    kept |= {"checked_at": START, "intent": "channel", "holders": "[]", "maybe_holders": "[]", "to_put_out": "[]"}
    packed = [
        [overwrite.target_id, overwrite.is_member, overwrite.allow, overwrite.deny] for overwrite in sorted(OVERWRITES)
    ]
    insert(
        "room",
        kind="session",
        code="r00m",
        coaching_session_id=session,
        state="open",
        discord_channel_id=channel_id,
        parent_id=category_id,
        overwrites=json.dumps(packed),
        **kept,
    )
    hidden = json.dumps(
        [
            [overwrite.target_id, overwrite.is_member, overwrite.allow, overwrite.deny]
            for overwrite in sorted(OVERWRITES[:2])
        ]
    )
    insert(
        "room",
        kind="category",
        code="gr0up",
        place=f"category {GUILD_ID} 0",
        state="hidden",
        discord_channel_id=category_id,
        overwrites=hidden,
        **kept,
    )


def insert(table: str, **values: Any) -> int:
    """The id of a new row: what is not named and has to be there is nothing, in the kind of its column."""
    for column in database.get_columns(table):
        if not (column.null or column.primary_key or column.name in values):
            values[column.name] = _nothing(column.data_type.lower())
    mark = "?" if is_sqlite() else "%s"
    names, marks = ", ".join(values), ", ".join(mark for _ in values)
    sql = f"INSERT INTO {table} ({names}) VALUES ({marks}) RETURNING id"
    [[number]] = database.execute_sql(sql, [bound(value) for value in values.values()]).fetchall()
    return int(number)


def _nothing(kind: str) -> Any:
    if "timestamp" in kind:
        return START
    if "bool" in kind:
        return False
    return 0 if "int" in kind else ""
