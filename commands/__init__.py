"""The command line: `flask db`, `people`, `demo`, `rooms`, `mail`, `secrets`, `doctor`. Strings in, text out."""

from flask import Flask

from commands import db, demo, mail, people, rooms, secrets
from commands.doctor import doctor
from commands.version import version


def init_app(app: Flask) -> None:
    """Make every command known to `flask`."""
    for command in (db.group, people.group, demo.group, mail.group, rooms.group, secrets.group, doctor, version):
        app.cli.add_command(command)
