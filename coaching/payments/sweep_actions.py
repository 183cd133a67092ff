"""All that the worker does about money, each minute and whenever it is woken: one list of steps, in their order.

Each step works from rows alone, so that one that was missed, doubled or cut off is made up for by the next run.
"""

import logging
from collections.abc import Callable
from datetime import datetime

from coaching.payments.actions import settle_due
from coaching.payments.provider import ProviderOf
from coaching.payments.restore_actions import read_since_restore

logger = logging.getLogger(__name__)

Step = Callable[[ProviderOf, datetime], int]
# What is asked comes before what follows from it. A step says how many rows it has changed.
STEPS: tuple[Step, ...] = (read_since_restore, settle_due)


def look_after_payments(provider_of: ProviderOf, clock: Callable[[], datetime], steps: tuple[Step, ...] = STEPS) -> int:
    """Every step was taken; how many rows they have changed. One that breaks keeps no other from its turn."""
    changed = 0
    for step in steps:
        try:
            changed += step(provider_of, clock())
        except Exception:
            logger.exception("a step of the payments broke", extra={"step": getattr(step, "__name__", "")})
    return changed
