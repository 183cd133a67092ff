"""A look at one Discord server: what the bot may do there, how much room there is, and what of a probe it can make."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from coaching.accounts.actions import check_membership
from coaching.accounts.queries import check_discord, find_discord_link
from coaching.catalog.models import Guild, Store
from coaching.checks import (
    DIRECT_MESSAGES,
    INVITE_AGAIN,
    Check,
    State,
    bad,
    good,
    refused,
    warning,
    worst_first,
)
from coaching.diagnostics.mutations import claim_look_ahead, record_diagnosis, warn_coaches
from coaching.diagnostics.probe_actions import try_a_role, try_a_room
from coaching.diagnostics.queries import Use, demand_on, guilds_to_look_at, owners_of, use_of
from coaching.diagnostics.server_checks import (
    age_check,
    category_check,
    channels_check,
    checks_ahead,
    rank_check,
    rights_checks,
    roles_check,
    shared_category_check,
)
from coaching.guild_parts import Channel, HostGuild, Member
from coaching.guild_rights import missing_rights, right_name, rights_of
from coaching.host import Host, HostError
from coaching.now import Now
from coaching.refusals import BOT_IS_OUT, WAITS, Refusal
from coaching.remedies import change, invite
from coaching.rooms.greeting import plain

MOST_NAMED = 10
MOST_AHEAD_AT_ONCE = 3
AHEAD_EVERY = timedelta(hours=6)
AFTER_NO_ANSWER = timedelta(hours=1)
# What holds for the site's bot holds for the next guild too.
GIVES_UP = WAITS | {Refusal.UNAUTHORIZED}
OPEN_THEM = (
    "In Discord click the server's name, choose Privacy Settings and turn on Direct Messages. "
    "For all your servers that stands in User Settings, Content & Social."
)


def look_at_server(host: Host, guild_id: str, now: Now, store: Store | None = None) -> Iterator[Check]:
    """The bot on one server, used by `store` or by all: is it there, with what rights, and with how much room."""
    use = use_of(guild_id, store)
    try:
        guild, bot = _guild_and_bot(host, guild_id)
        channels = host.list_channels(guild_id) if bot else []
    except HostError as error:
        yield (error.kind in BOT_IS_OUT and not store and _misnamed(host, guild_id)) or refused("Server", error.kind)
        return
    if bot is None:
        yield bad("Server", f"The bot is not on {guild.name}.", INVITE_AGAIN).fixed_by_inviting()
        return
    rights = rights_of(bot, guild)
    yield good("Server", f"The bot is on {guild.name}.")
    yield from rights_checks(rights)
    yield channels_check(len(channels))
    yield from _ahead(guild, channels, now)
    yield from _places(use, guild, channels)
    if use.has_roles:
        yield rank_check(guild, bot, use.role_ids)
        yield roles_check(len(guild.roles))
        yield try_a_role(host, guild_id, rights, now)
    yield try_a_room(host, guild_id, rights, now)


def look_briefly(host: Host, guild: Guild) -> Check:
    """The same in one line, at the cost of two calls."""
    name, use = f"Server {guild.name or guild.discord_guild_id}", use_of(guild.discord_guild_id)
    try:
        host_guild, bot = _guild_and_bot(host, guild.discord_guild_id)
    except HostError as error:
        return refused(name, error.kind)
    lacking = [right_name(right) for right in missing_rights(rights_of(bot, host_guild))] if bot else ["to be there"]
    if lacking:
        return bad(name, f"The bot lacks: {', '.join(lacking)}.", INVITE_AGAIN).fixed_by_inviting()
    rank = rank_check(host_guild, bot, use.role_ids) if bot and use.has_roles else None
    if rank and rank.state != State.OK:
        return replace(rank, name=name)
    return good(name, "The bot is there and has every right it needs.")


def look_at_coach(host: Host, store: Store, now: Now) -> Iterator[Check]:
    """Whether the coach can get into their own rooms, which every other page then knows, too; and whether a direct
    message reaches them: one was sent."""
    link, guild = find_discord_link(store.owner), store.guild
    if link is None or guild is None:
        yield bad("You", "Your Discord account is not connected, so no room lets you in.", "Connect it: `/settings`")
        return
    try:
        check_membership(host, link, guild.discord_guild_id, now.machine)
        if check_discord(store.owner, guild.discord_guild_id).is_member:
            yield good("You", f"Your Discord account {link.username} is on {guild.name}.")
        else:
            remedy = f"Join the server with it: `/store/{store.slug}/guild`"
            yield bad("You", f"Your Discord account {link.username} is not on {guild.name}.", remedy)
    except HostError as error:
        yield refused("You", error.kind)
    try:
        text = f"The server of {plain(store.name, 80)} has just been checked. This message shows that the bot can "
        key = f"check {store.id} {now.machine:%H%M%S}"
        host.post_direct(host.open_dm(link.discord_user_id), f"{text}write to you.", key)
        yield good(DIRECT_MESSAGES, f"One was sent to {link.username} just now.")
    except HostError as error:
        if error.kind == Refusal.DM_REFUSED:
            sentence = f"Discord takes none of ours to {link.username}: their account refuses them."
            yield warning(DIRECT_MESSAGES, sentence, OPEN_THEM)
        else:
            # No room depends on it.
            yield replace(refused(DIRECT_MESSAGES, error.kind), state=State.WARN)


def look_at_free_room(host: Host, now: Now) -> None:
    """Each server's room for the coming sessions was looked at within six hours, and its coaches were warned."""
    for guild in guilds_to_look_at(now, MOST_AHEAD_AT_ONCE):
        if not claim_look_ahead(guild, now, AFTER_NO_ANSWER):
            continue
        demand, guild_id = demand_on(guild, now.product), guild.discord_guild_id
        try:
            # Only what the coming sessions need is asked. The bot may not see every channel.
            channels = host.list_channels(guild_id) if demand.rooms else ()
            roles = host.get_guild(guild_id).roles if demand.roles else ()
        except HostError as error:
            if error.kind in GIVES_UP:
                return
            continue
        checks = worst_first(checks_ahead(demand, len(channels), len(roles)))
        record_diagnosis(guild, checks, now, AHEAD_EVERY)
        warn_coaches(guild, demand.store_ids, checks, now)


