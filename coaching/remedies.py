"""Commands, pages, settings and times in what a check says, spelled for whoever reads it. Pure.

A remedy names a command as `flask db migrate` and a page as `/admin/messages`, both in backticks: where it is read
decides how the command is called there, and what the page's whole address is. A sentence has its instants in backticks,
too (`instant`): where it is read decides by which clock they are shown.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

RESTART = "`restart`"
SETTINGS = "`settings`"
LOG = "`log`"
PORTAL = "https://discord.com/developers/applications"
_INSTANT = re.compile(r"`(20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ)`")
_NAMED = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Ways:
    """How whoever runs a site gets at it."""

    command: str  # in place of `flask`
    restart: str
    log: str
    settings: str  # in words
    data_dir: str
    site_url: str
    invitation: str  # Discord's page that adds the bot to a server


def spelled(remedy: str, ways: Ways) -> str:
    """The remedy with each command as it is called here, and each page with its whole address."""
    return _NAMED.sub(lambda match: _spelled(match[1], ways), remedy)


def instant(at: datetime) -> str:
    """An instant as it stands in a sentence."""
    return f"`{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}`"


def in_utc(at: datetime) -> str:
    """An instant for the command line, and for whoever hands it on."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def with_times(sentence: str, say: Callable[[datetime], str] = in_utc) -> str:
    """The sentence with each of its instants as `say` words it."""
    return _INSTANT.sub(lambda match: _said(match, say), sentence)


def change(setting: str) -> str:
    """What to do about a setting, from where it stands to when it holds."""
    return f"Change {setting} in {SETTINGS}, then: {RESTART}."


def invite(guild_id: str = "") -> str:
    """The page of Discord that adds the bot to this server, or to one chosen there."""
    return f"`invite {guild_id}`"


def _said(match: re.Match[str], say: Callable[[datetime], str]) -> str:
    try:
        return say(datetime.fromisoformat(match[1]))
    except ValueError:  # Somebody called a server so.
        return match[0]


def _spelled(named: str, ways: Ways) -> str:
    first, _, rest = named.partition(" ")
    if named.startswith("/"):
        return ways.site_url + named
    if first == "invite":
        return ways.invitation + (f"&guild_id={rest}&disable_guild_select=true" if rest else "")
    if named == "settings":
        return ways.settings
    if first == "flask":
        return f"`{ways.command} {rest.replace('DATA_DIR', ways.data_dir)}`"
    command = {"restart": ways.restart, "log": ways.log}.get(named, named)
    return f"`{command}`"
