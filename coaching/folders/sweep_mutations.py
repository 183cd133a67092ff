"""Folders whose time is over go, with all that lies in them."""

from datetime import datetime

from coaching.booking.models import CoachingSession, Seat
from coaching.db import database
from coaching.folders.models import Folder
from coaching.folders.rules import KEPT

MOST_AT_ONCE = 200


def remove_old_folders(now: datetime) -> int:
    """Folders that were kept until now are gone, MOST_AT_ONCE at a time; how many those were.

    One whose call has moved meanwhile stays a year from its new end.
    """
    folders = Folder.select(Folder, Seat, CoachingSession).join(Seat).join(CoachingSession)
    due = list(folders.where(Folder.kept_until <= now).order_by(Folder.kept_until).limit(MOST_AT_ONCE))
    old = [folder.id for folder in due if folder.seat.coaching_session.ends_at + KEPT <= now]
    with database.atomic():
        for folder in due:
            if folder.id not in old:
                until = folder.seat.coaching_session.ends_at + KEPT
                Folder.update(kept_until=until).where(Folder.id == folder.id).execute()
        if old:
            Folder.delete().where(Folder.id.in_(old)).execute()
    return len(old)
