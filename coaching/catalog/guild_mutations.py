"""Changes of a store's guild: verified by Discord, or lent by an admin."""

from datetime import datetime, timedelta

from coaching.accounts import event_mutations as events
from coaching.accounts.models import Person
from coaching.catalog.models import Guild, Store
from coaching.db import database

GUILD_FIELDS = (
    *(Store.guild, Store.guild_verified_at, Store.guild_recheck_at),
    *(Store.guild_asked_at, Store.guild_approved_at),
)
VERIFICATION_LASTS = timedelta(days=1)
ASK_AGAIN = timedelta(hours=1)


def record_guild_verification(store: Store, discord_guild_id: str, guild_name: str, now: datetime) -> None:
    """The guild is the store's, and Discord says that its owner may manage it."""
    with database.atomic():
        guild = Guild.get_or_none(Guild.discord_guild_id == discord_guild_id) or Guild(
            discord_guild_id=discord_guild_id
        )
        guild.name, guild.seen_at = guild_name, now
        guild.save()
        if store.guild_id != guild.id or store.guild_verified_at is None:
            events.note("guild_verified", now, store.owner, f"{store.slug}: {discord_guild_id}")
        store.guild, store.guild_verified_at, store.guild_recheck_at = guild, now, now + VERIFICATION_LASTS
        store.guild_asked_at, store.guild_approved_at = None, None
        store.save(only=GUILD_FIELDS)


def ask_for_site_guild(store: Store, now: datetime) -> None:
    """The store waits for an admin to let it use the site's own guild."""
    Store.update(guild_asked_at=now).where(Store.id == store.id, Store.guild_asked_at.is_null()).execute()


def lend_site_guild(
    store: Store, admin: Person, discord_guild_id: str, guild_name: str, now: datetime, reason: str = ""
) -> None:
    """The site's guild is the store's, because an admin says so: nothing that Discord has to confirm every day."""
    with database.atomic():
        record_guild_verification(store, discord_guild_id, guild_name, now)
        store.guild_recheck_at, store.guild_approved_at = None, now
        store.save(only=GUILD_FIELDS)
        detail = f"{store.slug}: {discord_guild_id}" + (f", {reason}" if reason else "")
        events.note("guild_approved", now, store.owner, detail, actor=admin)


def decline_site_guild(store: Store, admin: Person, reason: str, now: datetime) -> None:
    """The store does not wait any more; its owner may ask again or verify another guild."""
    with database.atomic():
        Store.update(guild_asked_at=None).where(Store.id == store.id).execute()
        events.note("guild_declined", now, store.owner, f"{store.slug}: {reason}", actor=admin)


def record_verification_lost(store: Store, now: datetime) -> None:
    """The store keeps its guild, but gets no new rooms there until it is verified again."""
    with database.atomic():
        if store.guild_verified_at is not None:
            events.note("guild_verification_lost", now, store.owner, store.slug)
        store.guild_verified_at, store.guild_recheck_at = None, now + VERIFICATION_LASTS
        store.save(only=[Store.guild_verified_at, Store.guild_recheck_at])


def record_no_answer(store: Store, now: datetime) -> None:
    """The verification stands as it was; Discord is asked again in an hour."""
    store.guild_recheck_at = now + ASK_AGAIN
    store.save(only=[Store.guild_recheck_at])
