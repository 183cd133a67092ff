"""Reads of the record of wrong secrets."""

from datetime import datetime, timedelta

from coaching.operation.models import WrongSecret
from coaching.operation.wrong_secrets import MOST_TRIES, WINDOW
from coaching.origins import origin_of


def wait_after_wrong_secrets(address: str, machine_now: datetime) -> timedelta | None:
    """How long wrong secrets from there are answered with "come back later", or None while that is not so.

    They are looked at all the same: a right one among them counts.
    """
    row = WrongSecret.get_or_none(WrongSecret.address == origin_of(address), WrongSecret.tries >= MOST_TRIES)
    wait = row.since + WINDOW - machine_now if row else timedelta(0)
    return wait if wait > timedelta(0) else None
