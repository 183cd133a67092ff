"""What was decided about the coming sessions of people who are suspended."""

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


MODELS = [LeftSession]
