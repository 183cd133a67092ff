"""The table of forecasts."""

from coaching.catalog.models import Guild
from coaching.db import BaseModel, UtcDateTimeField
from coaching.fields import ForeignKeyField, TextField


class Forecast(BaseModel):
    """Whether a guild has room for the sessions of the coming days, as far as was last seen."""

    guild = ForeignKeyField(Guild, unique=True, on_delete="CASCADE")
    guild_id: int
    at = UtcDateTimeField(null=True)
    checks = TextField(default="[]")  # JSON, worst first
    next_at = UtcDateTimeField()


MODELS = [Forecast]
