"""The part of step 3 about the room: a preset or own minutes, and an evening to draw them for."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from wtforms import RadioField

from blueprints.filters import minutes as length_text
from blueprints.forms import WholeNumber
from coaching.catalog.models import Store
from coaching.catalog.timing import DEFAULT, LONGEST_LEAD, OWN, PRESETS, RoomTiming, faults_in, preset_of
from coaching.rooms.planning.timeline import Timeline, timeline

# The evening the timeline is drawn for; any date without a clock change does.
EXAMPLE_DAY = (2027, 3, 9)
OWN_MINUTES = ("make_minutes", "open_minutes", "close_minutes", "remove_minutes")


@dataclass(frozen=True)
class Example:
    """A room's life on an example evening, and the zone its times are shown in."""

    timeline: Timeline
    zone: str


class RoomTimingFields:
    # What is chosen is always sent: without it, minutes that somebody typed once would become others.
    timing = RadioField("Room timing", choices=[])
    make_minutes = WholeNumber("Made, minutes before", most=LONGEST_LEAD)
    open_minutes = WholeNumber("Opens, minutes before", most=LONGEST_LEAD)
    close_minutes = WholeNumber("Closes, minutes after", most=LONGEST_LEAD)
    remove_minutes = WholeNumber("Removed, minutes after", most=LONGEST_LEAD)
    overrun_minutes = WholeNumber("A call may run over by, in minutes", most=LONGEST_LEAD)

    def offer_timings(self, store: Store) -> None:
        """Only what keeps its promise in the way that the store lets people in can be chosen."""
        offered = [name for name, preset in PRESETS.items() if store.shares_rooms or not preset.opens_at_booking]
        self.timing.choices = [*((name, preset_label(name)) for name in offered), (OWN, "Own minutes")]

    def show_timing(self, timing: RoomTiming) -> None:
        """The preset with these minutes is chosen, if it can be; otherwise they are the coach's own."""
        name = preset_of(timing)
        self.timing.data = name if name in {value for value, *_ in self.timing.iter_choices()} else OWN

    @property
    def timing_labels(self) -> dict[str, str]:
        """What each choice means, by its name."""
        return {name: timing_label(preset) for name, preset in PRESETS.items()} | {OWN: "You choose"}

    @property
    def opens_at_booking(self) -> bool:
        """True while what is chosen lets students in from the booking on."""
        return self.typed_timing().opens_at_booking

    @property
    def timed_minutes(self) -> dict[str, WholeNumber]:
        """The fields that count: a preset has its own minutes for all but the last one."""
        names = (*(OWN_MINUTES if self.timing.data == OWN else ()), "overrun_minutes")
        return {name: getattr(self, name) for name in names}

    def timing_faults(self) -> dict[str, str]:
        """What is wrong with the minutes that count; it stands beside the fields, too."""
        if self.timing.errors:
            self.timing.errors = ["Choose one of these."]
        fields = {name: field for name, field in self.timed_minutes.items() if field.raw_data or name in OWN_MINUTES}
        faults = {name: "Type a number of minutes." for name, field in fields.items() if field.data is None}
        faults = faults or faults_in(self.typed_timing())
        for name, fault in faults.items():
            field = getattr(self, name)
            field.errors = field.errors or [fault]
        return faults

    @property
    def room_line(self) -> str:
        """The room's life in a line."""
        return timing_label(self.typed_timing())

    @property
    def timing_is_wrong(self) -> bool:
        return bool(self.timing.errors) or any(field.errors for field in self.timed_minutes.values())

    def typed_timing(self) -> RoomTiming:
        """The timing as it is typed; minutes that cannot be read are the preset's or the default's."""
        typed: dict[str, Any] = {
            name: field.data for name, field in self.timed_minutes.items() if field.data is not None
        }
        return replace(PRESETS.get(self.timing.data, DEFAULT), **typed)

    def example(self, zone: str) -> Example:
        """The room's life around an hour at six in the evening."""
        starts_at = datetime(*EXAMPLE_DAY, 18, tzinfo=ZoneInfo(zone))
        return Example(timeline(starts_at, starts_at + timedelta(hours=1), self.typed_timing()), zone)


def preset_label(name: str) -> str:
    """The preset's name as it is read."""
    return name.replace("_", " ").capitalize()


def timing_label(timing: RoomTiming) -> str:
    """The room's life in a line, like "Opens 15 min before, closes 15 min after"."""
    if timing.opens_at_booking:
        return "Open from the booking to the end of the last call"
    opens = f"Opens {length_text(timing.open_minutes)} before" if timing.open_minutes else "Opens at the start"
    closes = f"closes {length_text(timing.close_minutes)} after" if timing.close_minutes else "closes at the end"
    return f"{opens}, {closes}"


def room_details(timing: RoomTiming) -> str:
    """The same with every minute of it."""
    made, gone, over = map(length_text, (timing.make_minutes, timing.remove_minutes, timing.overrun_minutes))
    return f"{timing_label(timing)}; made {made} before, removed {gone} after; a talk may run over by {over}"
