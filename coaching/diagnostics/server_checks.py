"""What a look at a server finds: rights, channels, roles and categories, what comes, and how to mend it. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

from coaching.checks import (
    DELETE_CHANNELS,
    DELETE_ROLES,
    FEW_CHANNELS_LEFT,
    INVITE_AGAIN,
    MOST_CHANNELS,
    MOST_ROLES,
    Check,
    bad,
    good,
    passing,
    warning,
)
from coaching.guild_parts import CATEGORY, VOICE, Channel, HostGuild, Member, Role
from coaching.guild_rights import NEEDED_RIGHTS, right_name

CHANNELS_IN_CATEGORY = 50  # Discord's limit
MOST_CATEGORIES = 50
FEW_ROLES_LEFT = 10
AHEAD = timedelta(days=2)
# Discord takes about 250 new roles in two days, other bots' included, and then none for hours. It says so nowhere.
MANY_NEW_ROLES = 100
WITHOUT_ROLES = "Or choose another way under “Who gets in”, on the page of the store's server."


def rights_checks(rights: int) -> Iterator[Check]:
    """Each right the bot needs on a server: held, or missing with the reason it is needed."""
    for right, reason in NEEDED_RIGHTS.items():
        name = f"Right “{right_name(right)}”"
        if rights & right:
            yield good(name, f"The bot has it, {reason}.")
            continue
        yield bad(
            name,
            f"The bot lacks it, and needs it {reason}.",
            f"In Discord open Server settings, Roles, choose the bot's role and turn on “{right_name(right)}”. "
            "Or invite the bot again: that gives it every right it needs.",
        ).fixed_by_inviting()


def channels_check(count: int) -> Check:
    """How much room a server has left on which the bot sees so many channels: there may be more."""
    name, left = "Free channels", MOST_CHANNELS - count
    if left <= 0:
        return bad(
            name,
            f"The server has {count} channels, which is as many as Discord allows. No room can be made.",
            DELETE_CHANNELS,
        )
    if left <= FEW_CHANNELS_LEFT:
        return warning(
            name,
            f"The bot sees {count} channels; only {left} more can be made, or fewer if there are hidden ones.",
            f"{DELETE_CHANNELS} Discord allows {MOST_CHANNELS} on one server.",
        )
    return good(name, f"{left} of {MOST_CHANNELS} channels are free, as far as the bot can see.")


def rank_check(guild: HostGuild, bot: Member, role_ids: Collection[str]) -> Check:
    """Whether the bot's highest role stands above those of `role_ids`, which it has to give and to take."""
    name = "Role rank"
    own = max((role for role in guild.roles if role.role_id in bot.role_ids), key=_rank, default=None)
    if own is None:
        sentence = "The bot has no role, and nobody without one can give roles to others."
        return bad(name, sentence, INVITE_AGAIN).fixed_by_inviting()
    too_high = [role.name for role in guild.roles if role.role_id in role_ids and _rank(role) > _rank(own)]
    if too_high:
        return bad(
            name,
            f"The bot can neither give nor take {_listed(too_high)}: it may only do that with roles below its own.",
            f"In Discord open Server settings, Roles, and drag “{own.name}” above {_listed(too_high)}.",
        )
    return good(name, f"The bot's role “{own.name}” stands above every role it has to give.")


def roles_check(count: int) -> Check:
    """How many more roles fit on a server with so many."""
    name, left = "Free roles", max(MOST_ROLES - count, 0)
    if left <= FEW_ROLES_LEFT:
        more = "none" if left == 0 else f"only {left}"
        return warning(
            name,
            f"The server has {count} roles; {more} more can be made. Rooms for which there is no role come without.",
            f"{DELETE_ROLES} Discord allows {MOST_ROLES} on one server.",
        )
    return good(name, f"{left} of {MOST_ROLES} roles are free.")


def category_check(category_ids: Collection[str], channels: Collection[Channel]) -> Check | None:
    """How much room our own categories have left; None while there is none."""
    name = "Free places in categories"
    taken = Counter(channel.parent_id for channel in channels)
    ours = [channel for channel in channels if channel.channel_id in category_ids]
    if not ours:
        return None
    left = [max(CHANNELS_IN_CATEGORY - taken[channel.channel_id], 0) for channel in ours]
    free_places = ", ".join(
        f"“{channel.name}” {free} of {CHANNELS_IN_CATEGORY}" for channel, free in zip(ours, left, strict=True)
    )
    if any(left):
        return good(
            name, f"Free for rooms, as far as the bot can see: {free_places}. Once they are full we make another one."
        )
    if sum(channel.kind == CATEGORY for channel in channels) < MOST_CATEGORIES:
        return good(name, f"Ours are full ({free_places}); the next room brings another one.")
    return bad(
        name,
        f"Ours are full ({free_places}), and the server has as many categories as Discord allows.",
        "In Discord right-click a category that nobody needs and choose Delete Category.",
    )


