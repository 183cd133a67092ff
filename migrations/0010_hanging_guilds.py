"""How often in a row the calls to a guild have hung; and its rooms are found without reading those of all others."""

from peewee import IntegerField


def up(migrator, db):
    migrator.migrate(
        migrator.add_column("lane", "hung", IntegerField(default=0)),
        migrator.add_index("room", ("discord_guild_id", "state"), False),
    )
