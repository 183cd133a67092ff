"""Calendars as tests write them."""


def calendar(*events: str, head: str = "") -> str:
    """A calendar of these events, each given by its lines."""
    bodies = "".join(f"BEGIN:VEVENT\n{event.strip()}\nEND:VEVENT\n" for event in events)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Test//EN\n{head}{bodies}END:VCALENDAR\n".replace("\n", "\r\n")


def event(start: str, *lines: str, uid: str = "one@calendar.example.com") -> str:
    """An event that begins so: `;TZID=Europe/Berlin:20270301T100000`."""
    return "\n".join((f"UID:{uid}", f"DTSTART{start}", *lines))
