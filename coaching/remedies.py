"""Commands, pages and settings in a remedy, spelled so that its reader can paste or click them. Pure.

A remedy names a command as `flask db migrate` and a page as `/admin/messages`, both in backticks: where it is read
decides how the command is called there, and what the page's whole address is.
"""

import re
from dataclasses import dataclass

RESTART = "`restart`"
SETTINGS = "`settings`"
LOG = "`log`"
PORTAL = "https://discord.com/developers/applications"
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


def change(setting: str) -> str:
    """What to do about a setting, from where it stands to when it holds."""
    return f"Change {setting} in {SETTINGS}, then: {RESTART}."


def invite(guild_id: str = "") -> str:
    """The page of Discord that adds the bot to this server, or to one chosen there."""
    return f"`invite {guild_id}`"


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
