"""The rights that the bot lacked when a step was refused, so that people read which one to give it."""

from peewee import CharField


def up(migrator, db):
    migrator.migrate(migrator.add_column("room", "lacking", CharField(default="")))
