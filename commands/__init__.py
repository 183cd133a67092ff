"""The command line: `flask db`, `people`, `demo`, `rooms`, `sessions`, `mail`, `secrets`, `doctor`; text comes out."""

from flask import Flask

from commands import db, demo, mail, people, rooms, secrets, sessions
from commands.doctor import doctor
from commands.version import version


def init_app(app: Flask) -> None:
    """Make every command known to `flask`."""
    groups = (db, people, demo, mail, rooms, sessions, secrets)
    for command in (*(one.group for one in groups), doctor, version):
        app.cli.add_command(command)
