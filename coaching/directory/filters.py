"""What somebody looks for in the directory, and in which order they want it. Pure."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from coaching.coaches.specialties import key_of

LONGEST_WORDS = 60
# By which order the list can be asked for; the first is the one without asking.
SORTS = ("next", "rating", "price", "newest")
# Stars that can be asked for as the least.
RATINGS = ("3", "4", "4.5")


@dataclass(frozen=True, slots=True)
class Filter:
    """What a coach must fulfil to be listed; what is empty everybody fulfils."""

    specialty: str = ""
    highest_cents: int | None = None  # of `currency`
    currency: str = ""
    language: str = ""  # a tag
    rating: str = ""  # one of RATINGS
    free_until: datetime | None = None

    @property
    def parts(self) -> list[str]:
        """The parts that leave somebody out, by name."""
        said = {
            "specialty": self.key,
            "price": self.highest_cents is not None,
            "language": self.language,
            "rating": self.rating,
            "free": self.free_until is not None,
        }
        return [name for name, is_said in said.items() if is_said]

    @property
    def key(self) -> str:
        """How the words are compared with specialties, cut where nobody types as much."""
        return key_of(self.specialty[: 2 * LONGEST_WORDS])[:LONGEST_WORDS].strip()

    def without(self, part: str) -> "Filter":
        """The same, but for one part."""
        match part:
            case "specialty":
                return replace(self, specialty="")
            case "price":
                return replace(self, highest_cents=None)
            case "language":
                return replace(self, language="")
            case "rating":
                return replace(self, rating="")
            case _:
                return replace(self, free_until=None)


def week_ends_at(now: datetime, zone: str, first_weekday: int) -> datetime:
    """The instant at which this week is over in a zone, where weeks begin with that weekday (0 is Monday)."""
    today = now.astimezone(ZoneInfo(zone)).date()
    days_left = 7 - (today.weekday() - first_weekday) % 7
    ends_on = today + timedelta(days=days_left)
    return datetime(ends_on.year, ends_on.month, ends_on.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
