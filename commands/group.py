"""The kind of command group all files here use: connected, and with refusals told as one sentence."""

import re
from typing import Any

import click
from flask.cli import AppGroup

from coaching.db import UNREADABLE, database
from coaching.errors import CoachingError


class Group(AppGroup):
    """Commands that run with a database connection; what stands in their way ends them with a sentence."""

    def invoke(self, ctx: click.Context) -> Any:
        was_closed = False
        try:
            was_closed = database.connect(reuse_if_open=True)
            return super().invoke(ctx)
        except CoachingError as error:
            raise click.ClickException(error.sentence) from None
        except UNREADABLE as error:
            raise click.ClickException(what_is_wrong(error)) from error
        finally:
            if was_closed:
                database.close()


def what_is_wrong(error: Exception) -> str:
    """What keeps the database from being used, in a sentence with what to do."""
    text = " ".join(str(error).split()) or type(error).__name__
    if re.search(r"no such (table|column)|(relation|column) .* does not exist", text):
        return f"The database is not up to date ({text}). Run: flask db migrate"
    if re.search(r"permission denied|readonly|unable to open", text):
        return f"The database may not be used like this ({text}). Look at the rights of DATABASE_URL, or of DATA_DIR."
    return f"The database cannot be used now ({text}). Look at DATABASE_URL, and whether the database runs."
