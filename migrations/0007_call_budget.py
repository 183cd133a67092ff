"""The call budget of all processes, and who keeps sending wrong secrets."""

from peewee import CharField, IntegerField, Model

from coaching.db import UtcDateTimeField


def up(migrator, db):
    class CallPace(Model):
        name = CharField(unique=True)
        next_at = UtcDateTimeField(null=True)
        held_until = UtcDateTimeField(null=True)
        refused = IntegerField(default=0)
        refused_since = UtcDateTimeField(null=True)

        class Meta:
            database = db
            table_name = "call_pace"

    db.create_tables([CallPace])

    class CallBucket(Model):
        key = CharField(unique=True)
        discord_bucket = CharField(null=True)
        most = IntegerField(null=True)
        remaining = IntegerField(null=True)
        period_ms = IntegerField(null=True)
        began_at = UtcDateTimeField(null=True)
        resets_at = UtcDateTimeField(null=True)
        held_until = UtcDateTimeField(null=True)
        strikes = IntegerField(default=0)
        forget_at = UtcDateTimeField(index=True)

        class Meta:
            database = db
            table_name = "call_bucket"

    db.create_tables([CallBucket])

    class WrongSecret(Model):
        address = CharField(unique=True)
        tries = IntegerField(default=0)
        since = UtcDateTimeField(index=True)

        class Meta:
            database = db
            table_name = "wrong_secret"

    db.create_tables([WrongSecret])
