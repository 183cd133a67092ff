"""What the demo's coaches say about themselves on their pages."""

import hashlib
from datetime import datetime

from coaching.accounts.models import Person
from coaching.coaches.profile import PictureChoice, ProfileDetails
from coaching.coaches.profile_mutations import save_profile
from coaching.coaches.specialties import specialties_of


def avatar_of(discord_id: str) -> str:
    """The hash by which the sandbox knows somebody's picture (sandbox/cdn.py)."""
    return hashlib.md5(discord_id.encode(), usedforsecurity=False).hexdigest()


def plant_profiles(nova: Person, ben: Person, now: datetime) -> None:
    """Both coaches have a page; their pictures are Discord's, which the worker fetches."""
    save_profile(nova, NOVA, now)
    save_profile(ben, BEN, now)


NOVA = ProfileDetails(
    slug="nova-hart",
    headline="Mixing engineer for bedroom producers",
    bio=(
        "I mix and master **independent electronic and pop records** in Berlin, about forty a year.\n\n"
        "On a call we open your session, not a lecture:\n\n"
        "- we listen on your speakers and on mine\n"
        "- I say what I hear, in plain words\n"
        "- you make the change, so that it stays with you\n\n"
        "> You do not need better plug-ins. You need three decisions."
    ),
    specialties=specialties_of(["Mixing", "Mastering", "Vocal production", "Release strategy"]),
    languages=("en", "de"),
    links=("https://example.com/nova", "https://music.example.com/nova-hart"),
    choice=PictureChoice.DISCORD,
)
BEN = ProfileDetails(
    slug="ben-okafor",
    headline="Replay reviews that find the one habit",
    bio=(
        "Former league player, now a coach from New York.\n\n"
        "Send one replay. We stop at the three moments that decided it, and you leave with **one habit** to train."
    ),
    specialties=specialties_of(["Strategy games", "Replay review", "Mindset"]),
    languages=("en", "es"),
    links=("https://example.com/ben",),
    choice=PictureChoice.DISCORD,
)
