"""Tables of private Discord rooms: what Discord is known to have, what was meant, and a log of every change."""

from datetime import UTC, datetime
from typing import Any

from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession
from coaching.catalog.models import Store
from coaching.catalog.timing import LONGEST_LEAD
from coaching.db import BaseModel, BoundedIntegerField, UtcDateTimeField
from coaching.fields import (
    BooleanField,
    CharField,
    EnumField,
    ForeignKeyField,
    IntegerField,
    PackedField,
    TextField,
    UnreadableTuple,
)
from coaching.guild_parts import Overwrite
from coaching.log_lines import Event, event_of
from coaching.refusals import Refusal, explain
from coaching.rooms.cases.unreadable import FOR_EVERYBODY
from coaching.rooms.planning.case import AccessMode, Part, RoomKind, RoomState, StepKind
from coaching.rooms.planning.coverage import Span
from coaching.rooms.recording.events import EventKind


class OverwritesField(PackedField):
    """The overwrites of a channel, as a set."""

    def pack(self, values: Any) -> list[Any]:
        return [[value.target_id, value.is_member, value.allow, value.deny] for value in sorted(values)]

    def unpack(self, entries: list[Any]) -> frozenset[Overwrite]:
        return frozenset(_overwrite(*entry) for entry in entries)


class IdsField(PackedField):
    """Accounts at Discord by their ids, as a set."""

    def unpack(self, entries: list[Any]) -> frozenset[str]:
        if not all(isinstance(entry, str) for entry in entries):
            raise ValueError("no ids")
        return frozenset(entries)


class SpansField(PackedField):
    """Spans of time to the second, in order."""

    unreadable = UnreadableTuple

    def pack(self, values: Any) -> list[Any]:
        return [[int(since.timestamp()), int(until.timestamp())] for since, until in values]

    def unpack(self, entries: list[Any]) -> tuple[Span, ...]:
        return tuple(
            (datetime.fromtimestamp(since, UTC), datetime.fromtimestamp(until, UTC)) for since, until in entries
        )


def _overwrite(target_id: Any, is_member: Any, allow: Any, deny: Any) -> Overwrite:
    if not (isinstance(target_id, str) and type(allow) is int and type(deny) is int):
        raise ValueError("no overwrite")
    return Overwrite(target_id, bool(is_member), allow, deny)


class Room(BaseModel):
    """What is recorded of one room. The wanted state is never stored: it follows from session, timing and clock.

    A shared part is a row without a session: a category for the rooms of a guild, or a store's role with its category.

    What a step came to is written with the `version` that its claim saw, and raises it: of two that want to change a
    room, one wins. What is wanted by hand is written beside that, and leaves the version as it is.
    Its instants are the machine's, for they are about Discord and retries. What is about the session is the product's:
    `created_at`, what the coach did by hand, and when the student was let in.
    """

    kind = EnumField(RoomKind, default=RoomKind.SESSION)
    coaching_session: Any = ForeignKeyField(
        CoachingSession, null=True, backref="rooms", unique=True, on_delete="RESTRICT"
    )
    coaching_session_id: int | None
    number = IntegerField(null=True)  # of a shared part: its number among the guild's categories, or its store's id
    store = ForeignKeyField(Store, null=True, backref="shared_parts", on_delete="RESTRICT")
    store_id: int | None
    code = CharField(unique=True)  # stands in the names of channel and role, where all of Discord can see it
    mode = EnumField(AccessMode, default=AccessMode.MEMBERS)
    asked_mode = EnumField(
        AccessMode, default=AccessMode.MEMBERS
    )  # the store's; another one than `mode` when that one was not possible
    state = EnumField(RoomState, default=RoomState.ABSENT)
    # The session's times when `state` was reached. As long as they are the same, the state never goes back.
    thresholds = CharField(default="")
    version = IntegerField(default=0)
    claimed_until = UtcDateTimeField(null=True)
    discord_guild_id = CharField()
    discord_channel_id = CharField(null=True)
    discord_role_id = CharField(null=True)
    parent_id = CharField(null=True)  # the category in which the channel was made
    is_full = BooleanField(default=False)  # of a category: Discord takes no more channels in it
    overwrites = OverwritesField(default="[]")  # as Discord was last told or seen to have them
    holders = IdsField(default="[]")  # the Discord accounts that have been given the role
    maybe_holders = IdsField(default="[]")  # the accounts that may have been given it
    to_disconnect = IdsField(default="[]")  # the accounts that lost their right to it and may still sit in it
    # In which it was open to its student, and since when it is, by the product's clock: as Discord was told or seen.
    let_in = SpansField(default="[]")
    let_in_since = UtcDateTimeField(null=True)
    greeting_message_id = CharField(null=True)
    warned_at = UtcDateTimeField(null=True)  # when those inside were told that the time is over
    opened_by_hand_at = UtcDateTimeField(null=True)
    closed_by_hand_at = UtcDateTimeField(null=True)
    extra_minutes = BoundedIntegerField(
        0, LONGEST_LEAD, default=0
    )  # how much longer than its timing says the coach wants it open
    intent = EnumField(Part, default=Part.CHANNEL)  # what `intended_at` speaks of
    intended_at = UtcDateTimeField(null=True)  # since when a creation is under way, or its outcome unknown
    looked_at = UtcDateTimeField(null=True)  # when what may have been made was last looked for in vain
    made_at = UtcDateTimeField(null=True)
    granted_at = UtcDateTimeField(null=True)  # when Discord was last told whom it lets in
    checked_at = UtcDateTimeField(null=True)
    failing_step = EnumField(StepKind, null=True)
    attempts = IntegerField(default=0)
    lacking = CharField(default="")  # the rights on the server that the bot lacked then, as Discord calls them
    last_error = TextField(null=True)  # one of coaching.refusals.Refusal; refusals.explain says it to people
    next_try_at = UtcDateTimeField(null=True)
    created_at = UtcDateTimeField()

    @property
    def trouble(self) -> str | None:
        """Why its last step failed, in a sentence with its remedy; None when it did not."""
        if not self.last_error:
            return None
        known = self.last_error in Refusal.__members__.values()
        return explain(Refusal(self.last_error), self.lacking) if known else FOR_EVERYBODY

    class Meta:
        indexes = (
            (("state",), False),
            (("kind",), False),
            (("discord_guild_id", "state"), False),
            (("kind", "discord_guild_id", "number"), True),  # one row for a shared part, whoever begins it
        )


