"""Whose marks are ours, and what carries one in a guild and belongs to no row.

An id is drawn with the first new code: a database that is copied or restored brings its own along.
"""

from peewee import BooleanField, CharField, Model

from coaching.db import UtcDateTimeField


def up(migrator, db):
    class Installation(Model):
        code = CharField(unique=True)

        class Meta:
            database = db
            table_name = "installation"

    class Orphan(Model):
        discord_guild_id = CharField()
        discord_id = CharField(unique=True)
        kind = CharField()
        code = CharField()
        name = CharField()
        lets_in = BooleanField()
        seen_at = UtcDateTimeField()

        class Meta:
            database = db
            table_name = "orphan"
            indexes = ((("discord_guild_id",), False),)

    db.create_tables([Installation, Orphan])
