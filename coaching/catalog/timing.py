"""When a room is made, opened, closed and removed: the named presets and what makes own minutes sound. Pure."""

from dataclasses import astuple, dataclass, replace

LONGEST_LEAD = 24 * 60
LONGEST_OPEN = 4 * 60


@dataclass(frozen=True)
class RoomTiming:
    """Minutes before the start (made, open) and after the end (closed, removed)."""

    make_minutes: int = 30
    open_minutes: int = 15
    close_minutes: int = 15
    remove_minutes: int = 60
    overrun_minutes: int = 60  # how long after the planned end a talk that goes on is left alone, at most
    opens_at_booking: bool = False  # open from the booking to the end, whatever the minutes say


DEFAULT = RoomTiming()
EARLY_DOORS = RoomTiming(120, 120, 60, 60)
JUST_IN_TIME = RoomTiming(15, 5, 15, 15)
OPEN_AT_BOOKING = RoomTiming(0, 0, 0, 0, opens_at_booking=True)
# A new preset is a row here and nothing else: forms, pages and their words follow from its name and minutes. One that
# opens at the booking can be chosen only where the role is shared: given once and taken much later it promises no room.
PRESETS = {
    "default": DEFAULT,
    "early_doors": EARLY_DOORS,
    "just_in_time": JUST_IN_TIME,
    "standing": OPEN_AT_BOOKING,
}
OWN = "own"


def preset_of(timing: RoomTiming) -> str:
    """The name of the preset with these minutes, however long a talk may run over; OWN where there is none."""
    over = timing.overrun_minutes
    return next((name for name, preset in PRESETS.items() if replace(preset, overrun_minutes=over) == timing), OWN)


def faults_in(timing: RoomTiming) -> dict[str, str]:
    """What is wrong with the minutes, by field; empty when they are sound."""
    faults = {}
    if not all(0 <= minutes <= LONGEST_LEAD for minutes in astuple(timing)[:4]):
        return {"make_minutes": "Choose minutes from 0 to 1440, which is a day."}
    if timing.open_minutes > LONGEST_OPEN:
        faults["open_minutes"] = "Open it at most 240 minutes before the start."
    elif timing.make_minutes < timing.open_minutes:
        faults["make_minutes"] = "A room has to be made before it opens: choose at least the minutes it opens early."
    if not 0 <= timing.overrun_minutes <= LONGEST_OPEN:
        faults["overrun_minutes"] = "Let a talk run over by at most 240 minutes."
    if timing.close_minutes > LONGEST_OPEN:
        faults["close_minutes"] = "Close it at most 240 minutes after the end."
    elif timing.remove_minutes < timing.close_minutes:
        faults["remove_minutes"] = "A room is removed after it closes: choose at least the minutes it stays open."
    return faults
