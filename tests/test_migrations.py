"""Migrations after the first: what lay in the tables before lies there afterwards."""

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import pytest
from playhouse.migrate import SchemaMigrator, migrate

from coaching import schema
from coaching.accounts.models import Person, SavedForm, SecurityEvent
from coaching.booking import guard
from coaching.booking.events import EventKind, WhatBecame
from coaching.booking.models import Answer, NewsSeen, Seat, SessionEvent
from coaching.call_budget.models import ALL, CallBucket, CallLimiter
from coaching.catalog.models import Product, Question, Store
from coaching.catalog.queries import questions_of
from coaching.checks import Check, as_plain, bad, warning
from coaching.db import bound, database
from coaching.diagnostics.models import Diagnosis
from coaching.log_lines import Event, Text
from coaching.refusals import Refusal
from coaching.rooms.models import Presence, Room, RoomEvent
from coaching.rooms.planning.case import StepKind
from coaching.rooms.recording import events as room_events
from coaching.runtime.models import Lease
from tests import factories

NOW = datetime(2027, 3, 9, 12, 0, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("db")


def test_the_longer_phone_costs_no_answer_and_no_guard() -> None:
    seat = factories.make_coaching_session(starts_at=NOW).seats.get()
    Answer.create(seat=seat, label="How loud?", kind="text", text="Very.")
    Seat.update(phone="+49 30 123456").execute()
    database.execute_sql("DELETE FROM schema_migration WHERE name = '0004_longer_phone'")

    assert schema.migrate() == ["0004_longer_phone"]

    assert Seat.get().phone == "+49 30 123456"
    assert Answer.get().text == "Very."
    assert guard.is_installed(database.obj)


def test_who_booked_or_sells_without_a_zone_gets_the_one_they_were_shown() -> None:
    coach, student = factories.make_person("Alice", zone=None), factories.make_person("Bob", zone=None)
    nobody, settled = factories.make_person("Eve", zone=None), factories.make_person("Sam", zone="Europe/Kiev")
    product = factories.make_product(factories.make_store(coach, zone="Asia/Tokyo"))
    for days, guest in enumerate((student, settled)):
        starts_at = NOW + timedelta(days=days)
        factories.make_coaching_session(product, guest, starts_at=starts_at, zone="Europe/Berlin")
    database.execute_sql("DELETE FROM schema_migration WHERE name = '0014_first_zones'")

    assert schema.migrate() == ["0014_first_zones"]

    zones = [Person.get_by_id(person.id).zone for person in (coach, student, nobody, settled)]
    assert zones == ["Asia/Tokyo", "Europe/Berlin", None, "Europe/Kiev"]


def test_what_was_cancelled_before_is_no_news_and_who_was_seen_stays_seen() -> None:
    cancelled, kept = (factories.make_coaching_session(starts_at=NOW) for _ in range(2))
    for session, kind in ((cancelled, "cancelled"), (kept, "booked")):
        SessionEvent.create(coaching_session=session, kind=kind, at=NOW)
    without_typed_events()
    room = Room.create(coaching_session=kept, code="abc", discord_guild_id="1", created_at=NOW)
    Presence.create(room=room, person=kept.coach, last_seen_at=NOW, looked_at=NOW)
    database.execute_sql("DROP TABLE news_seen")
    for column in ("looks", "present_at"):
        database.execute_sql(f"ALTER TABLE presence DROP COLUMN {column}")
    database.execute_sql("DELETE FROM schema_migration WHERE name = '0016_looks_and_news'")

    assert schema.migrate() == ["0016_looks_and_news", "0020_typed_events"]

    assert schema.differences() == []
    seen = {(news_seen.person, news_seen.coaching_session, news_seen.event.kind) for news_seen in NewsSeen.select()}
    people = (cancelled.coach, cancelled.seats.get().student)
    assert seen == {(person, cancelled, "cancelled") for person in people}
    assert [(presence.looks, presence.present_at) for presence in Presence.select()] == [(None, NOW)]


def test_questions_asked_before_are_asked_still() -> None:
    product = factories.make_product()
    Question.create(product=product, label="How loud?")
    migrator = SchemaMigrator.from_database(database.obj)
    migrate(
        migrator.drop_index("question", "question_successor_id"),
        migrator.drop_column("question", "successor_id"),
        migrator.drop_column("question", "retired_at"),
    )
    database.execute_sql("DELETE FROM schema_migration WHERE name = '0013_retired_questions'")

    assert schema.migrate() == ["0013_retired_questions"]

    assert [question.label for question in questions_of(product)] == ["How loud?"]
    assert schema.differences() == []


def without_typed_events() -> None:
    """Both logs are as they were before their lines had kinds; those that stand there keep their first column."""
    for line in (
        "ALTER TABLE session_event RENAME COLUMN kind TO what",
        "ALTER TABLE session_event DROP COLUMN fields",
        "ALTER TABLE room_event RENAME COLUMN kind TO what",
        "ALTER TABLE room_event RENAME COLUMN reason TO why",
        "ALTER TABLE room_event DROP COLUMN fields",
        "DELETE FROM schema_migration WHERE name = '0020_typed_events'",
    ):
        database.execute_sql(line)


ROOM_LINES = {
    ("made hidden", "the session is near"): (Event(room_events.EventKind.MADE_HIDDEN), "session_near"),
    ("opened", "the moon is full"): (Event(room_events.EventKind.OPENED), "the moon is full"),
    ("set_access failed: missing_permission", "it is time to open"): (
        Event(
            room_events.EventKind.STEP_FAILED,
            room_events.Trouble(StepKind.SET_ACCESS, Refusal.MISSING_PERMISSION),
        ),
        "time_to_open",
    ),
    ("make has to wait: rate_limited", ""): (
        Event(room_events.EventKind.STEP_DELAYED, room_events.Trouble(StepKind.MAKE, Refusal.RATE_LIMITED)),
        "",
    ),
    ("student came", "see who is in the room"): (
        Event(room_events.EventKind.CAME, room_events.OfSide(room_events.Side.STUDENT)),
        "look_inside",
    ),
    ("no more roles on this server: entries for each person instead (roles_full)", "it is time to open"): (
        Event(room_events.EventKind.NO_MORE_ROLES, room_events.Because(Refusal.ROLES_FULL)),
        "time_to_open",
    ),
    ("stray removed", "channel 77 was not the room's own"): (
        Event(room_events.EventKind.ORPHAN_REMOVED, room_events.Orphan("channel", "77")),
        "",
    ),
    ("wanted open 10 minutes longer", "“Zoë” said so said so"): (
        Event(room_events.EventKind.EXTENDED, room_events.MoreTime("“Zoë” said so", 10)),
        "",
    ),
    ("wanted tried again", "Ada said so"): (Event(room_events.EventKind.RETRIED, room_events.ByHand("Ada")), ""),
    ("mäde 'odd'", "nobody knows"): (Event(room_events.EventKind.NOTE, Text("mäde 'odd'")), "nobody knows"),
}
SESSION_LINES = {
    "booked": Event(EventKind.BOOKED),
    "in_progress": Event(EventKind.STARTED),
    "completed": Event(EventKind.OUTCOME, WhatBecame("completed")),
    "no_show: unknown": Event(EventKind.OUTCOME, WhatBecame("no_show", "unknown")),
    "corrected to completed": Event(EventKind.CORRECTED, WhatBecame("completed")),
    "corrected to no_show: both": Event(EventKind.CORRECTED, WhatBecame("no_show", "both")),
    "moved by fate": Event(EventKind.NOTE, Text("moved by fate")),
}


def test_sentences_of_both_logs_become_kinds_and_none_is_lost() -> None:
    session = factories.make_coaching_session(starts_at=NOW)
    room = Room.create(coaching_session=session, code="abc", discord_guild_id="1", created_at=NOW)
    for kind, why in ROOM_LINES:
        RoomEvent.create(room=room, at=NOW, kind=kind, reason=why, status=200)
    for kind in SESSION_LINES:
        SessionEvent.create(coaching_session=session, person=session.coach, kind=kind, at=NOW)
    without_typed_events()

    assert schema.migrate() == ["0020_typed_events"]

    assert schema.differences() == []
    lines = list(RoomEvent.select().order_by(RoomEvent.id))
    assert [(line.event, line.reason) for line in lines] == list(ROOM_LINES.values())
    assert {(line.room_id, line.at, line.status) for line in lines} == {(room.id, NOW, 200)}
    history = list(SessionEvent.select().order_by(SessionEvent.id))
    assert [line.event for line in history] == list(SESSION_LINES.values())
    assert {(line.person, line.at) for line in history} == {(session.coach, NOW)}


def test_a_place_keeps_its_number_and_what_was_on_trial_its_id() -> None:
    store = factories.make_store(factories.make_person("Nova"))
    rows = [("category", "category 1100 1", None), ("shared", f"shared {store.id} 1100", store)]
    for kind, _, of_store in rows:
        Room.create(kind=kind, store=of_store, code=kind, discord_guild_id="1100", created_at=NOW)
    for statement in (
        "DROP INDEX room_kind_discord_guild_id_number",
        "ALTER TABLE room DROP COLUMN number",
        "ALTER TABLE room ADD COLUMN place VARCHAR(255)",
        "CREATE UNIQUE INDEX room_place ON room (place)",
        *(f"UPDATE room SET place = '{place}' WHERE kind = '{kind}'" for kind, place, _ in rows),
        "ALTER TABLE room RENAME COLUMN to_disconnect TO to_put_out",
        # Called probe_room since 0040, and gone since 0046.
        "CREATE TABLE trial_room (kind VARCHAR(255), discord_channel_id VARCHAR(255), discord_role_id VARCHAR(255))",
        "INSERT INTO trial_room VALUES ('channel', '50', NULL), ('role', NULL, '60')",
        "DELETE FROM schema_migration WHERE name = '0026_one_name'",
    ):
        database.execute_sql(statement)

    assert schema.migrate() == ["0026_one_name"]

    on_trial = set(database.execute_sql("SELECT kind, discord_id FROM trial_room").fetchall())
    database.execute_sql("DROP TABLE trial_room")
    assert schema.differences() == []
    assert {(room.kind, room.number) for room in Room.select()} == {("category", 1), ("shared", store.id)}
    assert on_trial == {("channel", "50"), ("role", "60")}


# Old and new, of tables and of columns, as migration 0040 renames them.
TABLES_OF_0040 = {
    "parked_form": "saved_form",
    "turn": "lease",
    "examination": "diagnosis",
}
COLUMNS_OF_0040 = {
    ("sign_in", "proved_at"): "verified_at",
    ("store", "guild_proved_at"): "guild_verified_at",
    ("rate_count", "is_told"): "was_refused",
    ("feed", "told_at"): "notified_at",
    ("notice", "doubtful_at"): "unsure_at",
}


def test_what_is_in_tables_with_older_names_is_in_those_of_today() -> None:
    store = factories.make_store(factories.make_person("Nova"), guild_verified_at=NOW)
    SavedForm.create(key_sha256="k", address="/", fields="[]", expires_at=NOW)
    Lease.create(name="backup", claimed_until=NOW)
    fixed = asdict(bad("Server", "The bot is gone.", "Add it again.").fixed_by_inviting())
    older = {name.replace("fixed", "mended"): value for name, value in fixed.items()}
    Diagnosis.create(store=store, at=NOW, checks=json.dumps([older]))
    for kind in ("guild_proved", "guild_proof_lost", "signed in"):
        SecurityEvent.create(kind=kind, at=NOW)
    for (table, old), new in COLUMNS_OF_0040.items():
        database.execute_sql(f"ALTER TABLE {table} RENAME COLUMN {new} TO {old}")
    for old, new in TABLES_OF_0040.items():
        database.execute_sql(f"ALTER TABLE {new} RENAME TO {old}")
    for gone in ("CREATE TABLE trial_room (kind VARCHAR(255))", "CREATE TABLE forecast (checks TEXT)"):
        database.execute_sql(gone)  # since 0046 and 0048
    database.execute_sql("DELETE FROM schema_migration WHERE name = '0040_names'")

    assert schema.migrate() == ["0040_names"]

    for gone in ("probe_room", "forecast"):
        database.execute_sql(f"DROP TABLE {gone}")
    assert schema.differences() == []
    assert (SavedForm.get().expires_at, Lease.get().claimed_until) == (NOW, NOW)
    assert Store.get_by_id(store.id).guild_verified_at == NOW
    assert Diagnosis.get().checks == (Check(**fixed),)
    kinds = [event.kind for event in SecurityEvent.select().order_by(SecurityEvent.id)]
    assert kinds == ["guild_verified", "guild_verification_lost", "signed in"]


def test_what_was_found_looking_ahead_is_kept_beside_the_other_diagnoses() -> None:
    guild, silent, check = factories.make_guild(), factories.make_guild("1100000000000000002"), warning("A", "a", "b")
    for statement in (
        "DROP INDEX diagnosis_guild_id",
        "ALTER TABLE diagnosis DROP COLUMN guild_id",
        "ALTER TABLE diagnosis DROP COLUMN next_at",
        "CREATE TABLE forecast (guild_id INTEGER, at TIMESTAMP, checks TEXT, next_at TIMESTAMP)",
        "DELETE FROM schema_migration WHERE name = '0048_one_diagnosis'",
    ):
        database.execute_sql(statement)
    kept = (json.dumps(as_plain([check])), bound(NOW))
    rows = [(guild.id, bound(NOW), *kept), (silent.id, None, *kept)]
    for row in rows:
        database.execute_sql(f"INSERT INTO forecast VALUES ({', '.join([database.param] * 4)})", row)

    assert schema.migrate() == ["0048_one_diagnosis"]

    assert schema.differences() == []
    [diagnosis] = Diagnosis.select()
    assert (diagnosis.guild, diagnosis.store, diagnosis.at, diagnosis.checks, diagnosis.next_at) == (
        guild,
        None,
        NOW,
        (check,),
        NOW,
    )


def test_a_call_that_opens_at_the_booking_still_does_under_the_name_of_today() -> None:
    for slug, opens_at_booking in (("early", True), ("usual", False)):
        store = factories.make_store(factories.make_person(slug), slug=slug)
        factories.make_product(store, slug=slug, opens_at_booking=opens_at_booking)
    for statement in (
        "ALTER TABLE product RENAME COLUMN opens_at_booking TO stands",
        "DELETE FROM schema_migration WHERE name = '0051_opens_at_booking'",
    ):
        database.execute_sql(statement)

    assert schema.migrate() == ["0051_opens_at_booking"]

    assert schema.differences() == []
    assert {(product.slug, product.timing.opens_at_booking) for product in Product.select()} == {
        ("early", True),
        ("usual", False),
    }


def test_what_holds_for_calls_to_discord_holds_on_under_the_names_of_today() -> None:
    CallLimiter.create(name=ALL, next_at=NOW, refused=900, refused_since=NOW)
    CallBucket.create(key="PATCH /channels/{id} 20", held_until=NOW, consecutive_429s=3)
    for statement in (
        "ALTER TABLE call_limiter RENAME TO call_pace",
        "ALTER TABLE call_bucket RENAME COLUMN consecutive_429s TO strikes",
        "DELETE FROM schema_migration WHERE name = '0050_call_limiter'",
    ):
        database.execute_sql(statement)

    assert schema.migrate() == ["0050_call_limiter"]

    assert schema.differences() == []
    assert (CallLimiter.get().refused, CallLimiter.get().refused_since) == (900, NOW)
    assert (CallBucket.get().held_until, CallBucket.get().consecutive_429s) == (NOW, 3)
