"""Tables of the call budget: what all processes together have asked of Discord, and what it answered to that."""

from coaching.db import BaseModel, UtcDateTimeField
from coaching.fields import CharField, IntegerField, MillisecondsField

ALL = "all"


class CallLimiter(BaseModel):
    """The rate limiter of every call of the bot: one row. By the machine's clock, as all of the budget."""

    name = CharField(unique=True)
    next_at = UtcDateTimeField(null=True)  # when the next call may go
    held_until = UtcDateTimeField(null=True)  # a global 429, or a block: nothing goes before
    refused = IntegerField(default=0)  # answers that count towards a ban of the machine
    refused_since = UtcDateTimeField(null=True)


class CallBucket(BaseModel):
    """What Discord told of one method, route and guild or channel. Most never get near their limit and have no row."""

    # For instance "PATCH /channels/{id} 1100000000000000001". A bucket's name in the headers can cover several limits.
    key = CharField(unique=True)
    most = IntegerField(null=True)
    remaining = IntegerField(null=True)  # with what is on its way already taken off
    period = MillisecondsField(null=True, column_name="period_ms")
    began_at = UtcDateTimeField(null=True)
    resets_at = UtcDateTimeField(null=True)
    held_until = UtcDateTimeField(null=True)
    consecutive_429s = IntegerField(default=0)  # each after the last one's wait was over


class CallHold(BaseModel):
    """Until when calls are not even begun: all of the bot's, those to one guild, or those of one kind to a guild."""

    name = CharField(unique=True)  # EVERYWHERE, DIRECT, "<guild>" or "<guild> <kind of step>"
    reason = CharField()  # one of coaching.refusals.Refusal
    until = UtcDateTimeField()
    hung = IntegerField(default=0)  # how often in a row a call got no answer as soon as the hold was over


MODELS = [CallLimiter, CallBucket, CallHold]
