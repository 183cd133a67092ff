"""To whom a role may have been given although nobody wrote down the answer, so that it is taken from them."""

from peewee import TextField


def up(migrator, db):
    migrator.migrate(migrator.add_column("room", "maybe_holders", TextField(default="[]")))
