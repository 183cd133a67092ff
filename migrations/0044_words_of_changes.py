"""Whoever moves a call can say why, and the history keeps it."""

from peewee import TextField


def up(migrator, db):
    migrator.migrate(migrator.add_column("session_event", "words", TextField(default="")))
