"""Reads of holds: which calls are left alone, and until when."""

from datetime import datetime

from coaching.call_budget.models import CallHold
from coaching.refusals import Refusal

EVERYWHERE = "*"


def holds(machine_now: datetime) -> tuple[dict[str, datetime], bool]:
    """Until when each hold lasts that has not ended; EVERYWHERE is that of every call.

    True with it from a refusal of the bot's token until Discord has taken it again, whether or not its hold has ended.
    """
    known = list(CallHold.select())
    is_bot_refused = any(hold.name == EVERYWHERE and hold.reason == Refusal.UNAUTHORIZED for hold in known)
    return {hold.name: hold.until for hold in known if hold.until > machine_now}, is_bot_refused


def find_hold(name: str) -> CallHold | None:
    """The hold of this name, ended or not."""
    hold: CallHold | None = CallHold.get_or_none(CallHold.name == name)
    return hold
