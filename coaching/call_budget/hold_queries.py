"""Reads of holds: which calls are left alone, and until when."""

from datetime import datetime

from coaching.call_budget.models import CallHold
from coaching.refusals import Refusal

EVERYWHERE = "*"


def holds(machine_now: datetime) -> dict[str, datetime]:
    """Until when each hold lasts that has not ended; EVERYWHERE is that of every call."""
    return {hold.name: hold.until for hold in CallHold.select().where(CallHold.until > machine_now)}


def find_hold(name: str) -> CallHold | None:
    """The hold of this name, ended or not."""
    hold: CallHold | None = CallHold.get_or_none(CallHold.name == name)
    return hold


def is_bot_refused() -> bool:
    """True from a refusal of the bot's token until Discord has taken it again."""
    hold = find_hold(EVERYWHERE)
    return hold is not None and hold.reason == Refusal.UNAUTHORIZED
