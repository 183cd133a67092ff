"""Tallies for the metrics."""

from peewee import BigIntegerField, CharField, Model


def up(migrator, db):
    class Tally(Model):
        name = CharField()
        label = CharField()
        total = BigIntegerField(default=0)

        class Meta:
            database = db
            table_name = "tally"
            indexes = ((("name", "label"), True),)

    db.create_tables([Tally])
