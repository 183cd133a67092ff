"""How money stands on the whole site, as checks: what failed, what is stuck, what no booking is known of."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime

from coaching.checks import Check, bad, good, warning
from coaching.payments.trouble_queries import Kind, money_troubles
from coaching.remedies import LOG

MONEY = "Money"
SEE = "See them: `/admin/money`"


def money_checks(now: datetime) -> Iterator[Check]:
    """One check for each thing that is wrong, the gravest first; one that all is well, if it is."""
    yield from checks_of(Counter(trouble.kind for trouble in money_troubles(None, now)))


def checks_of(count: Mapping[Kind, int]) -> Iterator[Check]:
    """The checks for so many troubles of each kind."""
    if failed := count.get(Kind.REFUND_FAILED):
        what = "A refund" if failed == 1 else f"{failed} refunds"
        yield bad(MONEY, f"{what} could not be sent back to students. Their coaches see it, too.", SEE)
    if unlike := count.get(Kind.UNLIKE):
        what = "A payment is" if unlike == 1 else f"{unlike} payments are"
        sentence = f"{what} in Stripe with another amount, currency, mode or booking than here. Nothing of it counts."
        yield bad("Unlike payment", sentence, SEE)
    if unseated := count.get(Kind.UNSEATED):
        what = "A payment belongs" if unseated == 1 else f"{unseated} payments belong"
        remedy = "Their coaches see it, too. Seat them again or give them back: `/dashboard/unbooked-payments`"
        yield bad("Paid without a booking", f"{what} to no booking, as after an older backup was restored.", remedy)
    if stuck := count.get(Kind.STUCK):
        what = "A payment or refund is" if stuck == 1 else f"{stuck} payments and refunds are"
        yield bad("Stuck money", f"{what} stuck for an hour or more. The log says why: {LOG}", SEE)
    if count.get(Kind.UNREAD):
        sentence = (
            "After a restore, or a silence of the worker, what Stripe did since is still to be read. Until then no "
            "money goes back on those accounts."
        )
        yield warning("Reading Stripe", sentence, f"It is tried each minute. If it stays so, the log says why: {LOG}")
    named = (Kind.REFUND_FAILED, Kind.UNLIKE, Kind.UNSEATED, Kind.STUCK, Kind.UNREAD)
    if not any(count.get(kind) for kind in named):
        yield good(MONEY, "No refund has failed, and nothing is stuck.")