def age_check(guild: HostGuild, category_ids: Collection[str], channels: Collection[Channel]) -> Check | None:
    """Whether rooms stand where members without age verification see nothing; None where nothing can hide them."""
    name = "Age restriction"
    ours = set(category_ids)
    restricted = [
        channel for channel in channels if channel.is_age_restricted and ours & {channel.channel_id, channel.parent_id}
    ]
    sentence = "Members whose age Discord has not verified do not see"
    if guild.is_age_restricted:
        return bad(
            name,
            f"The whole server is age-restricted. {sentence} what is on it, so that they cannot enter their rooms.",
            "In Discord open Server settings, Overview, and turn “Age-Restricted Server” off. Or use another server.",
        )
    if not restricted:
        return good(name, "No place for rooms is age-restricted.") if category_ids else None
    names = _listed(channel.name for channel in restricted)
    return bad(
        name,
        f"Age-restricted: {names}. {sentence} rooms in such a place.",
        f"In Discord right-click {names}, choose Edit, and turn “Age-Restricted” off under Overview.",
    )


def shared_category_check(store_name: str, category_id: str | None, channels: Iterable[Channel]) -> Check:
    """Whether those who hold the store's role have anywhere to talk."""
    name, here = f"Voice channel of {store_name}", {channel.channel_id: channel for channel in channels}
    category = here.get(category_id or "")
    if category is None:
        return passing(
            warning(
                name,
                "The coaching category is not there yet. It is made within minutes, together with its role; then it "
                "needs a voice channel, which only you can make in it.",
                "",
            )
        )
    inside = [channel.name for channel in here.values() if (channel.kind, channel.parent_id) == (VOICE, category_id)]
    if not inside:
        return bad(
            name,
            f"“{category.name}” has no voice channel, so that coach and student have nowhere to talk.",
            f"In Discord press + beside “{category.name}”, choose Voice, name it, and leave its permissions as those "
            "of the category: whoever holds the role can then enter.",
        )
    return good(name, f"Whoever holds the role can talk in {_listed(inside)}.")


@dataclass(frozen=True)
class Demand:
    """What the sessions of the coming days want of one server, beside the rooms and roles that stand there already."""

    rooms: int = 0  # the most that stand at once
    more_rooms: int = 0
    roles: int = 0
    more_roles: int = 0
    new_roles: int = 0
    store_ids: frozenset[int] = frozenset()  # whose sessions they are


def most_at_once(spans: Iterable[tuple[datetime, datetime]]) -> int:
    """How many of the spans overlap at the busiest instant; one that ends as another begins makes room for it."""
    changes = sorted(change for begins, ends in spans if begins < ends for change in ((begins, 1), (ends, -1)))
    return max(accumulate(change for _, change in changes), default=0)


def checks_ahead(demand: Demand, channels: int, roles: int) -> Iterator[Check]:
    """What so many channels, as far as the bot sees them, and so many roles mean for the coming sessions."""
    if demand.rooms:
        yield channels_ahead(channels, demand.more_rooms)
    if demand.roles:
        yield roles_ahead(roles, demand.more_roles)
        yield new_roles_ahead(demand.new_roles)


def channels_ahead(count: int, more: int) -> Check:
    """Whether `more` rooms find a place beside `count` channels."""
    name, left = "Rooms of the next two days", max(MOST_CHANNELS - count, 0)
    sentence = f"Up to {more} more rooms stand at once, and {_free(left, 'channel')}."
    if more > left:
        missing = "One room" if more - left == 1 else f"{more - left} rooms"
        return bad(
            name,
            f"{sentence} {missing} cannot be made.",
            f"{DELETE_CHANNELS} At least {more - left} have to go, better some more: Discord also counts channels that "
            "the bot cannot see.",
        )
    if left - more <= FEW_CHANNELS_LEFT:
        return warning(
            name,
            f"{sentence} That is close: Discord also counts channels that the bot cannot see.",
            DELETE_CHANNELS,
        )
    return good(name, sentence)


def roles_ahead(count: int, more: int) -> Check:
    """Whether `more` roles find a place beside `count` of them."""
    name, left = "Roles of the next two days", max(MOST_ROLES - count, 0)
    sentence = f"Up to {more} more roles stand at once, and {_free(left, 'role')}."
    if more > left:
        return warning(
            name,
            f"{sentence} Sessions for which there is none get their rooms without a role.",
            f"{DELETE_ROLES} {WITHOUT_ROLES}",
        )
    return good(name, sentence)


def new_roles_ahead(planned: int) -> Check:
    """What it means that so many roles are to be made in two days."""
    name = "New roles of the next two days"
    if planned > MANY_NEW_ROLES:
        return warning(
            name,
            f"{planned} are to be made. After about 250 in two days, other bots' included, Discord takes no more "
            "for hours; rooms then come without a role.",
            WITHOUT_ROLES,
        )
    return good(name, f"{planned} are to be made, which Discord allows.")


def _rank(role: Role) -> tuple[int, int]:
    # Of two in the same place the older one is higher.
    return role.position, -int(role.role_id)


def _listed(names: Iterable[str]) -> str:
    quoted = [f"“{name}”" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def _free(left: int, noun: str) -> str:
    return f"{left} {noun} is free" if left == 1 else f"{left} {noun}s are free"
