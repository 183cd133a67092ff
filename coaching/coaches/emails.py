"""What is written to applicants, coaches and admins about who may sell. Pure."""

from coaching.accounts.emails import Email
from coaching.notices.kinds import MessageKind

APPLICATION_PAGE = "/become-a-coach"
DASHBOARD_PAGE = "/dashboard"
QUEUE_PAGE = "/admin/coaches"
NEW_STORE_PAGE = "/stores/new"


def applied(name: str, is_again: bool, site_url: str) -> Email:
    """An admin has an application to read."""
    sentence = f"{name} has answered your question." if is_again else f"{name} wants to become a coach."
    return _email(
        MessageKind.COACH_APPLIED,
        "An application to become a coach",
        sentence,
        "Read what they wrote, and decide: they wait for your answer.",
        "Read it here:",
        site_url + QUEUE_PAGE,
    )


def approved(reply: str, site_url: str) -> Email:
    """The applicant may sell, and reads what the admin has to say to it, if anything."""
    return _email(
        MessageKind.APPLICATION_ANSWERED,
        "You are a coach now",
        "Your application was approved.",
        *([_quoted(reply)] if reply else []),
        "Open your store, put a first call into it, and share its address with your students.",
        "Open a store:",
        site_url + NEW_STORE_PAGE,
    )


def asked(question: str, site_url: str) -> Email:
    """The applicant is asked for more."""
    return _email(
        MessageKind.APPLICATION_ANSWERED,
        "A question about your application",
        "Whoever runs this site wants to know more before they decide.",
        _quoted(question),
        "Your application is as you left it. Add to it, and send it again.",
        "Answer it here:",
        site_url + APPLICATION_PAGE,
    )


def rejected(reason: str, site_url: str) -> Email:
    """The applicant may not sell, and reads why."""
    return _email(
        MessageKind.APPLICATION_ANSWERED,
        "Your application was not approved",
        "Your application to become a coach was not approved.",
        _quoted(reason),
        "What you wrote is kept. You may change it and apply again.",
        "See your application:",
        site_url + APPLICATION_PAGE,
    )


def stopped(reason: str, site_url: str) -> Email:
    """The coach may sell nothing new, and reads why."""
    return _email(
        MessageKind.COACH_STANDING,
        "Nobody can book new calls with you for now",
        "Whoever runs this site has taken your approval as a coach back.",
        _quoted(reason),
        "What is booked stays as it is: give those calls, or cancel them. Nothing new can be booked or put on sale.",
        "See your dashboard:",
        site_url + DASHBOARD_PAGE,
    )


def resumed(site_url: str) -> Email:
    """The coach may sell again."""
    return _email(
        MessageKind.COACH_STANDING,
        "New calls can be booked with you again",
        "Whoever runs this site has given you your approval as a coach again.",
        "What was on sale can be booked again at once.",
        "See your dashboard:",
        site_url + DASHBOARD_PAGE,
    )


def _email(kind: MessageKind, subject: str, *paragraphs: str) -> Email:
    return Email(kind, subject, "\n\n".join(paragraphs) + "\n")


def _quoted(text: str) -> str:
    """What somebody typed, as one paragraph that cannot be taken for an address or a line of ours."""
    return f"They write: “{' '.join(text.split())}”"
