"""The part of step 3 about the room: a preset or own minutes, and an evening to draw them for."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from wtforms import RadioField

from blueprints.forms import WholeNumber
from coaching.catalog.models import Product
from coaching.catalog.timing import LONGEST_LEAD, PRESETS, RoomTiming, faults_in
from coaching.rooms.timeline import Timeline, timeline

CHOICES = {
    "default": "Default",
    "early_doors": "Early doors",
    "just_in_time": "Just in time",
    "own": "Own minutes",
}
# The evening the timeline is drawn for; any date without a clock change does.
EXAMPLE_DAY = (2027, 3, 9)
OWN_MINUTES = ("make_minutes", "open_minutes", "close_minutes", "remove_minutes")


@dataclass(frozen=True)
class Example:
    """A room's life on an example evening, and the zone its times are shown in."""

    timeline: Timeline
    zone: str


class RoomTimingFields:
    timing = RadioField("Room timing", choices=CHOICES, default="default")
    make_minutes = WholeNumber("Made, minutes before", most=LONGEST_LEAD)
    open_minutes = WholeNumber("Opens, minutes before", most=LONGEST_LEAD)
    close_minutes = WholeNumber("Closes, minutes after", most=LONGEST_LEAD)
    remove_minutes = WholeNumber("Removed, minutes after", most=LONGEST_LEAD)

    @property
    def own_minutes(self) -> dict[str, WholeNumber]:
        return {name: getattr(self, name) for name in OWN_MINUTES}

    def timing_faults(self) -> dict[str, str]:
        """What is wrong with own minutes; it stands beside the fields, too."""
        if self.timing.data != "own":
            return {}
        faults = {name: "Type a number of minutes." for name, field in self.own_minutes.items() if field.data is None}
        faults = faults or faults_in(self.typed_timing())
        for name, fault in faults.items():
            field = self.own_minutes[name]
            field.errors = field.errors or [fault]
        return faults

    def typed_timing(self) -> RoomTiming:
        """The timing as it is typed; minutes that cannot be read are the default's."""
        if self.timing.data in PRESETS:
            return PRESETS[self.timing.data]
        usual = vars(RoomTiming())
        typed = {name: field.data for name, field in self.own_minutes.items()}
        return RoomTiming(**{name: usual[name] if typed[name] is None else typed[name] for name in OWN_MINUTES})

    def example(self, zone: str) -> Example:
        """The room's life around an hour at six in the evening."""
        starts_at = datetime(*EXAMPLE_DAY, 18, tzinfo=ZoneInfo(zone))
        return Example(timeline(starts_at, starts_at + timedelta(hours=1), self.typed_timing()), zone)


def timing_of(product: Product) -> RoomTiming:
    """The product's room timing as a value."""
    return RoomTiming(**{name: getattr(product, name) for name in vars(RoomTiming())})
