"""What a coach reads in the morning. Pure."""

from coaching.messages.blocks import Button, Facts, Message
from coaching.messages.facts import DayMessage
from coaching.messages.sender import Sender
from coaching.messages.texts.times import clock_time


def day_text(day: DayMessage, sender: Sender) -> Message | None:
    """The calls of the day; None when all of them have gone meanwhile."""
    if not day.calls:
        return None
    count = len(day.calls)
    headline = f"You give {count} {'call' if count == 1 else 'calls'} today."
    rows = tuple(
        (
            f"{clock_time(one.starts_at, day.zone)} to {clock_time(one.ends_at, day.zone)}",
            f"{one.title}, {one.student_name}",
        )
        for one in day.calls
    )
    return Message(
        f"Your calls today: {count}", headline, (Facts(rows), Button("Open your dashboard", f"{sender.url}/dashboard"))
    )
