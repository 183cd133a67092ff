"""The outbox: one row per notice, written in the transaction of what it tells about."""

from coaching.db import BaseModel, EncryptedTextField, UtcDateTimeField
from coaching.fields import CharField, IntegerField

# Why nobody knows of a mail that waited in a backup that was put back; it stands under the mail.
RESTORED = "the database was restored from a backup: this mail may have gone out before"


class Notice(BaseModel):
    """A mail to send exactly once per key; the body is forgotten once it has gone, since it may hold a link."""

    key = CharField(unique=True)
    kind = CharField()
    recipient = CharField()
    subject = CharField()
    body = EncryptedTextField()
    state = CharField(default="waiting", index=True)  # waiting, sending, sent, unsure, failed, expired
    made_at = UtcDateTimeField(index=True)
    due_at = UtcDateTimeField()
    ends_at = UtcDateTimeField(null=True)  # not worth sending any more
    claimed_until = UtcDateTimeField(null=True)
    attempts = IntegerField(default=0)
    last_error = CharField(null=True)
    sent_at = UtcDateTimeField(null=True)


MODELS = [Notice]
