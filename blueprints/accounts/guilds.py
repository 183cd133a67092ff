"""Which guild a person is to be in: the one of the store they are on the way to, else the site's."""

from dataclasses import dataclass

from flask import current_app, request

from blueprints.web import route_of
from coaching.catalog.models import Store
from coaching.catalog.queries import find_guild_name, get_once_published_product, get_store
from coaching.catalog.slugs import is_slug
from coaching.errors import NotFound


@dataclass(frozen=True)
class Destination:
    """A guild, what it is called, and whether we may add people to it."""

    guild_id: str | None
    name: str
    may_join: bool


@dataclass(frozen=True)
class Way:
    """Where somebody is going: in which store it is, if in one, and in which guild they are to be there."""

    store: Store | None
    guild: Destination


NOWHERE = Destination(None, "", may_join=False)


def way_to(address: str) -> Way:
    """What the page at `address` needs; the request's own word for the store counts where the address names none."""
    endpoint, values = route_of(address)
    is_storefront = (endpoint or "").startswith("storefront.")
    store = find_store(values.get("store")) if is_storefront else None
    if store and is_phone_call(store, values.get("product")):
        return Way(store, NOWHERE)
    store = store or find_store(request.args.get("store"))
    return Way(store, destination_of(store))


def is_phone_call(store: Store, product_slug: str | None) -> bool:
    """True for a product that needs no guild."""
    if not product_slug or not is_slug(product_slug):
        return False
    try:
        return get_once_published_product(store.slug, product_slug).session_type == "phone"
    except NotFound:
        return False


def destination_of(store: Store | None) -> Destination:
    """The store's guild, else the site's. Nobody is added to a guild whose store has not verified it."""
    if store is not None and store.guild is not None:
        guild = store.guild
        return Destination(guild.discord_guild_id, guild.name or "the server", store.guild_verified_at is not None)
    site_guild = current_app.extensions["settings"].discord_guild_id
    if site_guild is None:
        return NOWHERE
    return Destination(site_guild, find_guild_name(site_guild) or "this site’s server", may_join=True)


def find_store(slug: str | None) -> Store | None:
    """The store somebody says they come from; None for one that does not exist."""
    try:
        return get_store(slug) if slug and is_slug(slug) else None
    except NotFound:
        return None
