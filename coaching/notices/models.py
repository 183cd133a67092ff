"""The outbox: one row per message and channel, written in the transaction of what it tells about."""

from coaching.db import BaseModel, EncryptedTextField, UtcDateTimeField
from coaching.fields import CharField, IntegerField, TextField
from coaching.notices.kinds import BY_MACHINE

# Why nobody knows of a message that waited in a backup that was put back; it stands under the message.
RESTORED = "the database was restored from a backup: this message may have gone out before"

# waiting: to be sent · held: its person cannot be reached · sending: claimed · sent: mail server or Discord took it
# unsure: it may have gone · failed: given up · expired: too late · overtaken: a later one says it · off: not wanted
STATES = ("waiting", "held", "sending", "sent", "unsure", "failed", "expired", "overtaken", "off")


class Notice(BaseModel):
    """A message to send exactly once per key.

    One about a session has no text before it is sent: words and times are those of that moment. Any other has its text,
    which is forgotten once it has gone, since it may hold a link. People and sessions lie above the outbox, so they are
    numbers here.
    """

    key = CharField(unique=True)
    kind = CharField()  # one of kinds.MessageKind
    channel = CharField(default="")  # mail or discord; empty until that is decided
    person_id = IntegerField(null=True, index=True)
    session_id = IntegerField(null=True, index=True)
    fields = TextField(default="{}")  # JSON: what happened, where the session itself does not say it
    recipient = CharField(default="")  # the address or Discord account it goes to
    subject = CharField(default="")
    body = EncryptedTextField(default="")
    state = CharField(default="waiting", index=True)  # one of STATES
    made_at = UtcDateTimeField(index=True)  # by one clock with sent_at: see is_by_machine
    due_at = UtcDateTimeField(null=True)  # not before then; empty: at once
    ends_at = UtcDateTimeField(null=True)  # not worth sending any more
    claimed_until = UtcDateTimeField(null=True)
    attempts = IntegerField(default=0)
    last_error = CharField(null=True)
    sent_at = UtcDateTimeField(null=True)
    unsure_at = UtcDateTimeField(null=True)  # since then it may have gone: sent again only where that is safe

    @property
    def is_by_machine(self) -> bool:
        """True where the machine's clock says when it was written and sent, and not the product's."""
        return self.kind in BY_MACHINE

    class Meta:
        # Counted by all three for /metrics, from the index alone.
        indexes = ((("kind", "channel", "state"), False),)


MODELS = [Notice]
