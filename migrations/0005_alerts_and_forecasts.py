"""Mails about what Discord refuses, looks ahead at the room on a server, roles made on trial."""

from peewee import CharField, ForeignKeyField, Model, TextField

from coaching.db import UtcDateTimeField


def up(migrator, db):
    class CoachingSession(Model):
        class Meta:
            database = db
            table_name = "coaching_session"

    class Guild(Model):
        class Meta:
            database = db
            table_name = "guild"

    class Alert(Model):
        discord_guild_id = CharField()
        kind = CharField()
        coaching_session = ForeignKeyField(CoachingSession, null=True, on_delete="CASCADE")
        noticed_at = UtcDateTimeField()

        class Meta:
            database = db
            table_name = "alert"

    class Forecast(Model):
        guild = ForeignKeyField(Guild, unique=True, on_delete="CASCADE")
        at = UtcDateTimeField(null=True)
        checks = TextField(default="[]")
        next_at = UtcDateTimeField()

        class Meta:
            database = db
            table_name = "forecast"

    db.create_tables([Alert, Forecast])
    migrator.migrate(
        migrator.add_column("trial_room", "kind", CharField(default="channel")),
        migrator.add_column("trial_room", "discord_role_id", CharField(null=True)),
    )
