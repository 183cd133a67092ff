"""The table of refusals of which somebody has to hear."""

from coaching.booking.models import CoachingSession
from coaching.db import BaseModel, UtcDateTimeField
from coaching.fields import CharField, ForeignKeyField


class Alert(BaseModel):
    """A refusal of which somebody has to hear. The row goes as the mails about it are written."""

    discord_guild_id = CharField()
    kind = CharField()  # one of coaching.refusals.Refusal
    coaching_session = ForeignKeyField(CoachingSession, null=True, on_delete="CASCADE")
    coaching_session_id: int | None
    noticed_at = UtcDateTimeField()  # by the product's clock
    lacking = CharField(default="")  # as the room has it


MODELS = [Alert]
