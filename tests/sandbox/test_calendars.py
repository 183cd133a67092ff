"""The calendar that the demo's coach has elsewhere."""

from datetime import UTC, datetime, time, timedelta

from coaching.calendars.essence import essence_of
from commands.demo_waiting import BUSY


def test_it_says_what_the_demo_begins_with(discord) -> None:
    answer = discord.client.get("/calendars/nova.ics")
    assert answer.mimetype == "text/calendar"
    today = datetime.fromtimestamp(discord.client.application.extensions["sandbox"].config.clock(), UTC).date()
    begins, ends = (datetime.combine(today + timedelta(BUSY[0]), time(), UTC) + timedelta(hours=at) for at in BUSY[1:])
    assert f"DTSTART:{begins:%Y%m%dT%H%M%SZ}" in answer.text
    assert f"DTEND:{ends:%Y%m%dT%H%M%SZ}" in answer.text
    assert "Appointment" not in str(essence_of(answer.text))
