"""What can be wrong with an outside calendar, in words for its coach, each with the remedy. Pure."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from enum import StrEnum

from coaching.plain_text import clean

MOST_MEGABYTES = 2
MOST_EVENTS = 5_000
MOST_INSTANCES = 20_000
MOST_NAMED = 3
LONGEST_NAME = 40


class Fault(StrEnum):
    """Why a calendar was not read."""

    # One wording for whatever goes wrong on the network: it tells nobody what lies behind which address.
    UNREACHABLE = "unreachable"
    GONE = "gone"
    REFUSED = "refused"
    IN_TROUBLE = "in trouble"
    LEADS_ON = "leads on"
    TOO_LARGE = "too large"
    NO_CALENDAR = "no calendar"
    BROKEN = "broken"
    TOO_MANY = "too many"
    TOO_OFTEN = "too often"
    TOO_HARD = "too hard"
    NO_KEY = "no key"


SENTENCES: Mapping[Fault, str] = {
    Fault.UNREACHABLE: "Nothing answered at this address within ten seconds, or it is not on the public internet. "
    "Check that it is the whole address, and that it opens in a private window of your browser.",
    Fault.GONE: "There is no calendar at this address any more. It may have been reset, or is no longer shared. Copy "
    "the address anew from your calendar and replace it here.",
    Fault.REFUSED: "The calendar’s server wants to know who is asking. An address of a page, or of a calendar that is "
    "not shared, does that. Use the private address that ends in .ics.",
    Fault.IN_TROUBLE: "The calendar’s server says that it is in trouble. There is nothing for you to do: it is asked "
    "again by itself.",
    Fault.LEADS_ON: "This address leads on to another one, again and again. Copy the address anew from your calendar "
    "and replace it here.",
    Fault.TOO_LARGE: f"The calendar is larger than {MOST_MEGABYTES} MB. Share one that has only what counts, or delete "
    "old events from it.",
    Fault.NO_CALENDAR: "There is something at this address, but no calendar: most likely a page. Use the address that "
    "your calendar names for iCal or ICS.",
    Fault.BROKEN: "The calendar ends in the middle, or is written in a way that cannot be read. It is asked again by "
    "itself. If that does not help, copy the address anew.",
    Fault.TOO_MANY: f"The calendar has more than {MOST_EVENTS:,} events. Share one that has only what counts, or "
    "delete old events from it.",
    Fault.TOO_OFTEN: "An event in it repeats every second or minute, or all of them together come to more than "
    f"{MOST_INSTANCES:,} in a year. Give that event another rhythm, or an end.",
    Fault.TOO_HARD: "The calendar’s repetitions take too long to work out. Look for an event with an odd repetition, "
    "and delete it or give it an end.",
    Fault.NO_KEY: "The address cannot be read any more: the key it was encrypted with is missing. Copy it anew from "
    "your calendar and replace it here.",
}


class FeedError(Exception):
    """A calendar that could not be had. It says nothing of what was sent, and nothing of the address."""

    def __init__(self, fault: Fault, retry_after: timedelta | None = None) -> None:
        super().__init__(fault.value)
        self.fault = fault
        self.retry_after = retry_after


def unknown_zones(names: Collection[str], zone_label: str) -> str:
    """That these time zones are not known, and how their times are read."""
    named = [f"“{clean(name)[:LONGEST_NAME]}”" for name in sorted(names)]
    more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
    said = f"{', '.join(named[:MOST_NAMED])}{more}"
    which = "a time zone that nobody knows" if len(named) == 1 else "time zones that nobody knows"
    return f"Some events name {which}: {said}. Their times are read as those of {zone_label}. Check them there."


def unreadable_events(count: int) -> str:
    """That so many events could not be read."""
    if count == 1:
        return "One event could not be read and does not count as busy. Look for it in the calendar."
    return f"{count:,} events could not be read and do not count as busy. Look for them in the calendar."
