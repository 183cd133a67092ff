"""Address and Discord account of a suspended person who deleted their account are kept as one, and lifted together."""

from peewee import CharField


def up(migrator, db):
    # Which of those that are there belong together is not known: each is lifted by itself, as before.
    migrator.migrate(migrator.add_column("barred_identity", "code", CharField(default="")))
