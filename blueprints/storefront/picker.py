"""The slot picker as plain values: the month, the day's times and where each link leads."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from blueprints.filters import iso, minutes
from blueprints.languages import first_weekday
from blueprints.storefront.days import DayTimes, PartOfDay, Slot, day_label, day_short, day_slots, day_times, parts_of
from blueprints.storefront.forms import instant
from coaching.booking.few_time_queries import FewTimes
from coaching.booking.month import SlotMonth, month_of, next_month
from coaching.catalog.models import Offer
from coaching.zones import zone_label

READABLE_DATE = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

Link = Callable[..., str]


@dataclass(frozen=True)
class Asked:
    """What an address or a sent form asks the picker to show; what cannot be read counts as not asked."""

    offer: str = ""
    month_on: date | None = None
    day_on: date | None = None
    starts_at: datetime | None = None

    @classmethod
    def of(cls, fields: Mapping[str, str]) -> "Asked":
        return cls(
            offer=fields.get("offer", ""),
            month_on=readable_date(fields.get("month", "") + "-01"),
            day_on=readable_date(fields.get("day", "")),
            starts_at=instant(fields.get("starts_at", "")),
        )

    def offer_among(self, offers: Sequence[Offer]) -> Offer:
        """The offer asked for, else the first."""
        return next((offer for offer in offers if str(offer.id) == self.offer), offers[0])

    def day_in(self, zone: str) -> date | None:
        """The day to show; None leaves it to the month."""
        return self.starts_at.astimezone(ZoneInfo(zone)).date() if self.starts_at else self.day_on

    def month_in(self, zone: str, now: datetime, until: datetime) -> date | None:
        """The month to show; None leaves it to the next free time, as does a month in which nothing can be booked."""
        day_on = self.day_in(zone) or self.month_on
        month_on = day_on.replace(day=1) if day_on else None
        is_bookable = month_on and month_of(now, zone) <= month_on <= month_of(until, zone)
        return month_on if is_bookable else None


@dataclass(frozen=True)
class Picker:
    """What `_slot_picker.html` draws: a few days with some of their times, or a month with one day's.

    `kept` is what a form that asks for the page again has to send along.
    """

    zone: str
    offer: Offer
    offers: list[tuple[Offer, str]]
    month: dict[str, Any] | None
    day_on: date | None  # of the month
    day_starts_at: datetime | None
    day_ends_at: datetime | None
    groups: list[PartOfDay]
    chosen: Slot | None
    next_free_at: datetime | None
    next_free_href: str | None
    here: str
    zones_href: str
    kept: dict[str, str]
    is_month_asked: bool = False
    days: Sequence[DayTimes] = ()
    is_nearest: bool = False  # the days are those around a time that is not free
    other_href: str = ""  # from the few days to the month, and back

    @property
    def zone_text(self) -> str:
        """The zone's name with its offset, or without it where what is shown has two."""
        starts = [self.day_starts_at, self.day_ends_at]
        offsets = {start.astimezone(ZoneInfo(self.zone)).utcoffset() for start in starts if start}
        return zone_label(self.zone, None if len(offsets) > 1 else self.day_starts_at or self.next_free_at)

    @property
    def day_label(self) -> str:
        return day_label(self.day_on) if self.day_on else ""

    @property
    def day_short(self) -> str:
        return day_short(self.day_on) if self.day_on else ""

    @property
    def chosen_text(self) -> str:
        """The chosen time with its day: `Tue 9 March, 18:00`."""
        if not self.chosen:
            return ""
        return f"{day_short(self.chosen.starts_at.astimezone(ZoneInfo(self.zone)).date())}, {self.chosen.label}"

    @property
    def said(self) -> str:
        """What has come of a click, for those who do not see it."""
        if self.chosen:
            return f"{self.chosen_text} is chosen."
        if not self.next_free_at:
            return "No free times at the moment."
        if not self.month:
            count = sum(day.count for day in self.days)
            times = "1 free time" if count == 1 else f"{count} free times"
            return f"{minutes(self.offer.minutes)}. {self.days[0].label}, the next of {times}."
        if self.is_month_asked:
            days = sum(bool(cell["has_free"] and cell["in_month"]) for week in self.month["weeks"] for cell in week)
            return f"{self.month['title']}, {days or 'no'} {'day' if days == 1 else 'days'} with free times."
        count = sum(len(group.slots) for group in self.groups)
        times = "1 free time" if count == 1 else f"{count or 'no'} free times"
        return f"{minutes(self.offer.minutes)}. {self.day_label}, {times}."


