"""Table of what the nightly deletion did."""

from coaching.db import BaseModel, UtcDateTimeField
from coaching.fields import BigIntegerField, CharField, IntegerField


class RetentionRun(BaseModel):
    """How one rule fared in the last night. By the product's clock: it is about sessions as well."""

    name = CharField(unique=True)  # of a rule in retention_rules.py
    night_at = UtcDateTimeField()
    removed = IntegerField(default=0)  # in this night
    total = BigIntegerField(default=0)  # in all nights
    ended_at = UtcDateTimeField(null=True)  # empty while there is more


MODELS = [RetentionRun]
