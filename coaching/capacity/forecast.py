"""Whether a server has room for the sessions of the coming days. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from coaching.checks import (
    DELETE_CHANNELS,
    DELETE_ROLES,
    FEW_CHANNELS_LEFT,
    MOST_CHANNELS,
    MOST_ROLES,
    Check,
    bad,
    good,
    warning,
)

AHEAD = timedelta(days=2)
# Discord takes about 250 new roles in two days, other bots' included, and then none for hours. It says so nowhere.
MANY_NEW_ROLES = 100
WITHOUT_ROLES = "Or choose another way under “Who gets in”, on the page of the store's server."


@dataclass(frozen=True)
class Demand:
    """What the sessions of the coming days want of one server, beside the rooms and roles that stand there already."""

    rooms: int = 0  # the most that stand at once
    rooms_now: int = 0
    roles: int = 0
    roles_now: int = 0
    new_roles: int = 0
    store_ids: frozenset[int] = frozenset()  # whose sessions they are

    @property
    def more_rooms(self) -> int:
        return max(self.rooms - self.rooms_now, 0)

    @property
    def more_roles(self) -> int:
        return max(self.roles - self.roles_now, 0)


def most_at_once(spans: Iterable[tuple[datetime, datetime]]) -> int:
    """How many of the spans overlap at the busiest instant; one that ends as another begins makes room for it."""
    changes = sorted(change for begins, ends in spans if begins < ends for change in ((begins, 1), (ends, -1)))
    most = standing = 0
    for _, change in changes:
        standing += change
        most = max(most, standing)
    return most


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
        return bad(
            name,
            f"{sentence} {_missing(more - left, 'room')}",
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


def _free(left: int, what: str) -> str:
    return f"{left} {what} is free" if left == 1 else f"{left} {what}s are free"


def _missing(count: int, what: str) -> str:
    return f"One {what} cannot be made." if count == 1 else f"{count} {what}s cannot be made."
