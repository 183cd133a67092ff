"""Asking Discord who may decide for a guild; no transaction is open meanwhile."""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from coaching.accounts.discord_mutations import record_membership
from coaching.accounts.models import Person
from coaching.accounts.queries import find_discord_link
from coaching.catalog.guild_mutations import (
    lend_site_guild,
    record_guild_verification,
    record_no_answer,
    record_verification_lost,
)
from coaching.catalog.models import Guild, Store
from coaching.catalog.queries import guilds_to_recheck
from coaching.errors import DiscordNotLinked, GuildNotVerified, GuildOutOfReach
from coaching.guild_parts import HostGuild
from coaching.guild_rights import Right, may_manage, missing_rights, rights_of
from coaching.host import Host, HostError
from coaching.refusals import BOT_IS_OUT, explain

# One run of the worker is not to spend its minute on this.
MOST_AT_ONCE = 20
A_MOMENT = 1.0
NOT_THERE = "The bot is not on a server with this id. Check the id, or press “Add to Discord”: that adds the bot, too."
NO_ANSWER = "Discord did not answer. Nothing was changed; try again in a minute."
NOT_A_MEMBER = "Your Discord account {account} is not on the server “{guild}”. Join it with that account first."
MAY_NOT_MANAGE = (
    "Your Discord account {account} may not manage the server “{guild}”. Only its owner and people with the right "
    "“Manage Server” or “Administrator” can have rooms made there."
)


@dataclass(frozen=True)
class AddedGuild:
    """A guild that has just become a store's, and the rights that the bot lacks there."""

    guild_id: str
    name: str
    lacking: tuple[Right, ...]


def add_guild(host: Host, store: Store, person: Person, discord_guild_id: str, now: datetime) -> AddedGuild:
    """The guild to which Discord has just added the bot is the store's, if `person` may manage it."""
    try:
        guild = verify_guild(host, store, person, discord_guild_id, now)
    except GuildOutOfReach:
        # Discord may need a moment until the bot can read a guild that it has only just come to.
        time.sleep(A_MOMENT)
        guild = verify_guild(host, store, person, discord_guild_id, now)
    return AddedGuild(guild.guild_id, guild.name, _lacking(host, guild))


def verify_guild(host: Host, store: Store, person: Person, discord_guild_id: str, now: datetime) -> HostGuild:
    """The guild is the store's, because `person` may manage it; otherwise GuildNotVerified says why not."""
    try:
        guild = verified_guild(host, person, discord_guild_id)
    except HostError as error:
        raise GuildNotVerified(explain(error.kind)) if error.permanent else GuildOutOfReach(NO_ANSWER) from None
    _record_verification(store, guild, now)
    return guild


def approve_site_guild(
    host: Host, store: Store, admin: Person, discord_guild_id: str, now: datetime, reason: str = ""
) -> None:
    """The site's guild is the store's, because an admin says so; GuildNotVerified when the bot is not there."""
    try:
        guild = host.get_guild(discord_guild_id)
    except HostError as error:
        raise GuildNotVerified(explain(error.kind) if error.permanent else NO_ANSWER) from None
    lend_site_guild(store, admin, guild.guild_id, guild.name, now, reason)


def recheck_guilds(host: Host, now: datetime) -> None:
    """Every store's verification is at most a day old; where it does not hold any more it is taken back."""
    for store in guilds_to_recheck(now)[:MOST_AT_ONCE]:
        try:
            guild = verified_guild(host, store.owner, cast(Guild, store.guild).discord_guild_id)
            _record_verification(store, guild, now)
        except (DiscordNotLinked, GuildNotVerified):
            record_verification_lost(store, now)
        except HostError:
            record_no_answer(store, now)  # no answer is no evidence against the coach


def verified_guild(host: Host, person: Person, discord_guild_id: str) -> HostGuild:
    """The guild as Discord has it, if `person` may manage it; HostError when Discord gives no answer."""
    link = find_discord_link(person)
    if link is None:
        raise DiscordNotLinked("Connect your Discord account first: it has to be one that may manage the server.")
    try:
        guild = host.get_guild(discord_guild_id)
        member = host.find_member(discord_guild_id, link.discord_user_id)
    except HostError as error:
        if error.kind in BOT_IS_OUT:
            raise GuildOutOfReach(NOT_THERE) from None
        raise
    if member is None:
        raise GuildNotVerified(NOT_A_MEMBER.format(account=link.username, guild=guild.name))
    if not may_manage(member, guild):
        raise GuildNotVerified(MAY_NOT_MANAGE.format(account=link.username, guild=guild.name))
    return guild


def _record_verification(store: Store, guild: HostGuild, now: datetime) -> None:
    """The guild is the store's, and its owner, who was found in it, is a member."""
    record_guild_verification(store, guild.guild_id, guild.name, now)
    if link := find_discord_link(store.owner):
        record_membership(link, guild.guild_id, "joined", now)


def _lacking(host: Host, guild: HostGuild) -> tuple[Right, ...]:
    """What the bot needs and may not do there; nothing where Discord does not say."""
    try:
        bot = host.find_member(guild.guild_id, host.bot_id())
    except HostError:
        return ()
    return missing_rights(rights_of(bot, guild)) if bot else ()
