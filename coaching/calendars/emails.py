"""What a coach is written when an outside calendar of theirs cannot be read. Pure."""

SUBJECT = "An outside calendar of yours cannot be read"
PAGE = "/dashboard/calendars"
HOURS, DAYS = 60, 24 * 60


def email_about(
    name: str, shown_address: str, fault: str, stale_after_minutes: int, is_blocking: bool, url: str
) -> str:
    """The words of the message: what is wrong, what follows, what to do, and where."""
    if is_blocking:
        follows = (
            "What was read of it is older than you allow. So no times of yours are offered at all, lest somebody books "
            "over something in it. As soon as it is read, they are back."
        )
    else:
        follows = (
            "What was read of it last still counts. When that is older than "
            f"{span_label(stale_after_minutes)}, as you have set it, no times of yours are offered any more."
        )
    paragraphs = (
        f"“{name}” ({shown_address}) says here when you are busy, and cannot be read.",
        fault,
        follows,
        "Mend it, or remove it, here:",
        url + PAGE,
        "It is tried again by itself. This message comes once until the calendar has been read again.\n",
    )
    return "\n\n".join(paragraphs)


def span_label(minutes: int) -> str:
    """A length as people say it: "1 hour", "3 days", "90 minutes"."""
    for size, word in ((DAYS, "day"), (HOURS, "hour")):
        if minutes % size == 0 and minutes:
            count = minutes // size
            return f"{count} {word}{'' if count == 1 else 's'}"
    return f"{minutes} minutes"
