"""Who lost their right to a room and may still sit in it, so that they are put out of the call."""

from peewee import TextField


def up(migrator, db):
    migrator.migrate(migrator.add_column("room", "to_put_out", TextField(default="[]")))
