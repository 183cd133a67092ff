"""The product's tables as they once were: what lives have in common is lived once, and each goes on from there."""

import sqlite3

from coaching.db import database


class KeptTables:
    """A copy in memory of everything in this test's SQLite database."""

    def __init__(self) -> None:
        self._copy = sqlite3.connect(":memory:")
        database.connection().backup(self._copy)

    def put_back(self) -> None:
        """The test's database, whichever it is by now, holds what it held then."""
        self._copy.backup(database.connection())
