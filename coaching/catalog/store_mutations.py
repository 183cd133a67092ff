"""Changes of stores: each one business act in one transaction."""

from datetime import datetime

from peewee import IntegrityError

from coaching.accounts import event_mutations as events
from coaching.accounts.form_key_mutations import keep_result
from coaching.accounts.form_key_queries import find_result
from coaching.accounts.lock_mutations import lock_person
from coaching.accounts.models import Person
from coaching.catalog.details import MOST_STORES, StoreDetails
from coaching.catalog.models import Bump, Picture, Product, Store
from coaching.catalog.picture_mutations import drop_if_unused, keep_picture
from coaching.catalog.price_mutations import keep_numbers
from coaching.catalog.queries import get_own_store
from coaching.catalog.step_queries import keeps_settings, store_version
from coaching.db import database
from coaching.errors import AddressInUse, ChangedMeanwhile, LimitReached, Refused

ACCESS_MODES = ("members", "session_role", "shared_role")
SETTINGS_FIELDS = (Store.name, Store.currency, Store.zone, Store.hue, Store.line, Store.cover)


def create_store(owner: Person, details: StoreDetails, form_key: str, now: datetime) -> Store:
    """A new store of `owner`; the same form sent twice gives the first one again."""
    with database.atomic():
        lock_person(owner)
        if slug := find_result(owner, "store", form_key):
            return Store.get(Store.slug == slug)
        if Store.select().where(Store.owner == owner).count() >= MOST_STORES:
            raise LimitReached(f"You can have at most {MOST_STORES} stores.")
        store = _insert_store(owner, details, now)
        keep_result(owner, "store", form_key, store.slug, now)
    return store


def save_store(store: Store, details: StoreDetails, now: datetime, seen: str | None = None) -> None:
    """The store's settings and look are these; its address stays, so that links people have keep working.

    ChangedMeanwhile when the page showed others, by its mark `seen`, than are kept now.
    """
    with database.atomic():
        lock_person(store.owner)
        kept = get_own_store(store.owner, store.slug)
        if seen and seen != store_version(kept) and not keeps_settings(kept, details):
            raise ChangedMeanwhile
        keep_numbers(store, kept.currency, details.currency)
        store.name, store.currency, store.zone, store.hue = details.name, details.currency, details.zone, details.hue
        store.line, store.cover = details.line, None if details.removes_cover else kept.cover
        if details.cover:
            store.cover = keep_picture(store.owner, details.cover, now)
        store.save(only=SETTINGS_FIELDS)
        if kept.cover_id is not None and kept.cover_id != store.cover_id:
            drop_if_unused(kept.cover_id)


def set_access_mode(store: Store, mode: str, now: datetime, seen: str | None = None) -> None:
    """Rooms of the store are made in this way from now on: `members`, `session_role` or `shared_role`.

    Those that stand open stay as they are; the others are made anew. Refused while a product needs another way;
    ChangedMeanwhile when another one than `seen` is kept.
    """
    if mode not in ACCESS_MODES:
        raise Refused("There is no such way into a room.")
    with database.atomic():
        lock_person(store.owner)
        store.access_mode = get_own_store(store.owner, store.slug).access_mode
        if seen and seen != store.access_mode != mode:
            raise ChangedMeanwhile
        is_kept = Product.state != "archived"
        early = Product.select().where(Product.store == store, Product.opens_at_booking, is_kept).first()
        if early and mode != "shared_role":
            raise Refused(f"“{early.title}” keeps its room open from the booking on. Change its timing first.")
        if store.access_mode != mode:
            events.note("access_mode", now, store.owner, f"{store.slug}: {mode}")
        store.access_mode = mode
        store.save(only=[Store.access_mode])


def move_stores(from_owner: Person, to_owner: Person) -> None:
    """Every store with its products, and every picture, is the other person's. Call it inside a transaction."""
    Store.update(owner=to_owner).where(Store.owner == from_owner).execute()
    # Uploaded by both, a picture is kept once.
    known = {
        picture.sha256: picture.id
        for picture in Picture.select(Picture.id, Picture.sha256).where(Picture.owner == to_owner)
    }
    for picture in Picture.select(Picture.id, Picture.sha256).where(Picture.owner == from_owner):
        if same := known.get(picture.sha256):
            Product.update(picture=same).where(Product.picture == picture).execute()
            Bump.update(picture=same).where(Bump.picture == picture).execute()
            Store.update(cover=same).where(Store.cover == picture).execute()
            Picture.delete().where(Picture.id == picture.id).execute()
    Picture.update(owner=to_owner).where(Picture.owner == from_owner).execute()


def rename_zone(old: str, new: str) -> int:
    """Stores in the zone `old` are in `new`; how many they are."""
    return int(Store.update(zone=new).where(Store.zone == old).execute())


def _insert_store(owner: Person, details: StoreDetails, now: datetime) -> Store:
    try:
        with database.atomic():
            values = {name: getattr(details, name) for name in ("name", "slug", "currency", "zone", "hue", "line")}
            return Store.create(owner=owner, created_at=now, **values)
    except IntegrityError:
        raise AddressInUse from None
