"""Which guild a person is to be in: the one of the store they come from, else the site's."""

from dataclasses import dataclass

from flask import current_app

from coaching.catalog.models import Store
from coaching.catalog.queries import find_guild_name, get_store
from coaching.catalog.slugs import is_slug
from coaching.errors import NotFound


@dataclass(frozen=True)
class Destination:
    """A guild, what it is called, and whether we may add people to it."""

    guild_id: str | None
    name: str
    may_join: bool


NOWHERE = Destination(None, "", may_join=False)


def destination_of(store: Store | None) -> Destination:
    """The store's guild, else the site's. Nobody is added to a guild whose store has not proved it."""
    if store is not None and store.guild is not None:
        guild = store.guild
        return Destination(guild.discord_guild_id, guild.name or "the server", store.guild_proved_at is not None)
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
