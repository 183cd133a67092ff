"""The table of what is limited: how often it happened in the present window, over all processes and restarts."""

from coaching.db import BaseModel, UtcDateTimeField
from coaching.fields import BigIntegerField, BooleanField, CharField


class RateCount(BaseModel):
    """How often one limit was used by one key, by the machine's clock; worth nothing from `ends_at` on."""

    name = CharField()
    key_sha256 = CharField()  # addresses of people and machines are not kept for this
    total = BigIntegerField()
    ends_at = UtcDateTimeField(index=True)
    not_before = UtcDateTimeField(null=True)  # too many: nothing more is let in until then
    was_refused = BooleanField(default=False)  # somebody was refused since

    class Meta:
        indexes = ((("name", "key_sha256"), True),)


MODELS = [RateCount]
