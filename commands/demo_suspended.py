"""Somebody in the demo whom its admin has suspended. Nobody signs in as them."""

from datetime import datetime

from coaching.accounts.details import DiscordAccount
from coaching.accounts.discord_mutations import sign_up_with_discord
from coaching.accounts.models import Person
from coaching.people.suspension_mutations import suspend_person

ACCOUNT = DiscordAccount("1210000000000000099", "kimstray", "Kim Stray")
WHY = "Advertised another site to eleven students by direct message, after a warning."


def plant_suspended(admin: Person, now: datetime) -> None:
    """They are there, and let in nowhere."""
    suspend_person(sign_up_with_discord(ACCOUNT, "Europe/Paris", now), admin, WHY, now)
