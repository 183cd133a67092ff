"""Moving the clock of a demo."""

from datetime import timedelta

from coaching.calendars.mutations import keep_ages
from coaching.db import database
from coaching.runtime.mutations import set_clock_offset
from coaching.runtime.queries import clock_offset


def move_clock(offset: timedelta) -> None:
    """The product's clock stands `offset` from the machine's. What outside calendars said is as old as before."""
    with database.atomic():
        before = clock_offset()
        set_clock_offset(offset)
        keep_ages(clock_offset() - before)
