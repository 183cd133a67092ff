"""The command line: `flask db`, `flask people`, `flask demo`, `flask rooms`. Strings in, text out."""

from flask import Flask

from commands import db, demo, people, rooms


def init_app(app: Flask) -> None:
    """Make every command known to `flask`."""
    for group in (db.group, people.group, demo.group, rooms.group):
        app.cli.add_command(group)
