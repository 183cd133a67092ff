"""One table for all that is limited, in place of the one for wrong secrets; and how much room a parked form takes."""

from peewee import BigIntegerField, BooleanField, CharField, IntegerField, Model

from coaching.db import UtcDateTimeField


def up(migrator, db):
    class RateCount(Model):
        name = CharField()
        key_sha256 = CharField()
        total = BigIntegerField()
        ends_at = UtcDateTimeField(index=True)
        not_before = UtcDateTimeField(null=True)
        is_told = BooleanField(default=False)

        class Meta:
            database = db
            table_name = "rate_count"
            indexes = ((("name", "key_sha256"), True),)

    db.create_tables([RateCount])
    db.execute_sql("DROP TABLE wrong_secret")
    migrator.migrate(
        migrator.add_column("parked_form", "size", IntegerField(default=0)),
        migrator.add_index("parked_form", ("person_id", "size")),
    )
    db.execute_sql("UPDATE parked_form SET size = LENGTH(fields) + 1024")
