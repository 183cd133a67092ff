"""What is written to a coach for a student who cannot book by themselves. Pure."""

from coaching.accounts.emails import Email
from coaching.notices.kinds import MessageKind


def asks_to_book(name: str, title: str, text: str, page: str) -> Email:
    """A student whom a call refuses writes to its coach; `page` is the address of the student's page."""
    return Email(
        MessageKind.COACH_ASKED,
        "A student asks for a call with you",
        "\n\n".join(
            (
                f"{name} would like to book “{title}”.",
                "They did not come to two calls with you in the last 90 days, and this call refuses whoever did that: "
                "you have turned it on under Options.",
                # One paragraph, which cannot be taken for an address or a line of ours.
                f"They write: “{' '.join(text.split())}”",
                "You can keep a time for them all the same.",
                "Open their page:",
                page,
            )
        )
        + "\n",
    )
