"""What a coach reads in the morning. Pure."""

from zoneinfo import ZoneInfo

from coaching.messages.blocks import Button, Facts, Links, Message
from coaching.messages.facts import DayMessage
from coaching.messages.sender import Sender
from coaching.messages.texts.formats import formats_of
from coaching.messages.texts.parts import one_line
from coaching.messages.texts.times import clock_span
from coaching.zones import zone_label


def day_text(day: DayMessage, sender: Sender) -> Message | None:
    """The calls of the day; None when all of them have gone meanwhile."""
    if not day.calls:
        return None
    formats, count = formats_of(day.language, day.has_12_hours), len(day.calls)
    calls = "one call" if count == 1 else f"{count} calls"
    today = formats.short_day(day.now.astimezone(ZoneInfo(day.zone)))
    rows, links = [], []
    for call in day.calls:
        time, name = clock_span(call.starts_at, call.ends_at, day.zone, formats), one_line(call.student_name)
        said = ", who has said that they are coming" if call.is_coming else ""
        rows.append((time, f"{one_line(call.title)} with {name}{said}"))
        links.append(
            (f"{time}, {name}", sender.session_url(call.code, key=sender.session_key(call.code, None, call.revision)))
        )
    return Message(
        f"Your calls · {today} · {count}",
        f"You give {calls} today. Times in {zone_label(day.zone)}.",
        (
            Facts(tuple(rows)),
            Button("Open your dashboard", f"{sender.url}/dashboard"),
            Links(tuple(links), "Their pages:"),
        ),
    )
