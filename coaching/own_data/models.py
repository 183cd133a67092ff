"""The table of accounts that were deleted."""

from coaching.db import BaseModel, UtcDateTimeField
from coaching.fields import IntegerField


class ErasedPerson(BaseModel):
    """Somebody whose account was deleted, without a name: put back from a backup, they are deleted again.

    The number alone may be another person's in an older backup; the instant of signing up tells whose it is.
    """

    person_id = IntegerField()
    person_created_at = UtcDateTimeField()
    erased_at = UtcDateTimeField(index=True)  # by the machine's clock
    finished_at = UtcDateTimeField(null=True)  # since then nothing of it is left to be done

    class Meta:
        indexes = ((("person_id", "person_created_at"), True),)


MODELS = [ErasedPerson]
