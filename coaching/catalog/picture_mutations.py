"""Pictures of stores and products, each kept once for its owner."""

from datetime import datetime

from coaching.accounts.models import Person
from coaching.catalog.details import MOST_PICTURES
from coaching.catalog.models import Bump, Picture, Product, SharePicture, Store
from coaching.catalog.web_pictures import WebPicture
from coaching.db import new_code
from coaching.errors import LimitReached


def keep_picture(owner: Person, picture: WebPicture, now: datetime) -> Picture:
    """The picture's row, which is the same for the same picture of the same owner; LimitReached."""
    if same := Picture.get_or_none(Picture.owner == owner, Picture.sha256 == picture.sha256):
        return same
    if Picture.select().where(Picture.owner == owner).count() >= MOST_PICTURES:
        raise LimitReached(f"You can have at most {MOST_PICTURES} pictures. Remove one from another product first.")
    return insert_picture(owner, picture, new_code(16), picture.sha256, now)


def insert_picture(owner: Person, picture: WebPicture, code: str, sha256: str, now: datetime) -> Picture:
    """A new row of its own, with the picture that is shared with others beside it. Call it in a transaction."""
    kept = Picture.create(
        code=code,
        owner=owner,
        sha256=sha256,
        width=picture.width,
        height=picture.height,
        webp=picture.webp,
        made_at=now,
    )
    if picture.share:
        SharePicture.create(picture=kept, jpeg=picture.share, made_at=now)
    return kept


def drop_if_unused(picture_id: int) -> None:
    """The picture is gone, unless a store, a product or an extra on sale shows it."""
    is_sold = Bump.select().where(Bump.picture == picture_id, Bump.retired_at.is_null()).exists()
    is_cover = Store.select().where(Store.cover == picture_id).exists()
    if not is_sold and not is_cover and not Product.select().where(Product.picture == picture_id).exists():
        Picture.delete().where(Picture.id == picture_id).execute()