class Presence(BaseModel):
    """How long somebody has been in their session's room, as far as Discord was asked.

    By the machine's clock, but for `looks` and `present_at`: they are held against the session's times.
    """

    room = ForeignKeyField(Room, backref="presences", on_delete="CASCADE")
    room_id: int
    person = ForeignKeyField(Person, on_delete="CASCADE")
    person_id: int
    seconds = IntegerField(default=0)
    is_inside: Any = BooleanField(default=False)  # when they were last looked for
    last_seen_at = UtcDateTimeField(null=True)  # inside
    looked_at = UtcDateTimeField()
    looks = SpansField(null=True)  # in which they were looked for; none: not kept then
    present_at = UtcDateTimeField(null=True)  # when they were last seen inside

    @property
    def minutes(self) -> int | None:
        """How long they were seen inside, in whole minutes; None for somebody who was looked for and never seen."""
        return round(self.seconds / 60) if self.last_seen_at or self.seconds else None

    class Meta:
        indexes = ((("room", "person"), True),)


class RoomEvent(BaseModel):
    """One line of a room's log: what, when, why, and what Discord answered. `views/labels.py` says it."""

    room = ForeignKeyField(Room, backref="events", on_delete="CASCADE")
    at = UtcDateTimeField()
    kind = CharField()  # one of events.EventKind
    fields = TextField(default="{}")  # JSON, of the kind's own shape
    reason = CharField(default="")  # one of planning.steps.Reason, where a step of the plan is told of
    status = IntegerField(null=True)
    discord_code = IntegerField(null=True)
    took_ms = IntegerField(null=True)

    @property
    def event(self) -> Event[EventKind]:
        """What happened, as a value."""
        return event_of(EventKind, self.kind, self.fields)


class GuildSweep(BaseModel):
    """When a guild is next searched for orphans."""

    discord_guild_id = CharField(unique=True)
    due_at = UtcDateTimeField(null=True)


class Installation(BaseModel):
    """An installation whose marks are ours: the first row is this one and makes new ones. Drawn once, and copied along.

    Further rows are those that this database took the place of, when it was restored from a backup.
    """

    code = CharField(unique=True)  # stands nowhere else: it goes into the check of each code (marks.py)


class Orphan(BaseModel):
    """What carries a mark of ours in a guild and belongs to no row, as it was last seen there."""

    discord_guild_id = CharField()
    discord_id = CharField(unique=True)  # of the channel, category or role
    kind = CharField()  # channel, category, role
    code = CharField()
    name = CharField()
    lets_in = BooleanField()  # anybody but the bot
    seen_at = UtcDateTimeField()  # by the machine's clock
    guild_name: str | None  # where it was read along

    class Meta:
        indexes = ((("discord_guild_id",), False),)


MODELS = [Room, Presence, RoomEvent, GuildSweep, Installation, Orphan]
