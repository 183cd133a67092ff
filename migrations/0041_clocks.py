"""Messages write times with 12 or 24 hours, as their reader has chosen, or as their browser has it."""

from peewee import CharField


def up(migrator, db):
    for name in ("clock", "browser_clock"):
        migrator.migrate(migrator.add_column("person", name, CharField(default="")))
