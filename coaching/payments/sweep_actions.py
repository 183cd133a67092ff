"""All that the worker does about money, each minute and whenever it is woken: one list of steps, in their order.

Each step works from rows alone, so that one that was missed, doubled or cut off is made up for by the next run.
"""

import logging
from collections.abc import Callable
from datetime import timedelta

from coaching.now import Now
from coaching.payments.actions import LONGEST_RUN, settle_due
from coaching.payments.dispute_actions import read_disputes
from coaching.payments.money_outcome_mutations import owe_outcome_refunds
from coaching.payments.provider import ProviderOf
from coaching.payments.receipt_mutations import write_receipts
from coaching.payments.refund_actions import refund_due
from coaching.payments.refund_reading_actions import read_refunds
from coaching.payments.restore_actions import read_since_restore
from coaching.payments.settling_mutations import owe_due_refunds

logger = logging.getLogger(__name__)

# While somebody waits for the answer to their request, questions take no longer.
LONGEST_IN_A_REQUEST = timedelta(seconds=8)
Clock = Callable[[], Now]


def look_after_payments(provider_of: ProviderOf, clock: Clock, longest: timedelta = LONGEST_RUN) -> int:
    """Every step was taken; how many rows were attended to. One that breaks keeps no other from its turn."""
    attended = 0
    for name, step in steps_of(provider_of, longest).items():
        try:
            attended += step(clock())
        except Exception:
            logger.exception("a step of the payments broke", extra={"step": name})
    return attended


def steps_of(provider_of: ProviderOf, longest: timedelta) -> dict[str, Callable[[Now], int]]:
    """The steps by their names: what is asked comes before what follows from it. Each says how many rows it was at."""
    return {
        "read what a backup did not know": lambda now: read_since_restore(provider_of, now, longest),
        "ask about payments": lambda now: settle_due(provider_of, now.product, longest),
        "read refunds": lambda now: read_refunds(provider_of, now.product),
        "read disputes": lambda now: read_disputes(provider_of, now.product),
        "owe what the policy gives": lambda now: owe_due_refunds(now.product),
        "owe what the record gives": lambda now: owe_outcome_refunds(now.product),
        "send what is owed": lambda now: refund_due(provider_of, now.product),
        "write receipts": lambda now: write_receipts(now.product),
    }
