"""The port to where outside calendars are kept: what is asked of it, what comes back, and how it can fail. Port."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class FeedText:
    """A calendar as it was sent, with the marks by which it is asked for the next time."""

    text: str
    etag: str = ""
    modified: str = ""


class FeedSource(Protocol):
    """Whoever can read a calendar by its address."""

    def read_feed(self, address: str, etag: str = "", modified: str = "") -> FeedText | None:
        """The calendar, or None where it has not changed since it had these marks; FeedError when it cannot be had."""
