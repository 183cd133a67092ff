"""The kind of command group all files here use: connected, and with refusals told as one sentence."""

from typing import Any

import click
from flask.cli import AppGroup

from coaching.db import database
from coaching.errors import CoachingError


class Group(AppGroup):
    """Commands that run with a database connection; a refusal of the product ends them with its sentence."""

    def invoke(self, ctx: click.Context) -> Any:
        was_closed = database.connect(reuse_if_open=True)
        try:
            return super().invoke(ctx)
        except CoachingError as error:
            raise click.ClickException(error.sentence) from None
        finally:
            if was_closed:
                database.close()
