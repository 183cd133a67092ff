"""People download what is kept about them, and what is old is deleted each night, which says what it did."""

from peewee import BigIntegerField, CharField, ForeignKeyField, IntegerField, Model

from coaching.db import UtcDateTimeField


def up(migrator, db):
    class Table(Model):
        class Meta:
            database = db

    class Person(Table):
        class Meta:
            table_name = "person"

    class Export(Table):
        person = ForeignKeyField(Person, unique=True, on_delete="CASCADE")
        asked_at = UtcDateTimeField()
        next_try_at = UtcDateTimeField(null=True)
        claim = CharField(default="")
        tries = IntegerField(default=0)
        made_at = UtcDateTimeField(null=True)
        failed_at = UtcDateTimeField(null=True)
        ends_at = UtcDateTimeField(null=True, index=True)
        size_bytes = BigIntegerField(default=0)

        class Meta:
            table_name = "export"

    class RetentionRun(Table):
        name = CharField(unique=True)
        night_at = UtcDateTimeField()
        removed = IntegerField(default=0)
        total = BigIntegerField(default=0)
        ended_at = UtcDateTimeField(null=True)

        class Meta:
            table_name = "retention_run"

    db.create_tables([Export, RetentionRun])
