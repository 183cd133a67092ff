"""The kind of command group all files here use: connected, and with refusals told as one sentence."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

import click
from flask.cli import AppGroup

from coaching.db import UNREADABLE, database
from coaching.db_trouble import is_full
from coaching.errors import CoachingError


class Group(AppGroup):
    """Commands that run with a database connection; what stands in their way ends them with a sentence."""

    # click lets it stand above a function without brackets, too; here it does not.
    def command(  # type: ignore[override]
        self, *arguments: Any, connects: bool = True, **options: Any
    ) -> Callable[[Callable[..., Any]], click.Command]:
        """Add a command; one that does not connect sees to that itself."""
        add = super().command(*arguments, **options)
        return lambda act: add(_with_sentences(_connected(act) if connects else act))


def _connected(act: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(act)
    def with_connection(*arguments: Any, **options: Any) -> Any:
        was_closed = database.connect(reuse_if_open=True)
        try:
            return act(*arguments, **options)
        finally:
            if was_closed:
                database.close()

    return with_connection


def _with_sentences(act: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(act)
    def with_sentences(*arguments: Any, **options: Any) -> Any:
        try:
            return act(*arguments, **options)
        except CoachingError as error:
            raise click.ClickException(error.sentence) from None
        except UNREADABLE as error:
            raise click.ClickException(what_is_wrong(error)) from error

    return with_sentences


def what_is_wrong(error: Exception) -> str:
    """What keeps the database from being used, in a sentence with what to do."""
    text = " ".join(str(error).split()) or type(error).__name__
    if re.search(r"no such (table|column)|(relation|column) .* does not exist", text):
        return f"The database is not up to date ({text}). Run: flask db migrate"
    if re.search(r"permission denied|readonly|unable to open", text):
        return f"The database may not be used like this ({text}). Look at the rights of DATABASE_URL, or of DATA_DIR."
    if is_full(error):
        return f"The disk is full ({text}). Make room in DATA_DIR, or where the database is, then run it again."
    if re.search(r"database is locked|lock timeout", text):
        return (
            f"Something else holds the database ({text}). Run it again in a minute; if it stays so, restart Greenroom."
        )
    return f"The database cannot be used now ({text}). Look at DATABASE_URL, and whether the database runs."