def draw_few(offers: Sequence[Offer], asked: Asked, few: FewTimes, now: datetime, link: Link) -> Picker:
    """The picker of a few days; `link` makes the page's address, asking for what it is given."""
    offer, zone = asked.offer_among(offers), ZoneInfo(few.zone)
    with_offer = partial(link, offer=str(offer.id))
    slots = {day.on: day_slots(day.starts, asked.starts_at, few.zone, now) for day in few.days}
    chosen = next((slot for day in slots.values() for slot in day if slot.checked), None)
    chosen_on = chosen.starts_at.astimezone(zone).date() if chosen else None
    kept = {"offer": str(offer.id)} | ({"starts_at": chosen.value} if chosen else {})
    starts = [start for day in few.days for start in day.starts]
    return Picker(
        zone=few.zone,
        offer=offer,
        offers=[(listed_offer, link(offer=str(listed_offer.id), day=chosen_on)) for listed_offer in offers],
        month=None,
        day_on=None,
        day_starts_at=starts[0] if starts else None,
        day_ends_at=starts[-1] if starts else None,
        groups=[],
        chosen=chosen,
        next_free_at=few.next_free_at,
        next_free_href=None,
        here=link(**kept, zone=None),
        zones_href=link(**kept, zones="all"),
        kept=kept,
        days=[
            day_times(
                day.on,
                slots[day.on],
                now.astimezone(zone).date(),
                day.count,
                with_offer(day=day.on.isoformat()) + "#times"
                if few.is_nearest or day.count > len(day.starts)
                else None,
            )
            for day in few.days
        ],
        is_nearest=few.is_nearest,
        other_href=with_offer(month=f"{starts[0].astimezone(zone):%Y-%m}") + "#slot-picker" if starts else "",
    )


def draw_picker(offers: Sequence[Offer], asked: Asked, free: SlotMonth, now: datetime, link: Link) -> Picker:
    """The picker of one month; `link` makes the page's address, asking for what it is given."""
    offer, zone = asked.offer_among(offers), ZoneInfo(free.zone)
    day_on = shown_day(asked, free)
    starts = free.free.get(day_on, ()) if day_on else ()
    slots = day_slots(starts, asked.starts_at, free.zone, now)
    chosen = next((slot for slot in slots if slot.checked), None)
    kept = {"offer": str(offer.id)} | shown_as_asked(day_on, chosen)
    with_offer = partial(link, offer=kept["offer"])
    return Picker(
        zone=free.zone,
        offer=offer,
        # The day only: a time that is too late for a longer call has not been taken by anybody.
        offers=[(listed_offer, link(offer=str(listed_offer.id), day=day_on)) for listed_offer in offers],
        month=month_view(free, day_on, now.astimezone(zone).date(), with_offer),
        day_on=day_on,
        day_starts_at=starts[0] if starts else None,
        day_ends_at=starts[-1] if starts else None,
        groups=parts_of(slots),
        chosen=chosen,
        next_free_at=free.next_free_at,
        next_free_href=with_offer(starts_at=iso(free.next_free_at)) if free.next_free_at else None,
        here=link(**kept, zone=None),
        zones_href=link(**kept, zones="all"),
        kept=kept,
        is_month_asked=bool(asked.month_on),
        other_href=with_offer() + "#slot-picker",
    )


def shown_as_asked(day_on: date | None, chosen: Slot | None) -> dict[str, str]:
    """What asks for the same day, and the same time if one is chosen."""
    if chosen:
        return {"starts_at": chosen.value}
    return {"day": day_on.isoformat()} if day_on else {}


def shown_day(asked: Asked, free: SlotMonth) -> date | None:
    """The day whose times are shown: the one asked for, else the first with a free time."""
    day_on = asked.day_in(free.zone)
    is_in_month = day_on and day_on.replace(day=1) == free.first_on
    return day_on if is_in_month else min(free.free, default=None)


def month_view(free: SlotMonth, day_on: date | None, today: date, link: Link | None = None) -> dict[str, Any]:
    """The data of the macro month_calendar; without `link` its days are buttons."""
    first = first_weekday()
    earlier = f"{free.first_on - timedelta(days=1):%Y-%m}" if free.has_earlier else None
    later = f"{next_month(free.first_on):%Y-%m}" if free.has_later else None
    return {
        "title": f"{free.first_on:%B %Y}",
        "value": f"{free.first_on:%Y-%m}",
        "weekday_names": [WEEKDAYS[(first + number) % 7] for number in range(7)],
        "weeks": [
            [day_cell(day, free, day_on, today, link) for day in week]
            for week in free.weeks(first)
            if week[-1] >= today
        ],
        "previous": earlier,
        "next": later,
        "previous_href": link(month=earlier) + "#slot-picker" if link and earlier else None,
        "next_href": link(month=later) + "#slot-picker" if link and later else None,
    }


def day_cell(day: date, free: SlotMonth, day_on: date | None, today: date, link: Link | None) -> dict[str, Any]:
    has_free = day in free.free
    return {
        "date": day,
        "label": day_label(day),
        "in_month": day.month == free.first_on.month,
        "has_free": has_free,
        "href": link(day=day.isoformat()) + "#times" if has_free and link else None,
        "is_selected": day == day_on,
        "is_today": day == today,
    }


def has_another_clock(zone: str, other: str, at: datetime) -> bool:
    """True when a clock in one zone reads otherwise than in the other at this instant."""
    return at.astimezone(ZoneInfo(zone)).utcoffset() != at.astimezone(ZoneInfo(other)).utcoffset()


def readable_date(text: str) -> date | None:
    """The date in `2027-03-09`, in this century; None for anything else."""
    if not READABLE_DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
