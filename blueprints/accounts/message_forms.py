"""What people choose about their messages, as it is typed."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, RadioField
from wtforms.fields.choices import Choice  # type: ignore[attr-defined]  # newer than the types of WTForms
from wtforms.form import BaseForm
from wtforms.validators import StopValidation, ValidationError
from wtforms.widgets import TimeInput

from blueprints.forms import Form, ReadField
from blueprints.reminder_fields import NAMES, ReminderField, chosen_in, reminder_fields, slots_of
from coaching.messages.models import MessageSettings
from coaching.messages.planning.routing import Reach, Way
from coaching.messages.preferences import CHOOSABLE, Preferences, way_by_default
from coaching.notices.kind_rules import RULES
from coaching.notices.kinds import MessageKind

WAYS = {Way.MAIL: "Mail", Way.DISCORD: "Discord", Way.BOTH: "Both", Way.OFF: "Off"}
CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])(?::[0-9]{2})?")


class WayField(RadioField):
    """By which way messages of one kind go; a way that does not lead to the person cannot be chosen now."""

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, coerce=str, validate_choice=False, **options)
        self.offered: tuple[Way, ...] = ()
        self.closed: frozenset[Way] = frozenset()

    def offer(self, kind: MessageKind, reach: Reach) -> None:
        """The ways that there are for this kind, some of which do not lead to the person now."""
        self.offered = tuple(way for way in WAYS if way is not Way.OFF or RULES[kind].can_be_off)
        leads = {Way.MAIL: bool(reach.address), Way.DISCORD: bool(reach.discord_user_id)}
        leads[Way.BOTH] = all(leads.values())
        self.closed = frozenset(way for way, is_open in leads.items() if not is_open)

    def iter_choices(self) -> Iterator[Choice]:
        for way in self.offered:
            yield Choice(str(way), WAYS[way], way == self.data, {"disabled": True} if way in self.closed else {})

    def pre_validate(self, form: BaseForm) -> None:
        if self.data not in self.offered:
            raise ValidationError("Choose one of these ways.")


class ClockField(ReadField):
    """A time of day as minutes after midnight; what was typed stays in `raw_data` for the page."""

    widget = TimeInput()
    data: int | None

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        typed = valuelist[0].strip() if valuelist else ""
        if not typed:
            return
        parts = CLOCK.fullmatch(typed)
        if parts is None:
            raise ValueError("Type a time like 22:30.")
        self.data = int(parts[1]) * 60 + int(parts[2])

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{self.data // 60:02d}:{self.data % 60:02d}"


class MessagesForm(Form):
    """Everything but the ways; those are added below, one field for each kind, and taken out where they do not fit."""

    quiet_from = ClockField("Quiet from")
    quiet_until = ClockField("Quiet until")
    allows_replies = BooleanField("Answers to mails about a call go to my address")
    shows_answers = BooleanField("What students write when they book stands in my messages")
    reminder_1 = ReminderField("First reminder")
    reminder_2 = ReminderField("Second reminder")
    reminder_3 = ReminderField("Third reminder")

    def validate_quiet_from(self, field: ClockField) -> None:
        if field.data is None and self.quiet_until.data is not None:
            raise StopValidation("Say from when on, or leave both empty.")

    def validate_quiet_until(self, field: ClockField) -> None:
        if field.data is None and self.quiet_from.data is not None:
            raise StopValidation("Say until when, or leave both empty.")
        if field.data is not None and field.data == self.quiet_from.data:
            raise StopValidation("Choose two different times.")

    @property
    def reminders(self) -> list[ReminderField]:
        return reminder_fields(self)

    def ways(self, kinds: Iterable[MessageKind]) -> list[tuple[MessageKind, WayField]]:
        """The kinds with their fields."""
        return [(kind, field) for kind in kinds if isinstance(field := self[way_name(kind)], WayField)]

    def details(self, kinds: Iterable[MessageKind], kept: MessageSettings) -> Preferences:
        """What was chosen; where the page does not ask, what is kept."""
        is_asked = bool(self.reminders)
        return Preferences(
            ways={kind: Way(field.data) for kind, field in self.ways(kinds)},
            quiet_from=self.quiet_from.data,
            quiet_until=self.quiet_until.data,
            allows_replies=self.allows_replies.data,
            shows_answers=self.shows_answers.data if "shows_answers" in self else kept.shows_answers,
            reminders=chosen_in([field.data for field in self.reminders]) if is_asked else kept.reminders,
        )


def way_name(kind: MessageKind) -> str:
    """The name of the field for a kind."""
    return f"way_{kind}"


for _kind in CHOOSABLE:
    setattr(MessagesForm, way_name(_kind), WayField(RULES[_kind].title))


def messages_form(
    kinds: list[MessageKind],
    ways: dict[str, Way],
    settings: MessageSettings,
    reach: Reach,
    *,
    is_coach: bool,
    sent: MultiDict[str, str] | None,
) -> MessagesForm:
    """The form as it was sent, else with what is kept; only what concerns this person is in it."""
    known: dict[str, Any] = {way_name(kind): ways.get(kind, way_by_default(kind, reach)) for kind in kinds}
    known |= dict(zip(NAMES, slots_of(settings.reminders), strict=True))
    form = MessagesForm(formdata=sent, obj=settings, data=known)
    for kind in set(CHOOSABLE) - set(kinds):
        del form[way_name(kind)]
    for kind, field in form.ways(kinds):
        field.offer(kind, reach)
    for own, minutes in zip(form.reminders, slots_of(settings.reminders), strict=True):
        own.keep(minutes)
    if not is_coach:
        for name in ("shows_answers", *NAMES):
            del form[name]
    return form
