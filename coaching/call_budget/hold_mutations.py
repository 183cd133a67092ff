"""Holds: what Discord told us to leave alone for a while is left alone by all processes."""

from datetime import datetime, timedelta

from peewee import Expression

from coaching.call_budget.models import CallHold
from coaching.call_budget.queries import EVERYWHERE, find_hold
from coaching.db import database
from coaching.refusals import Refusal

LONGEST_AFTER_HANGING = timedelta(seconds=30)
# As long as a call waits for its answer, and a little more.
AT_ONCE_AGAIN = timedelta(seconds=15)
# Longer than one call.
PROBED_FOR = timedelta(seconds=20)


def hold_calls(name: str, reason: Refusal, until: datetime) -> None:
    """Hold these calls until then; a hold that lasts longer stays."""
    with database.atomic():
        _keep(name, {"reason": reason, "until": until}, CallHold.until < until)


def hold_hanging_guild(guild_id: str, now: datetime) -> datetime:
    """Hold all calls to a guild in which one hung, for longer each time that this comes at once; until when."""
    with database.atomic():
        hold = find_hold(guild_id)
        until: datetime
        if hold and hold.until > now:
            until = hold.until
            return until
        is_again = hold and hold.reason == Refusal.NO_ANSWER and hold.until > now - AT_ONCE_AGAIN
        hung = hold.hung + 1 if hold and is_again else 1
        # A guild that hangs for hours would otherwise come to a pause that no clock can hold.
        until = now + min(timedelta(seconds=2 ** min(hung, 5)), LONGEST_AFTER_HANGING)
        _keep(guild_id, {"reason": Refusal.NO_ANSWER, "until": until, "hung": hung})
    return until


def claim_probe(now: datetime) -> bool:
    """Claim the one call that finds out whether Discord takes the bot's token again; False while another has it."""
    is_over = (CallHold.name == EVERYWHERE) & (CallHold.until <= now)
    with database.atomic():
        return bool(CallHold.update(until=now + PROBED_FOR).where(is_over).execute())


def release_bot() -> None:
    """Let calls go again: Discord takes the bot's token."""
    with database.atomic():
        CallHold.delete().where(CallHold.name == EVERYWHERE, CallHold.reason == Refusal.UNAUTHORIZED).execute()


def _keep(name: str, values: dict[str, object], where: Expression | None = None) -> None:
    insert = CallHold.insert(name=name, **values)
    insert.on_conflict(conflict_target=[CallHold.name], update=values, where=where).execute()
