"""Tables of how people want to be reached, and of their calendar feeds."""

from coaching.accounts.models import Person
from coaching.catalog.reminders import DEFAULT_COACH_REMINDERS
from coaching.db import BaseModel, UtcDateTimeField
from coaching.fields import BooleanField, CharField, ForeignKeyField, IntegerField, MinutesField


class MessageSettings(BaseModel):
    """How one person wants to be reached, and what was learned on the way. Without a row all is as by default."""

    person = ForeignKeyField(Person, unique=True, on_delete="CASCADE")
    person_id: int
    takes_discord = BooleanField(default=True)  # direct messages by the bot
    allows_replies = BooleanField(default=False)  # an answer to a mail about a call goes to this person's address
    shows_answers = BooleanField(default=False)  # a coach's messages carry what the student wrote
    reminders = MinutesField(default=DEFAULT_COACH_REMINDERS)  # how many minutes before a call they give
    quiet_from = IntegerField(null=True)  # minutes after midnight, in the person's zone
    quiet_until = IntegerField(null=True)
    next_day_at = UtcDateTimeField(null=True, index=True)  # when the list of a day's calls is due next
    mail_refused_at = UtcDateTimeField(null=True)  # their address refused a mail for good
    mail_refused_why = CharField(null=True)
    dm_channel_id = CharField(null=True)
    dm_user_id = CharField(null=True)  # the Discord account that the channel is with
    dm_refused_at = UtcDateTimeField(null=True)
    dm_refused_why = CharField(null=True)  # one of DmTrouble


class MessageChoice(BaseModel):
    """By which channel a person wants one kind of message, or that they do not want it."""

    person = ForeignKeyField(Person, backref="message_choices", on_delete="CASCADE")
    person_id: int
    kind = CharField()  # one of notices.kinds.MessageKind
    way = CharField()  # one of routing.Way

    class Meta:
        indexes = ((("person", "kind"), True),)


class CalendarFeed(BaseModel):
    """An address under which a calendar program reads a person's sessions; kept hashed."""

    person = ForeignKeyField(Person, unique=True, on_delete="CASCADE")
    person_id: int
    token_sha256 = CharField(unique=True)
    made_at = UtcDateTimeField()


MODELS = [MessageSettings, MessageChoice, CalendarFeed]
