"""How much of what may be done in which time, all in one place. Pure. The guide for self-hosters has the same table.

Each is counted in a window that begins with the first of its uses. Page views are counted otherwise (buckets.py).
"""

from dataclasses import dataclass
from datetime import timedelta

from coaching.origins import is_loopback, origin_of

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
# After the first ten wrong passwords, and after each further one.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 4, 8, 15))


@dataclass(frozen=True)
class RateLimit:
    """At most so many in a window. `sentence` is what the person reads; {when} stands for when to come back.

    With `pauses` no window has to end: each further use is let in after the next pause.
    """

    name: str
    most: int
    window: timedelta
    sentence: str
    pauses: tuple[timedelta, ...] = ()


@dataclass(frozen=True)
class Use:
    """One use of a limit, by whoever or whatever `key` stands for; of bytes there may be many."""

    limit: RateLimit
    key: str
    by: int = 1


OTHER_WAYS = "Or sign in with Discord, or ask for a new password."
WRONG_PASSWORDS = RateLimit(
    "wrong passwords, account and address",
    10,
    timedelta(minutes=15),
    f"There were too many wrong passwords. Try again {{when}}. {OTHER_WAYS}",
    PAUSES,
)
WRONG_PASSWORDS_KNOWN_BROWSER = RateLimit(
    "wrong passwords, known browser",
    10,
    timedelta(minutes=15),
    f"There were too many wrong passwords. Try again {{when}}. {OTHER_WAYS}",
    PAUSES,
)
WRONG_PASSWORDS_ACCOUNT = RateLimit(
    "wrong passwords, account",
    100,
    HOUR,
    "There were too many wrong passwords for this account. Try again {when}, or in a browser in which you have signed "
    f"in before. {OTHER_WAYS}",
)
WRONG_PASSWORDS_NETWORK = RateLimit(
    "wrong passwords, address",
    500,
    HOUR,
    "Too many wrong passwords came from your network. Try again {when}, or in a browser in which you have signed in "
    f"before. {OTHER_WAYS}",
)
SIGN_UPS = RateLimit(
    "sign-ups", 100, HOUR, "Too many accounts were made from your network. Nothing was done. Try again {when}."
)
TAKEN_ANSWERS = RateLimit(
    "taken answers",
    20,
    HOUR,
    "Too many addresses that others have here were tried from your network. Nothing was done. Try again {when}.",
)
LINKS_TO_MAILBOX_HOUR = RateLimit(
    "links to a mailbox, hour",
    5,
    HOUR,
    "So many links were asked for this address already that none was sent. Look among unwanted mail, or ask again "
    "{when}.",
)
LINKS_TO_MAILBOX_DAY = RateLimit("links to a mailbox, day", 15, DAY, LINKS_TO_MAILBOX_HOUR.sentence)
LINKS_BY_ACCOUNT = RateLimit(
    "links by an account", 20, DAY, "Your account asked for too many links by mail. None was sent. Ask again {when}."
)
LINKS_BY_NETWORK = RateLimit(
    "links by an address",
    60,
    HOUR,
    "Too many links by mail were asked for from your network. None was sent. Ask again {when}.",
)
NOT_KEPT = (
    "What you filled in could not be kept for you: there is room again {when}. Go back, where it still is, and copy it "
    "before you go on."
)
KEPT_FORMS = RateLimit("kept forms", 300, HOUR, NOT_KEPT)
KEPT_FORM_BYTES = RateLimit("kept forms, bytes", 5 * 1024 * 1024, DAY, NOT_KEPT)
WRONG_SECRETS = RateLimit("wrong secrets", 10, timedelta(minutes=10), "Too many wrong secrets. Come back {when}.")
WRONG_KEYS = RateLimit(
    "wrong keys of sessions",
    60,
    timedelta(minutes=10),
    "Too many links that open nothing came from your network. Try again {when}, or sign in to see the session.",
)
WRONG_CODES = RateLimit(
    "wrong discount codes",
    30,
    HOUR,
    "Very many codes were tried from your network. Try this one {when}, or take it out to book without it.",
)
LINK_CHANGES = RateLimit(
    "changes by a link",
    10,
    HOUR,
    "This session was changed very often by links of late. Nothing was changed now. Try again {when}, or sign in.",
)

CALENDARS_ASKED = RateLimit(
    "outside calendars asked",
    60,
    HOUR,
    "You have had outside calendars read many times. They are read by themselves, too; ask again {when}.",
)
PAYMENT_KEYS_TRIED = RateLimit(
    "payment keys tried",
    30,
    HOUR,
    "Keys were tried many times in the last hour. Nothing was done. Try again {when}.",
)
WRONG_EVENTS = RateLimit("wrong payment events", 10, timedelta(minutes=10), "Too many wrong events. Try again {when}.")
TEST_MESSAGES = RateLimit(
    "test messages", 10, HOUR, "You have asked for many test messages on Discord. Ask for the next one {when}."
)
REVIEWS_WRITTEN = RateLimit(
    "reviews written",
    20,
    HOUR,
    "You have written or changed many reviews in the last hour. This one was not kept: send it again {when}.",
)
REVIEWS_REPORTED = RateLimit(
    "reviews reported",
    10,
    DAY,
    "You have reported many reviews today. This report was not sent: send it again {when}.",
)
WORDS_TO_COACH = RateLimit(
    "messages to a coach",
    3,
    DAY,
    "You have written to this coach several times today. This message was not sent: send it {when}.",
)
FOLDER_WRITES = RateLimit(
    "words in folders",
    200,
    HOUR,
    "You have written very much in the last hour. This was not kept: send it again {when}.",
)


def network_of(address: str) -> str | None:
    """What is counted together: an IPv4 address, or an IPv6 network. None for what is not limited by where it is from.

    A loopback address is this machine, or a proxy that nobody declared and which then stands for everybody.
    """
    return origin_of(address) if address and not is_loopback(address) else None


def retry_label(wait: timedelta) -> str:
    """When to come back, never too early: `in 40 seconds`, `in a minute`, `in 2 hours`."""
    seconds = max(-(-wait // timedelta(seconds=1)), 1)
    for length, name, singular in ((86_400, "day", "a day"), (3_600, "hour", "an hour"), (60, "minute", "a minute")):
        count = -(-seconds // length)
        # Up to two of the larger ones the smaller ones are told: an hour too long is long.
        if count > 2 or seconds == count * length:
            return f"in {singular}" if count == 1 else f"in {count} {name}s"
    return "in a second" if seconds == 1 else f"in {seconds} seconds"
