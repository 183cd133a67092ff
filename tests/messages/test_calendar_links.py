"""Pure: the addresses that fill in an event of a calendar on the web."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from coaching.messages.calendar_entries import Entry
from coaching.messages.calendar_links import google_address, outlook_address

STARTS_AT = datetime(2027, 3, 9, 17, 0, tzinfo=UTC)
ENTRY = Entry(
    code="gw56pb",
    title="Mixing & “feedback” with Bob #1",
    starts_at=STARTS_AT,
    ends_at=STARTS_AT + timedelta(hours=1),
    zone="Europe/Berlin",
    revision=0,
    is_cancelled=False,
    address="https://calls.example/sessions/gw56pb",
)
pytestmark = pytest.mark.one_database


def test_both_calendars_are_told_what_when_and_where() -> None:
    google, outlook = urlsplit(google_address(ENTRY)), urlsplit(outlook_address(ENTRY))
    assert (google.scheme, google.netloc) == ("https", "calendar.google.com")
    assert (outlook.scheme, outlook.netloc) == ("https", "outlook.live.com")
    asked = {name: values[0] for name, values in parse_qs(google.query, strict_parsing=True).items()}
    assert asked["action"] == "TEMPLATE"
    assert (asked["text"], asked["location"]) == (ENTRY.title, ENTRY.address)
    assert asked["dates"] == "20270309T170000Z/20270309T180000Z"
    asked = {name: values[0] for name, values in parse_qs(outlook.query, strict_parsing=True).items()}
    assert (asked["subject"], asked["location"]) == (ENTRY.title, ENTRY.address)
    assert (asked["startdt"], asked["enddt"]) == ("2027-03-09T17:00:00Z", "2027-03-09T18:00:00Z")
    assert ENTRY.address in asked["body"]
