"""What could be wrong with Discord, found out by asking it; no transaction is open meanwhile."""

from collections.abc import Iterator
from dataclasses import dataclass

from coaching.catalog.models import Guild
from coaching.guild_rights import missing_rights, rights_of
from coaching.host import Host, HostError
from coaching.refusals import explain


@dataclass(frozen=True)
class Finding:
    """One thing looked at. What is wrong comes with its remedy."""

    subject: str
    is_fine: bool
    sentence: str


def examine_discord(host: Host) -> Iterator[Finding]:
    """The bot's token, then every guild of a store: is the bot there, with all its rights."""
    try:
        bot_id = host.bot_id()
    except HostError as error:
        yield Finding("Discord", False, explain(error.kind))
        return
    yield Finding("Discord", True, "The bot's token is accepted.")
    for guild in list(Guild.select().order_by(Guild.id)):
        yield _examine_guild(host, guild, bot_id)


def _examine_guild(host: Host, guild: Guild, bot_id: str) -> Finding:
    subject = f"Server {guild.name or guild.discord_guild_id}"
    try:
        there = host.get_guild(guild.discord_guild_id)
        bot = host.find_member(guild.discord_guild_id, bot_id)
    except HostError as error:
        return Finding(subject, False, explain(error.kind))
    lacking = missing_rights(rights_of(bot, there)) if bot else ()
    if bot is None:
        return Finding(subject, False, "The bot is not on this server. Invite it with the address in the README.")
    if lacking:
        names = ", ".join((right.name or "").replace("_", " ").capitalize() for right in lacking)
        return Finding(subject, False, f"The bot lacks: {names}. Invite it again; that gives it what it needs.")
    return Finding(subject, True, "The bot is there and has every right it needs.")
