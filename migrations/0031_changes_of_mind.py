"""Requests, holds, proposals, invitations, travel, outside calendars, caps, and the wall time people were promised.

What is booked already was promised on the wall of its session's zone, as that zone's clocks are set today.
"""

from contextlib import suppress
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from peewee import BooleanField, CharField, DateField, ForeignKeyField, IntegerField, Model, TextField

from coaching.db import UtcDateTimeField, rows


def up(migrator, db):
    class Table(Model):
        class Meta:
            database = db

    class Person(Table):
        class Meta:
            table_name = "person"

    class Schedule(Table):
        class Meta:
            table_name = "schedule"

    class Question(Table):
        class Meta:
            table_name = "question"

    class CoachingSession(Table):
        starts_at = UtcDateTimeField()
        zone = CharField()
        wall_time = CharField()

        class Meta:
            table_name = "coaching_session"

    class Travel(Table):
        schedule = ForeignKeyField(Schedule, on_delete="CASCADE")
        zone = CharField()
        from_on = DateField()
        until_on = DateField()

        class Meta:
            table_name = "travel"

    class Feed(Table):
        code = CharField(unique=True)
        coach = ForeignKeyField(Person, on_delete="CASCADE")
        name = CharField()
        address = TextField()
        etag = CharField(default="")
        modified = CharField(default="")
        stale_after_minutes = IntegerField(default=1440)
        text_sha256 = CharField(default="")
        fetched_at = UtcDateTimeField(null=True)
        known_until = UtcDateTimeField(null=True)
        events = IntegerField(default=0)
        tried_at = UtcDateTimeField(null=True)
        next_try_at = UtcDateTimeField(index=True)
        failures = IntegerField(default=0)
        fault = CharField(default="")
        told_at = UtcDateTimeField(null=True)
        made_at = UtcDateTimeField()

        class Meta:
            table_name = "feed"

    class OutsideBusy(Table):
        feed = ForeignKeyField(Feed, on_delete="CASCADE")
        starts_at = UtcDateTimeField()
        ends_at = UtcDateTimeField()

        class Meta:
            table_name = "outside_busy"
            indexes = ((("feed", "ends_at"), False),)

    class Proposal(Table):
        coaching_session = ForeignKeyField(CoachingSession, on_delete="CASCADE")
        starts_at = UtcDateTimeField()
        made_at = UtcDateTimeField()

        class Meta:
            table_name = "proposal"
            indexes = ((("coaching_session", "starts_at"), True),)

    class Invitation(Table):
        coaching_session = ForeignKeyField(CoachingSession, unique=True, on_delete="CASCADE")
        token_sha256 = CharField(unique=True)
        student = ForeignKeyField(Person, null=True, on_delete="SET NULL")
        price_cents = IntegerField()
        note = TextField(default="")
        made_at = UtcDateTimeField()
        used_at = UtcDateTimeField(null=True)

        class Meta:
            table_name = "invitation"

    migrator.migrate(
        migrator.add_column("time_off", "note", CharField(default="")),
        migrator.add_column("date_override", "note", CharField(default="")),
        migrator.add_column("product", "weekly_cap", IntegerField(null=True)),
        migrator.add_column("product", "most_per_student", IntegerField(null=True)),
        migrator.add_column("product", "pays_first", BooleanField(default=False)),
        migrator.add_column("product", "hold_minutes", IntegerField(default=1440)),
        migrator.add_column("product", "needs_approval", BooleanField(default=False)),
        migrator.add_column("product", "approval_minutes", IntegerField(default=1440)),
        migrator.add_column("product", "cancel_notice_minutes", IntegerField(default=1440)),
        migrator.add_column(
            "question", "depends_on_id", ForeignKeyField(Question, Question.id, null=True, on_delete="SET NULL")
        ),
        migrator.add_column("question", "depends_answer", CharField(default="")),
        migrator.add_column("coaching_session", "wall_time", CharField(default="")),
        migrator.add_column("coaching_session", "end_reason", TextField(default="")),
        migrator.add_column("seat", "pays_first", BooleanField(default=False)),
        migrator.add_column("seat", "hold_minutes", IntegerField(default=1440)),
        migrator.add_column("seat", "cancel_notice_minutes", IntegerField(default=1440)),
        migrator.add_column("seat", "said_paid_at", UtcDateTimeField(null=True)),
        migrator.add_column("seat", "zone", CharField(default="")),
        migrator.add_column("seat", "wall_time", CharField(default="")),
    )
    db.create_tables([Travel, Feed, OutsideBusy, Proposal, Invitation])
    _promise_wall_times(db, CoachingSession)


def _promise_wall_times(db, sessions):
    coming = sessions.select(sessions.id, sessions.starts_at, sessions.zone).where(
        sessions.starts_at > datetime.now(UTC)
    )
    for key, starts_at, zone in list(rows(coming)):
        with suppress(ValueError, LookupError):  # a zone that no list has promises nothing
            wall_time = starts_at.astimezone(ZoneInfo(zone)).isoformat(timespec="minutes")
            sessions.update(wall_time=wall_time).where(sessions.id == key).execute()
