"""By which channel a message goes to its person, and whether it waits. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from coaching.hours.wall_clock import instant_of
from coaching.notices.kind_rules import KindRules
from coaching.notices.kinds import Channel


class Way(StrEnum):
    """What a person chose for one kind of message."""

    MAIL = "mail"
    DISCORD = "discord"
    BOTH = "both"
    OFF = "off"


class DmTrouble(StrEnum):
    """Why the bot cannot write to somebody on Discord."""

    CLOSED = "closed"  # they take no direct messages from members of the server
    NO_SERVER = "no_server"  # they share no server with the bot


class MailTrouble(StrEnum):
    """Why no mail reaches somebody."""

    NO_MAIL_SERVER = "no_mail_server"  # this site sends none
    NO_ADDRESS = "no_address"
    NOT_CONFIRMED = "not_confirmed"
    REFUSED = "refused"  # their address refused one for good


@dataclass(frozen=True)
class Reach:
    """Where a person can be reached now: an address and a Discord account, or why not."""

    address: str | None = None
    discord_user_id: str | None = None
    mail_trouble: MailTrouble | None = None
    dm_trouble: DmTrouble | None = None
    takes_discord: bool = True

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels that lead to the person, the one for whoever has not chosen first."""
        ways = {Channel.MAIL: self.address, Channel.DISCORD: self.discord_user_id}
        return tuple(channel for channel, recipient in ways.items() if recipient)


@dataclass(frozen=True)
class QuietHours:
    """From and until when, in minutes after midnight of a wall clock; they may pass midnight."""

    from_minute: int
    until_minute: int
    zone: str

    def end_after(self, now: datetime) -> datetime | None:
        """When the quiet hours end in which `now` lies, in UTC; None outside of them."""
        zone = ZoneInfo(self.zone)
        today = now.astimezone(zone).date()
        for day in (today - timedelta(days=1), today):
            begins, ends = self._on(day, zone)
            if begins <= now < ends:
                return ends
        return None

    def _on(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
        passes_midnight = self.until_minute <= self.from_minute
        last_day = day + timedelta(days=1) if passes_midnight else day
        return instant_of(day, self.from_minute, zone), instant_of(last_day, self.until_minute, zone)


@dataclass(frozen=True)
class Go:
    """Send it by these channels."""

    channels: tuple[Channel, ...]


@dataclass(frozen=True)
class Wait:
    """Ask again then."""

    until: datetime


@dataclass(frozen=True)
class PutAside:
    """Do not send it; `state` is one of the outbox's."""

    state: str
    reason: str | None = None


Route = Go | Wait | PutAside
UNREACHABLE = "nobody knows where to reach them"


def route(
    rules: KindRules,
    way: Way | None,
    reach: Reach,
    quiet: QuietHours | None,
    worth_until: datetime | None,
    now: datetime,
) -> Route:
    """What becomes of a message that is due at `now`, by its kind, its person's choice, and where they can be reached.

    Who chose a channel that does not lead to them gets it by the other one. `worth_until` is exclusive.
    """
    if worth_until and now >= worth_until:
        return PutAside("expired")
    if rules.can_be_off and (way is Way.OFF or (way is None and not rules.is_on)):
        return PutAside("off")
    if not reach.channels:
        return PutAside("held", UNREACHABLE)
    if rules.waits and quiet and (until := quiet.end_after(now)):
        return Wait(until) if worth_until is None or until < worth_until else PutAside("expired", "only in quiet hours")
    if way is Way.BOTH:
        return Go(reach.channels)
    chosen = {Way.MAIL: Channel.MAIL, Way.DISCORD: Channel.DISCORD}.get(way) if way else None
    return Go((chosen,)) if chosen in reach.channels and chosen else Go(reach.channels[:1])


def other_channel(channel: Channel, reach: Reach) -> Channel | None:
    """The channel that takes over where this one refused for good."""
    return next((candidate for candidate in reach.channels if candidate != channel), None)


def next_morning(zone: str, after: datetime, minute: int = 7 * 60) -> datetime:
    """The first time after `after` at which the wall clock of `zone` shows this minute of the day, in UTC."""
    there = ZoneInfo(zone)
    day = after.astimezone(there).date()
    today = instant_of(day, minute, there)
    return today if today > after else instant_of(day + timedelta(days=1), minute, there).astimezone(UTC)
