"""Codes of new rooms, places and roles, made so that they are known again as ours without a row."""

from collections.abc import Iterable

from coaching.db import database, new_code
from coaching.marks import new_marked_code
from coaching.rooms.models import Installation

ID_LENGTH = 16


def new_room_code() -> str:
    """Return a new code with a check of this installation, whose id is drawn with the first one."""
    first = Installation.select().order_by(Installation.id).first()
    # Should two draw one at the same time, both are ours.
    return new_marked_code((first or Installation.create(code=new_code(ID_LENGTH))).code)


def keep_installations(codes: Iterable[str]) -> None:
    """Take what these installations have marked for our own, too: a backup came in the place of their database."""
    with database.atomic():
        known = {one.code for one in Installation.select()}
        for code in dict.fromkeys(codes):
            if code not in known:
                Installation.create(code=code)
