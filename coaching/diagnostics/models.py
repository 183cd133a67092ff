"""Tables of the doctor: what was found, and what was made on trial."""

from coaching.catalog.models import Store
from coaching.db import BaseModel, UtcDateTimeField
from coaching.fields import CharField, ForeignKeyField, TextField


class Diagnosis(BaseModel):
    """What was found when a store's Discord server, or without a store the whole site, was last looked at."""

    store = ForeignKeyField(Store, null=True, unique=True, on_delete="CASCADE")
    at = UtcDateTimeField()
    checks = TextField()  # JSON, worst first

    class Meta:
        table_name = "examination"


class ProbeRoom(BaseModel):
    """A channel or role made only to see whether one can be made. The row goes once that is known to be gone."""

    kind = CharField(default="channel")  # channel, role
    code = CharField(unique=True)  # stands in its name
    discord_guild_id = CharField()
    discord_channel_id = CharField(null=True)
    discord_role_id = CharField(null=True)
    intended_at = UtcDateTimeField()

    class Meta:
        table_name = "trial_room"


MODELS = [Diagnosis, ProbeRoom]