def _ahead(guild: HostGuild, channels: list[Channel], now: Now) -> Iterator[Check]:
    """What the coming sessions find there; the dashboard then shows that, too."""
    known = Guild.get_or_none(Guild.discord_guild_id == guild.guild_id)
    if known is None:
        # Nobody has shown it to us.
        return
    demand = demand_on(known, now.product)
    checks = list(checks_ahead(demand, len(channels), len(guild.roles)))
    record_diagnosis(known, worst_first(checks), now, AHEAD_EVERY)
    pages = ", ".join(f"`/store/{store.slug}/guild`" for store in owners_of(demand.store_ids))
    for check in checks:
        # A coach's dashboard and mails lead there by themselves.
        remedy = f"{check.remedy} Whose sessions they are: {pages}"
        yield check if check.state == State.OK else replace(check, remedy=remedy)


def _misnamed(host: Host, guild_id: str) -> Check | None:
    """What is said of a DISCORD_GUILD_ID that names no server of the bot, with those it is on; None where it does."""
    try:
        own = host.own_guilds()
    except HostError:
        return None
    if guild_id in [guild.guild_id for guild in own]:
        return None
    named = ", ".join(f"{guild.guild_id} ({guild.name})" for guild in own[:MOST_NAMED])
    is_on = f"It is on {named}." if own else "It is on no server at all."
    return bad(
        "Server",
        f"DISCORD_GUILD_ID is {guild_id}, and the bot is on no server with that id. {is_on}",
        f"{change('DISCORD_GUILD_ID')} Or add the bot to the server you mean: {invite()}",
    )


def _places(use: Use, guild: HostGuild, channels: list[Channel]) -> Iterator[Check]:
    shared_ids = {category_id for _, category_id in use.shared if category_id}
    checks = (age_check(guild, use.category_ids | shared_ids, channels), category_check(use.category_ids, channels))
    yield from (check for check in checks if check)
    for store_name, category_id in use.shared:
        yield shared_category_check(store_name, category_id, channels)


def _guild_and_bot(host: Host, guild_id: str) -> tuple[HostGuild, Member | None]:
    """The guild and the bot in it, or None when it is not there."""
    guild = host.get_guild(guild_id)
    return guild, host.find_member(guild_id, host.bot_id())
