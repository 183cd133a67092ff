"""What a demo adds to pages, since one browser plays everybody in it."""

from urllib.parse import urlencode

from flask import current_app

from coaching.accounts.models import Person
from coaching.accounts.queries import find_discord_link


def as_seen_by(person: Person, address: str | None) -> str | None:
    """An address in Discord, for the account of `person`: the stand-in cannot know who sits before the browser."""
    link = find_discord_link(person) if address and current_app.config["DEMO"] else None
    return f"{address}?{urlencode({'as': link.discord_user_id})}" if link else address
