"""Reads of pictures: who may see one, and which stands for a store, on pages and in previews of links."""

from coaching.accounts.models import Person
from coaching.catalog.models import Bump, Picture, Product, SharePicture, Store
from coaching.errors import NotFound

# A picture without its bytes.
COVER = (Picture.id, Picture.code, Picture.width, Picture.height)


def get_picture(code: str, person: Person | None) -> Picture:
    """The picture if a published product shows it; otherwise only for its owner and admins."""
    picture: Picture | None = Picture.get_or_none(Picture.code == code)
    if picture is None:
        raise NotFound
    is_theirs = person is not None and (person.is_admin or picture.owner_id == person.id)
    if not is_theirs and not is_public(picture):
        raise NotFound
    return picture


def is_public(picture: Picture) -> bool:
    """True while a store or a published product shows the picture, or an extra that is sold with one."""
    if Store.select().where(Store.cover == picture).exists():
        return True
    products = Product.select().where(Product.picture == picture, Product.state == "published")
    beside = Bump.select().join(Product).where(Bump.picture == picture, Bump.retired_at.is_null())
    return bool(products.exists() or beside.where(Product.state == "published").exists())


def find_cover(store: Store) -> Picture | None:
    """The store's picture without its bytes, where the store was read with a product."""
    picture: Picture | None = (
        Picture.select(*COVER).where(Picture.id == store.cover_id).first() if store.cover_id else None
    )
    return picture


def find_share_jpeg(picture: Picture) -> bytes | None:
    """The picture as previews of links show it; None as long as nobody has made it, or where that failed."""
    share_picture = SharePicture.get_or_none(SharePicture.picture == picture)
    return bytes(share_picture.jpeg) or None if share_picture else None
