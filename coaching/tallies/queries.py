"""Reads of tallies."""

from coaching.db import rows
from coaching.tallies.models import Tally


def counted(name: str) -> dict[str, int]:
    """The tallies of `name` by their labels; empty when nothing was ever counted."""
    tallies = rows(Tally.select(Tally.label, Tally.total).where(Tally.name == name).order_by(Tally.label))
    return dict(tallies)
