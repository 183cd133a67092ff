"""Asking Discord who may decide for a guild; no transaction is open meanwhile."""

from datetime import datetime
from typing import cast

from coaching.accounts.models import Person
from coaching.accounts.queries import find_discord_link
from coaching.catalog.models import Guild, Store
from coaching.catalog.mutations import lend_site_guild, record_guild_proof, record_no_answer, record_proof_lost
from coaching.catalog.queries import guilds_to_recheck
from coaching.errors import DiscordNotLinked, GuildNotProved
from coaching.guild_parts import Guild as HostGuild
from coaching.guild_rights import may_manage
from coaching.host import Host, HostError
from coaching.refusals import Refusal, explain

# With these answers the bot is not in the guild, or there is none of that id.
BOT_IS_OUT = frozenset({Refusal.UNKNOWN_GUILD, Refusal.MISSING_ACCESS})
# A tick is not to spend its minute on this.
MOST_AT_ONCE = 20
NOT_THERE = "The bot is not on a server with this id. Check the id, or invite the bot first, then prove it again."
NO_ANSWER = "Discord did not answer. Nothing was changed; try again in a minute."
NOT_A_MEMBER = "Your Discord account {account} is not on the server “{guild}”. Join it with that account first."
MAY_NOT_MANAGE = (
    "Your Discord account {account} may not manage the server “{guild}”. Only its owner and people with the right "
    "“Manage Server” or “Administrator” can have rooms made there."
)


def prove_guild(host: Host, store: Store, person: Person, discord_guild_id: str, now: datetime) -> None:
    """The guild is the store's, because `person` may manage it; otherwise GuildNotProved says why not."""
    try:
        guild = proved_guild(host, person, discord_guild_id)
    except HostError as error:
        raise GuildNotProved(explain(error.kind) if error.permanent else NO_ANSWER) from None
    record_guild_proof(store, guild.guild_id, guild.name, now)


def approve_site_guild(host: Host, store: Store, admin: Person, discord_guild_id: str, now: datetime) -> None:
    """The site's guild is the store's, because an admin says so; GuildNotProved when the bot is not there."""
    try:
        guild = host.get_guild(discord_guild_id)
    except HostError as error:
        raise GuildNotProved(explain(error.kind) if error.permanent else NO_ANSWER) from None
    lend_site_guild(store, admin, guild.guild_id, guild.name, now)


def recheck_guilds(host: Host, now: datetime) -> None:
    """Every store's proof is at most a day old; where it does not hold any more it is taken back."""
    for store in guilds_to_recheck(now)[:MOST_AT_ONCE]:
        try:
            guild = proved_guild(host, store.owner, cast(Guild, store.guild).discord_guild_id)
            record_guild_proof(store, guild.guild_id, guild.name, now)
        except (DiscordNotLinked, GuildNotProved):
            record_proof_lost(store, now)
        except HostError:
            record_no_answer(store, now)  # no answer is no evidence against the coach


def proved_guild(host: Host, person: Person, discord_guild_id: str) -> HostGuild:
    """The guild as Discord has it, if `person` may manage it; HostError when Discord gives no answer."""
    link = find_discord_link(person)
    if link is None:
        raise DiscordNotLinked("Connect your Discord account first: it has to be one that may manage the server.")
    try:
        guild = host.get_guild(discord_guild_id)
        member = host.find_member(discord_guild_id, link.discord_user_id)
    except HostError as error:
        if error.kind in BOT_IS_OUT:
            raise GuildNotProved(NOT_THERE) from None
        raise
    if member is None:
        raise GuildNotProved(NOT_A_MEMBER.format(account=link.username, guild=guild.name))
    if not may_manage(member, guild):
        raise GuildNotProved(MAY_NOT_MANAGE.format(account=link.username, guild=guild.name))
    return guild
