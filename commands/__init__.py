"""The command line: `flask db`, `people`, `demo`, `rooms`, `sessions`, `mail`, `secrets`, `doctor`; text comes out."""

from collections.abc import MutableMapping

import click
from flask import Flask
from flask.cli import AppGroup


def init_app(app: Flask) -> None:
    """Make every command known to `flask`."""
    app.cli = Commands(app.cli.name)


class Commands(AppGroup):
    """All commands, imported where one is asked for: whoever serves pages has no need of them."""

    _are_imported = False

    @property
    def commands(self) -> MutableMapping[str, click.Command]:
        if not self._are_imported:
            self._are_imported = True
            for command in _all_commands():
                self.add_command(command)
        return self._known

    @commands.setter
    def commands(self, known: MutableMapping[str, click.Command]) -> None:
        self._known = known


def _all_commands() -> list[click.Command]:
    from commands import db, demo, figures, mail, people, rooms, secrets, sessions
    from commands.doctor import doctor
    from commands.version import version

    return [*(module.group for module in (db, people, demo, mail, rooms, sessions, figures, secrets)), doctor, version]
