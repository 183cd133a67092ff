"""Which figures stand on a page, under which words, in which order. Pure."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from coaching.figures import names
from coaching.figures.sheet import Sheet
from coaching.money import currency_of, exact_amount

Kind = Literal["count", "minutes", "seconds", "money", "share", "mean", "delay"]
HOUR = 60  # minutes
SOURCE_LABELS = {
    "invitation": "By invitation",
    "partner": "A partner’s link",
    "code": "A discount code",
    "directory": "The directory",
    "page": "The coach’s page",
    "link": "A link to the store",
    "unknown": "Not known",
}
OUTCOME_LABELS = {"declined": "Declined", "expired": "Ran out"}


@dataclass(frozen=True)
class Column:
    """One figure as a column: its words, and what it is counted from. `of` is what a share or a mean is of."""

    words: str
    name: str
    label: str | None = None
    kind: Kind = "count"
    of: tuple[str, ...] = ()
    in_file: str = ""  # its words where it stands alone

    def value(self, sheet: Sheet, on: date | None = None, product: int | None = None) -> int | float | None:
        """The figure in a period, or of all; None where it is not known, or would be a share of nothing."""
        name = _of_store(self.name) if product is None else self.name
        amount = sheet.total(name, label=self.label, on=on, product=product)
        if self.of:
            whole = sum(
                sheet.total(_of_store(part_name) if product is None else part_name, on=on, product=product)
                for part_name in self.of
            )
            return amount / whole if whole else None
        if name in (names.STORE_OFFERED, names.OFFERED) and not sheet.is_known(name, on=on, product=product):
            return None
        return sheet.most(name) if name in names.HIGHEST and on is None else amount

    def value_label(self, value: int | float | None) -> str:
        """The value as a table shows it."""
        if value is None:
            return "–"
        match self.kind:
            case "minutes":
                return _hours(value / HOUR)
            case "seconds":
                return _hours(value / HOUR / 60)
            case "money":
                return exact_amount(int(value), (self.label or "").removesuffix(names.TEST))
            case "share":
                return f"{int(value * 1000) / 10:g} %"  # never rounded up to all of them
            case "mean":
                return f"{value:.1f}"
            case "delay":
                return f"{value:.0f} s"
            case _:
                return f"{value:,}"

    def plain(self, value: int | float | None) -> str:
        """The value for a spreadsheet: a plain number, empty where it is not known."""
        if value is None:
            return ""
        if self.kind == "money":
            return currency_of((self.label or "").removesuffix(names.TEST)).number(int(value))
        if self.kind == "seconds":
            return f"{value / 60:.1f}"
        return f"{value:.4g}" if isinstance(value, float) else str(value)


def _hours(hours: float) -> str:
    """A quarter of an hour is 0.25 h, and whole ones have nothing behind the point."""
    return f"{round(hours, 2):g} h" if hours < 100 else f"{hours:,.0f} h"


def _of_store(name: str) -> str:
    """Hours that several products offer count once for their store."""
    return names.STORE_OFFERED if name == names.OFFERED else name


@dataclass(frozen=True)
class Section:
    """Figures that belong together: a chart of some of them, and all of them in a table."""

    id: str
    title: str
    columns: tuple[Column, ...]
    charted: tuple[Column, ...]
    note: str = ""
    is_stacked: bool = False
    by_label: bool = False  # a bar for each column's total, not for each period


BOOKED = Column("Booked", names.CREATED)
HELD = Column("Took place", names.COMPLETED)
OFFERED = Column("Hours on offer", names.OFFERED, kind="minutes", in_file="Minutes on offer")
HOURS_BOOKED = Column("Hours booked", names.BOOKED_MINUTES, kind="minutes", in_file="Minutes booked")
PLANNED = Column("Planned", names.PLANNED_MINUTES, kind="minutes", in_file="Minutes planned")
RECORDED = Column("Planned, with a record", names.RECORDED_MINUTES, kind="minutes", in_file="Minutes with a record")
SPENT = Column("Really spent", names.SPENT_SECONDS, kind="seconds", in_file="Minutes really spent")
IN_TIME = Column("In time", names.ROOM_IN_TIME)
LATE = Column("Late", names.ROOM_LATE)
NEVER = Column("Never", names.ROOM_NEVER)
ALL_ROOMS = (names.ROOM_IN_TIME, names.ROOM_LATE, names.ROOM_NEVER)

CALLS = Section(
    "calls",
    "Booked and held",
    (
        *(BOOKED, HELD, Column("To come", names.COMING)),
        *(Column(words, names.CAME_TO_NOTHING, label) for label, words in OUTCOME_LABELS.items()),
    ),
    (BOOKED, HELD),
    "A booking counts on the day it was made; what became of a call, on the day it was to begin.",
)
LOST = Section(
    "lost",
    "Cancelled and missed",
    (
        Column("Cancelled by students", names.CANCELLED, "student"),
        Column("Cancelled by the coach", names.CANCELLED, "coach"),
        Column("Cancelled by the site", names.CANCELLED, "site"),
        Column("Student absent", names.NO_SHOW, "student"),
        Column("Coach absent", names.NO_SHOW, "coach"),
        Column("Both absent", names.NO_SHOW, "both"),
        Column("Nobody knows", names.NO_SHOW, "unknown"),
    ),
    (Column("Cancelled", names.CANCELLED), Column("Missed, or not known", names.NO_SHOW)),
    "On the day the call was to begin.",
    is_stacked=True,
)
HOURS = Section(
    "hours",
    "Hours",
    (
        OFFERED,
        HOURS_BOOKED,
        Column("Of those on offer", names.BOOKED_MINUTES, kind="share", of=(names.OFFERED,)),
        *(PLANNED, RECORDED, SPENT),
    ),
    (OFFERED, HOURS_BOOKED),
    "Hours on offer are those of the schedules, less time off, as they were on the day; of days before this was "
    "written down they are not known. Planned is the length of calls that took place; really spent is how long both "
    "sides were in the room, going by whoever stayed shorter, as far as Discord was asked.",
)
ROOMS = Section(
    "rooms",
    "Rooms opened in time",
    (
        *(IN_TIME, LATE, NEVER),
        Column("Share in time", names.ROOM_IN_TIME, kind="share", of=ALL_ROOMS),
        Column("Mean delay", names.ROOM_DELAY, kind="delay", of=(names.ROOM_IN_TIME, names.ROOM_LATE)),
    ),
    (IN_TIME, LATE, NEVER),
    "In time is open to the student at most a minute after it was due, or after the booking where that came later. "
    "Rooms that stayed shut for a reason of the student’s own do not count, nor do those without a record.",
    is_stacked=True,
)
REVIEWS = Section(
    "reviews",
    "Reviews",
    (
        Column("Reviews", names.REVIEWS),
        Column("Mean stars", names.STARS, kind="mean", of=(names.REVIEWS,)),
    ),
    (Column("Reviews", names.REVIEWS),),
    "On the day they were written; hidden ones do not count.",
)
WORKER = Section(
    "worker",
    "The worker and channels",
    (
        Column("Minutes with a run", names.RUNS),
        Column("With a failure", names.FAILED_RUNS),
        Column("Most channels at once", names.CHANNELS),
    ),
    (Column("Most channels at once", names.CHANNELS),),
    "Of the whole site, by UTC and the machine’s clock. The worker looks how many channels there are each minute.",
)


def sources_of(sheet: Sheet) -> Section:
    """Where bookings came from: a column for each way that somebody came by."""
    known_labels = sheet.labels(names.CREATED)
    columns = tuple(
        Column(words, names.CREATED, label) for label, words in SOURCE_LABELS.items() if label in known_labels
    )
    return Section(
        "sources",
        "Where bookings came from",
        columns,
        columns,
        "Each booking counts once: an invitation before a partner’s link, that before a discount code, that before the "
        "page that led here. Of bookings from before this was kept, the page is not known.",
        by_label=True,
    )


def money_of(sheet: Sheet) -> list[Section]:
    """Income and refunds, a section for each currency; test payments by themselves, after the others."""
    labels = sheet.labels(names.INCOME, names.REFUNDED)
    return [_money_in(label) for label in sorted(labels, key=lambda label: (label.endswith(names.TEST), label))]


def _money_in(label: str) -> Section:
    currency = label.removesuffix(names.TEST)
    title = f"Test payments in {currency}" if label.endswith(names.TEST) else f"Money in {currency}"
    income = Column("Paid", names.INCOME, label, "money", in_file=f"Paid {label}")
    refunded = Column("Given back", names.REFUNDED, label, "money", in_file=f"Given back {label}")
    note = "On the date of the receipt or credit note."
    if label.endswith(names.TEST):
        note += " No money was moved."
    return Section(f"money-{label.replace(' ', '-').lower()}", title, (income, refunded), (income, refunded), note)


def sections_of(sheet: Sheet, *, of_site: bool = False) -> list[Section]:
    """All sections of a page."""
    return [CALLS, LOST, HOURS, ROOMS, *money_of(sheet), sources_of(sheet), REVIEWS, *([WORKER] if of_site else [])]
