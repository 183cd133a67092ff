"""Somebody's calendar elsewhere, as its provider hands it out: one appointment, always nearly three weeks from now."""

from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response

from sandbox.context import here

calendars = Blueprint("calendars", __name__)

DAYS_FROM_NOW = 20
LINES = (
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Sandbox//Calendar//EN",
    "BEGIN:VEVENT",
    "UID:appointment@sandbox",
    "DTSTAMP:{day}T000000Z",
    "DTSTART:{day}T100000Z",
    "DTEND:{day}T123000Z",
    "SUMMARY:Appointment in town",
    "END:VEVENT",
    "END:VCALENDAR",
)


@calendars.get("/calendars/<name>.ics")
def calendar(name: str) -> Response:
    """The calendar, whoever's it is."""
    today = datetime.fromtimestamp(here().config.clock(), UTC)
    day = f"{today + timedelta(days=DAYS_FROM_NOW):%Y%m%d}"
    text = "".join(line.format(day=day) + "\r\n" for line in LINES)
    return Response(text, mimetype="text/calendar")
