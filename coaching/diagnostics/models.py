"""The table of what the doctor found."""

from coaching.catalog.models import Store
from coaching.db import BaseModel, UtcDateTimeField
from coaching.fields import ForeignKeyField, TextField


class Diagnosis(BaseModel):
    """What was found when a store's Discord server, or without a store the whole site, was last looked at."""

    store = ForeignKeyField(Store, null=True, unique=True, on_delete="CASCADE")
    at = UtcDateTimeField()
    checks = TextField()  # JSON, worst first


MODELS = [Diagnosis]
