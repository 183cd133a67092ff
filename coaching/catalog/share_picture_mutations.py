"""Makes what older pictures lack: how previews of links show them."""

from contextlib import suppress
from datetime import datetime

from peewee import JOIN, IntegrityError

from coaching.catalog.models import Picture, SharePicture
from coaching.db import database

MOST_AT_ONCE = 5  # a fraction of a second each


def make_share_pictures(now: datetime, most: int = MOST_AT_ONCE) -> int:
    """So many pictures more have theirs; how many were made comes back. The newest come first."""
    without = Picture.select(Picture.id).join(SharePicture, JOIN.LEFT_OUTER).where(SharePicture.id.is_null())
    picture_ids = [picture.id for picture in without.order_by(Picture.id.desc()).limit(most)]
    for number in picture_ids:
        _make(number, now)
    return len(picture_ids)


def _make(number: int, now: datetime) -> None:
    picture = Picture.get_or_none(Picture.id == number)
    if picture is None:
        return
    from coaching.catalog.share_pictures import share_of  # Pillow, once there is one to be made

    try:
        jpeg = share_of(bytes(picture.webp))
    except Exception:
        jpeg = b""  # one that nothing can be made of is not tried each minute
    # Another worker may have been faster, and the picture may be gone.
    with suppress(IntegrityError), database.atomic():
        SharePicture.create(picture=picture, jpeg=jpeg, made_at=now)
