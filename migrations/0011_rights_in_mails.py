"""The rights that the bot lacked at a refusal, for the mail about it."""

from peewee import CharField


def up(migrator, db):
    migrator.migrate(migrator.add_column("alert", "lacking", CharField(default="")))
