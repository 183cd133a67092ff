"""The nightly backups of a folder: when the next one is due, what it is called, which have to go. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

# When few people book, wherever most of them are; by UTC, so that a change of summer time skips or doubles nothing.
NIGHT_HOUR = 3
TRY_AGAIN = timedelta(hours=1)
STAMP = "%Y%m%d-%H%M%S"
NIGHTLY = re.compile(r"greenroom-([0-9]{8}-[0-9]{6})\.(db|dump)")


@dataclass(frozen=True)
class Policy:
    """How many nightly backups are kept, and for how many days those beyond that number; a count of 0 makes none."""

    count: int
    days: int
    # What is run after each of them, with its path as the last word.
    command: tuple[str, ...] = ()


def is_due(made_at: datetime | None, failed_at: datetime | None, now: datetime) -> bool:
    """True when there was no backup since the last night, and none has just failed."""
    if failed_at is not None and failed_at <= now < failed_at + TRY_AGAIN:
        return False
    return made_at is None or made_at < last_night(now)


def last_night(now: datetime) -> datetime:
    """The latest instant at which a backup was due."""
    tonight = now.astimezone(UTC).replace(hour=NIGHT_HOUR, minute=0, second=0, microsecond=0)
    return tonight if tonight <= now else tonight - timedelta(days=1)


def nightly_name(now: datetime, ending: str) -> str:
    """Such as `greenroom-20270310-030001.db`."""
    return f"greenroom-{now.astimezone(UTC):{STAMP}}.{ending}"


def superfluous(names: Iterable[str], policy: Policy, now: datetime) -> list[str]:
    """Those nightly backups that have to go; what is called otherwise was put there by somebody and stays."""
    dated = sorted(
        ((_made_at(nightly[1]), name) for name in names if (nightly := NIGHTLY.fullmatch(name))), reverse=True
    )
    beyond = dated[max(policy.count, 1) :]
    return [name for made_at, name in beyond if made_at <= now - timedelta(days=policy.days)]


def _made_at(stamp: str) -> datetime:
    return datetime.strptime(stamp, STAMP).replace(tzinfo=UTC)
