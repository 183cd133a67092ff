"""Discord's pictures of coaches are fetched, by the worker only. No transaction is open while anybody is waited for."""

import logging
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from time import monotonic

from coaching.catalog.picture_actions import prepare_picture
from coaching.catalog.portraits import as_portrait
from coaching.coaches.avatar_mutations import claim_avatar, drop_avatar, give_up_avatar, keep_asking, record_avatar
from coaching.coaches.avatar_queries import DueAvatar, due_avatars
from coaching.coaches.avatar_source import AvatarError, AvatarSource
from coaching.errors import PictureRefused

logger = logging.getLogger(__name__)

# A run is not to spend its minute on this.
MOST_AT_ONCE = 10
LONGEST_RUN = timedelta(seconds=30)
# The same with a caller waiting.
LONGEST_IN_A_REQUEST = timedelta(seconds=5)


def fetch_avatars(source: AvatarSource, folder: Path, now: datetime, longest: timedelta = LONGEST_RUN) -> int:
    """Pages show what Discord shows, or a part of them does; for how many something was done."""
    ends_at, count = monotonic() + longest.total_seconds(), 0
    for due in due_avatars(now, MOST_AT_ONCE):
        if monotonic() > ends_at:
            break
        try:
            _bring_up_to_date(source, folder, due, now)
        except Exception:
            # One coach's picture keeps no other's from being fetched; it was claimed, so it waits.
            logger.exception("fetching a picture broke", extra={"coach": due.coach_id})
        count += 1
    return count


def _bring_up_to_date(source: AvatarSource, folder: Path, due: DueAvatar, now: datetime) -> None:
    if due.discord_user_id is None or due.avatar is None:
        drop_avatar(due)
        return
    if not claim_avatar(due, now):
        return
    try:
        picture = as_portrait(prepare_picture(BytesIO(source.read_avatar(due.discord_user_id, due.avatar)), folder))
    except AvatarError as error:
        logger.warning("picture not fetched", extra={"coach": due.coach_id, "reason": str(error)})
        if error.permanent:
            give_up_avatar(due)
        else:
            keep_asking(due)
    except PictureRefused as refusal:
        # Also while others are being made: then it goes next time.
        logger.warning("picture not taken", extra={"coach": due.coach_id, "reason": refusal.sentence})
    else:
        record_avatar(due, picture, now)
