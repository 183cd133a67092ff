"""A coach's page as its form ends in it, and which addresses it may have. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from coaching.catalog.web_pictures import WebPicture
from coaching.coaches.specialties import Specialty

LONGEST_HEADLINE = 100
LONGEST_BIO = 5000
# Earlier addresses lead to the present one for good; whoever tries them all would keep them from others.
MOST_FORMER_SLUGS = 10
# What else stands, or may stand one day, where a coach's page does.
RESERVED = frozenset(
    (
        *("all", "apply", "application", "applications", "coach", "coaches", "edit", "invitation", "invitations"),
        *("me", "new", "page", "preview", "rss", "search", "settings", "sitemap", "specialties"),
    )
)


class PictureChoice(StrEnum):
    """Which picture a page shows: one that was uploaded, Discord's, or none."""

    OWN = "own"
    DISCORD = "discord"
    NONE = "none"


@dataclass(frozen=True)
class ProfileDetails:
    """All that a coach says about themselves; `picture` is a new one, with `OWN` alone."""

    slug: str
    headline: str = ""
    bio: str = ""
    specialties: tuple[Specialty, ...] = ()
    languages: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    is_listed: bool = True
    choice: PictureChoice = PictureChoice.NONE
    picture: WebPicture | None = None
