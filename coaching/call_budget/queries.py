"""Reads of the call budget: how it stands, and which calls are left alone until when."""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from coaching.call_budget import limiter as budget
from coaching.call_budget.limiter import Bucket, Limiter
from coaching.call_budget.models import CallHold, CallLimiter
from coaching.db import BaseModel
from coaching.reading import Selection
from coaching.refusals import Refusal

EVERYWHERE = "*"
# Messages to people's own accounts.
DIRECT = "direct"
# Somebody else finds out whether Discord takes the bot again.
UNTIL_IT_IS_KNOWN = timedelta(minutes=1)

_HOLDS: Selection[CallHold] = Selection(lambda: CallHold.select())  # asked with each plan, and for each direct message


@dataclass(frozen=True)
class Standing:
    """How the budget stands: how long the queue is, how many calls were refused lately, and for how long all wait."""

    queue: timedelta
    refused: int
    held_for: timedelta


def standing(now: datetime) -> Standing:
    """How the budget stands now."""
    limiter: Limiter = values_of(Limiter, CallLimiter).first() or Limiter()
    held_until = budget.stopped_until(limiter, now) or now
    return Standing(budget.queue(limiter, now), budget.refusals(limiter, now), held_until - now)


def values_of(kind: type[Limiter] | type[Bucket], table: type[BaseModel]) -> Any:
    """A query of the table's rows as values of this kind, whose fields are columns of the same name."""
    return table.select(*(getattr(table, field.name) for field in fields(kind))).objects(kind)


def holds(now: datetime) -> tuple[dict[str, datetime], bool]:
    """Until when each hold lasts that has not ended; EVERYWHERE is that of every call.

    True with it from a refusal of the bot's token until Discord has taken it again, whether or not its hold has ended.
    """
    known = _HOLDS.all()
    is_bot_refused = any(hold.name == EVERYWHERE and hold.reason == Refusal.UNAUTHORIZED for hold in known)
    return {hold.name: hold.until for hold in known if hold.until > now}, is_bot_refused


def hold_on_direct_messages(now: datetime) -> tuple[datetime, Refusal] | None:
    """Until when no direct message is tried, since none would be taken, and why; None when they may go."""
    known = [(hold.until, Refusal(hold.reason)) for hold in _HOLDS.all() if hold.name in (EVERYWHERE, DIRECT)]
    lasting = [(until, reason) for until, reason in known if until > now]
    if lasting:
        return max(lasting)
    is_bot_refused = Refusal.UNAUTHORIZED in [reason for _, reason in known]
    return (now + UNTIL_IT_IS_KNOWN, Refusal.UNAUTHORIZED) if is_bot_refused else None


def find_hold(name: str) -> CallHold | None:
    """The hold of this name, ended or not."""
    hold: CallHold | None = CallHold.get_or_none(CallHold.name == name)
    return hold
