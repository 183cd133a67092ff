"""Table of what people have asked to download about themselves."""

from coaching.accounts.models import Person
from coaching.db import BaseModel, UtcDateTimeField
from coaching.fields import BigIntegerField, CharField, ForeignKeyField, IntegerField


class Export(BaseModel):
    """One person's file with all about them: asked for, then made, or given up; the row goes when that ends.

    By the machine's clock. The file lies beside the database, in no backup, and goes soon after its row.
    """

    person = ForeignKeyField(Person, unique=True, backref="exports", on_delete="CASCADE")
    person_id: int
    asked_at = UtcDateTimeField()
    next_try_at = UtcDateTimeField(null=True)  # None: it is made, or given up
    claim = CharField(default="")  # the name of the file that a worker writes, or has written: a new one for each try
    tries = IntegerField(default=0)
    made_at = UtcDateTimeField(null=True)
    failed_at = UtcDateTimeField(null=True)
    ends_at = UtcDateTimeField(null=True, index=True)  # of what is made, or given up
    size_bytes = BigIntegerField(default=0)


MODELS = [Export]
