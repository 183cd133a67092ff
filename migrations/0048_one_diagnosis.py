"""What was found looking ahead at a guild lies with what the doctor found: both are checks, and when they were made."""

from peewee import ForeignKeyField, Model

from coaching.db import UtcDateTimeField


def up(migrator, db):
    class Guild(Model):
        class Meta:
            database = db
            table_name = "guild"

    guild = ForeignKeyField(Guild, field=Guild.id, null=True, unique=True, on_delete="CASCADE")
    migrator.migrate(
        migrator.add_column("diagnosis", "guild_id", guild),
        migrator.add_column("diagnosis", "next_at", UtcDateTimeField(null=True)),
    )
    db.execute_sql(
        "INSERT INTO diagnosis (guild_id, at, checks, next_at) "
        "SELECT guild_id, at, checks, next_at FROM forecast WHERE at IS NOT NULL"
    )
    db.execute_sql("DROP TABLE forecast")
