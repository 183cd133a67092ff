"""Pictures of people, kept apart from those of products: none is shared, so each goes when it is replaced."""

from datetime import datetime

from coaching.accounts.models import Person
from coaching.catalog.models import Picture
from coaching.catalog.picture_mutations import insert_picture
from coaching.catalog.web_pictures import WebPicture
from coaching.db import new_code


def keep_portrait(owner: Person, picture: WebPicture, now: datetime) -> Picture:
    """The picture's own row. Call it in the transaction that shows it."""
    code = new_code()
    # The hash is never the same as a product's, nor as another portrait's.
    return insert_picture(owner, picture, code, f"portrait {code} {picture.sha256}", now)


def drop_portrait(picture_id: int) -> None:
    """The picture is gone."""
    Picture.delete().where(Picture.id == picture_id, Picture.sha256.startswith("portrait ")).execute()
