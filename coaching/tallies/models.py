"""Tables of tallies: how often something happened, over all processes and restarts."""

from coaching.db import BaseModel
from coaching.fields import BigIntegerField, CharField


class Tally(BaseModel):
    """One count: of what, and of which kind of it."""

    name = CharField()
    label = CharField()
    # BIGINT: an INTEGER of milliseconds would be full after 25 days of lateness.
    total = BigIntegerField(default=0)

    class Meta:
        indexes = ((("name", "label"), True),)


MODELS = [Tally]
