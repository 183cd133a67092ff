"""Folders whose time is over go, with all that lies in them."""

from datetime import datetime

from coaching.booking.models import CoachingSession, Seat
from coaching.folders.models import Folder
from coaching.folders.rules import KEPT

MOST_AT_ONCE = 200


def remove_old_folders(now: datetime) -> int:
    """Folders that were kept until now are gone, MOST_AT_ONCE at a time; how many those were."""
    # Of a call that has moved to a later time the folder has promised less than there is by now.
    is_over = (Folder.kept_until <= now) & (CoachingSession.ends_at <= now - KEPT)
    folders = Folder.select(Folder.id).join(Seat).join(CoachingSession).where(is_over)
    old = [folder.id for folder in folders.order_by(Folder.kept_until).limit(MOST_AT_ONCE)]
    return int(Folder.delete().where(Folder.id.in_(old)).execute()) if old else 0
