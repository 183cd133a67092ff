"""What was decided about people who are suspended: their coming sessions, and who stays so without an account."""

from coaching.booking.models import CoachingSession
from coaching.db import BaseModel, UtcDateTimeField
from coaching.fields import CharField, ForeignKeyField


class LeftSession(BaseModel):
    """A session that takes place although the person on one side of it is suspended: an admin has said so."""

    coaching_session = ForeignKeyField(CoachingSession, on_delete="CASCADE")
    coaching_session_id: int
    side = CharField()  # coach, student
    left_at = UtcDateTimeField()

    class Meta:
        indexes = ((("coaching_session", "side"), True),)


class BarredIdentity(BaseModel):
    """An address or Discord account whose suspended account was deleted, by a keyed digest: it cannot be read back.

    Both of one account have one code: whoever restores its owner restores them for both.
    """

    digest = CharField(unique=True)
    code = CharField(default="")  # empty for one that was kept before there were codes
    barred_at = UtcDateTimeField()


MODELS = [LeftSession, BarredIdentity]
