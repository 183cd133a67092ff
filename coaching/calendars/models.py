"""Tables of a coach's outside calendars: where each is read, how it fares, and when it says that they are busy."""

from coaching.accounts.models import Person
from coaching.db import BaseModel, BoundedIntegerField, EncryptedTextField, UtcDateTimeField
from coaching.fields import CharField, ForeignKeyField, IntegerField

STALE_AFTER = (15, 7 * 24 * 60)  # minutes, least and most


class Feed(BaseModel):
    """A read-only calendar address. Whoever knows the address can read the calendar: it is a secret."""

    code = CharField(unique=True)
    coach = ForeignKeyField(Person, backref="feeds", on_delete="CASCADE")
    coach_id: int
    name = CharField()
    address = EncryptedTextField()
    etag = CharField(default="")
    modified = CharField(default="")  # what it said as Last-Modified
    stale_after_minutes = BoundedIntegerField(*STALE_AFTER, default=24 * 60)  # older data offers no time as free
    text_sha256 = CharField(default="")  # of what was read last: the same text is not worked through again
    fetched_at = UtcDateTimeField(null=True)  # last read whole, or found unchanged
    known_until = UtcDateTimeField(null=True)  # so far ahead its events were worked out
    events = IntegerField(default=0)  # that count as busy, each repetition once
    tried_at = UtcDateTimeField(null=True)
    next_try_at = UtcDateTimeField(index=True)
    failures = IntegerField(default=0)  # in a row
    fault = CharField(default="")  # what is wrong with it, as its coach reads it; without a failure a mere remark
    notified_at = UtcDateTimeField(null=True)  # when its coach was sent a message about the fault
    made_at = UtcDateTimeField()


class OutsideBusy(BaseModel):
    """When an outside calendar says that its coach is busy."""

    feed = ForeignKeyField(Feed, backref="busy", on_delete="CASCADE")
    feed_id: int
    starts_at = UtcDateTimeField()
    ends_at = UtcDateTimeField()

    class Meta:
        indexes = ((("feed", "ends_at"), False),)


MODELS = [Feed, OutsideBusy]
