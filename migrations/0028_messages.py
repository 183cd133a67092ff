"""Messages about sessions: who is owed which, by which channel, and how people want to be reached.

Reminders that were due before this are not sent: whoever booked then was told of none.
"""

from datetime import UTC, datetime

from peewee import BooleanField, CharField, ForeignKeyField, IntegerField, Model, TextField

from coaching.db import UtcDateTimeField, bound
from coaching.fields import MinutesField


def up(migrator, db):
    class Person(Model):
        class Meta:
            database = db
            table_name = "person"

    class MessageSettings(Model):
        person = ForeignKeyField(Person, unique=True, on_delete="CASCADE")
        takes_discord = BooleanField(default=True)
        allows_replies = BooleanField(default=False)
        shows_answers = BooleanField(default=False)
        reminders = MinutesField(default=(60,))
        quiet_from = IntegerField(null=True)
        quiet_until = IntegerField(null=True)
        next_day_at = UtcDateTimeField(null=True, index=True)
        mail_refused_at = UtcDateTimeField(null=True)
        mail_refused_why = CharField(null=True)
        dm_channel_id = CharField(null=True)
        dm_user_id = CharField(null=True)
        dm_refused_at = UtcDateTimeField(null=True)
        dm_refused_why = CharField(null=True)

        class Meta:
            database = db
            table_name = "message_settings"

    class MessageChoice(Model):
        person = ForeignKeyField(Person, on_delete="CASCADE")
        kind = CharField()
        way = CharField()

        class Meta:
            database = db
            table_name = "message_choice"
            indexes = ((("person", "kind"), True),)

    class CalendarFeed(Model):
        person = ForeignKeyField(Person, unique=True, on_delete="CASCADE")
        token_sha256 = CharField(unique=True)
        made_at = UtcDateTimeField()

        class Meta:
            database = db
            table_name = "calendar_feed"

    db.create_tables([MessageSettings, MessageChoice, CalendarFeed])
    migrator.migrate(
        migrator.add_column("notice", "channel", CharField(default="mail")),
        migrator.add_column("notice", "person_id", IntegerField(null=True, index=True)),
        migrator.add_column("notice", "session_id", IntegerField(null=True, index=True)),
        migrator.add_column("notice", "fields", TextField(default="{}")),
        migrator.add_column("notice", "doubtful_at", UtcDateTimeField(null=True)),
        migrator.drop_not_null("notice", "due_at"),
        migrator.add_index("notice", ("kind", "channel", "state")),
        migrator.add_column("coaching_session", "timed_at", UtcDateTimeField(null=True)),
        migrator.add_column("coaching_session", "next_look_at", UtcDateTimeField(null=True, index=True)),
        migrator.add_column("seat", "coming_at", UtcDateTimeField(null=True)),
        migrator.add_column("product", "reminders", MinutesField(default=(24 * 60, 60))),
        migrator.add_column("product", "says_when_open", BooleanField(default=True)),
        migrator.add_column("product", "message_words", TextField(default="")),
    )
    now = bound(datetime.now(UTC))
    mark = "?" if isinstance(now, str) else "%s"
    db.execute_sql(
        f"UPDATE coaching_session SET timed_at = {mark}, next_look_at = {mark}"
        f" WHERE state IN ('scheduled', 'in_progress') AND ends_at > {mark}",
        (now, now, now),
    )
