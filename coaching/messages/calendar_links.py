"""Addresses that open a calendar on the web with a session filled in, for whoever takes no file. Pure.

Neither is documented by its owner as an interface. Both take times in UTC and are what the buttons of many sites use:
https://github.com/InteractionDesignFoundation/add-event-to-calendar-docs
"""

from datetime import UTC, datetime
from urllib.parse import urlencode

from coaching.messages.calendar_entries import Entry, description_of

GOOGLE = "https://calendar.google.com/calendar/render"
OUTLOOK = "https://outlook.live.com/calendar/0/deeplink/compose"


def google_address(entry: Entry) -> str:
    """Google's page for a new event."""
    asked = {
        "action": "TEMPLATE",
        "text": entry.title,
        "dates": f"{entry.starts_at.astimezone(UTC):%Y%m%dT%H%M%SZ}/{entry.ends_at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        "details": description_of(entry),
        "location": entry.address,
    }
    return f"{GOOGLE}?{urlencode(asked)}"


def outlook_address(entry: Entry) -> str:
    """Outlook.com's page for a new event."""
    asked = {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": entry.title,
        "startdt": _iso(entry.starts_at),
        "enddt": _iso(entry.ends_at),
        "body": description_of(entry),
        "location": entry.address,
    }
    return f"{OUTLOOK}?{urlencode(asked)}"


def _iso(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
