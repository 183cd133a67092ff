"""Usual times in words: "European weekday evenings". Pure."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from coaching.coaches.usual_times import PARTS, UsualTimes, days_of
from coaching.zones import current_name, zone_label

WEEKDAYS, WEEKEND = frozenset(range(5)), frozenset((5, 6))
DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# On so many of the five it is usual on weekdays; on fewer, the days have names.
MOST_NAMED = 2
# More groups of days than that are no pattern that words could tell.
MOST_GROUPS = 3
ALL_DAY = ("morning", "afternoon", "evening")
AREAS = {"Europe": "European", "Arctic": "European", "Africa": "African", "Australia": "Australian"}
ISLANDS = {
    **dict.fromkeys(("Azores", "Canary", "Faroe", "Madeira", "Reykjavik"), "European"),
    **dict.fromkeys(("Auckland", "Chatham"), "New Zealand"),
    "Honolulu": "Hawaiian",
}
# By the last hour behind UTC in winter. People name these by their clocks, not by their countries.
AMERICA = ((-8, "American West Coast"), (-7, "American Mountain Time"), (-6, "American Central Time"))
SOUTHERN = frozenset(
    (
        *("Araguaina", "Asuncion", "Bahia", "Belem", "Boa_Vista", "Bogota", "Campo_Grande", "Caracas", "Cayenne"),
        *("Cuiaba", "Eirunepe", "Fortaleza", "Guayaquil", "Guyana", "La_Paz", "Lima", "Maceio", "Manaus"),
        *("Montevideo", "Noronha", "Paramaribo", "Porto_Velho", "Punta_Arenas", "Recife", "Rio_Branco", "Santarem"),
        *("Santiago", "Sao_Paulo", "Coyhaique"),
    )
)
# By the first hour ahead of UTC.
ASIA = ((7, "East Asian"), (5, "South Asian"), (2, "Middle Eastern"))


def usual_label(usual: UsualTimes) -> str:
    """Of a coach, by where their clocks are: "European evenings and weekends"; empty without any hours."""
    groups = _groups(usual)
    if not groups:
        return ""
    names_days = any(days[0].isupper() for days, _ in groups if days)
    said = _said(groups)
    if names_days or len(groups) > MOST_GROUPS:
        return f"{_capital(said)}, {zone_label(usual.zone)} time"
    return f"{area_of(usual.zone)} {said}"


def plain_label(usual: UsualTimes) -> str:
    """Without where: "evenings and weekends", for whoever reads it by their own clocks; empty without any hours."""
    return _said(_groups(usual))


@cache
def area_of(zone: str) -> str:
    """What people call the time there: "European", "American East Coast"; of a small place its name."""
    name = current_name(zone)
    area, _, place = name.partition("/")
    place = place.rpartition("/")[2]
    ahead = _standard_hours(name)
    if place in ISLANDS:
        return ISLANDS[place]
    if area == "America":
        if place in SOUTHERN or "Argentina/" in name:
            return "South American"
        return next((label for hours, label in AMERICA if ahead <= hours), "American East Coast")
    if area == "Asia":
        return next((label for hours, label in ASIA if ahead >= hours), "Asian")
    return AREAS.get(area) or zone_label(zone)


def _standard_hours(zone: str) -> float:
    # Any year will do: none of these lines has moved for long, and a zone that changes stays in its part of the world.
    here = ZoneInfo(zone)
    offsets = (datetime(2026, month, 1, tzinfo=UTC).astimezone(here).utcoffset() for month in (1, 7))
    return min(offset or timedelta() for offset in offsets) / timedelta(hours=1)


def _groups(usual: UsualTimes) -> list[tuple[str, list[str]]]:
    """The parts by the days on which they are open: ("", ["evening"]), ("weekend", ["morning", "afternoon"])."""
    parts_by_days: dict[str, list[str]] = {}
    for part, days in days_of(usual).items():
        parts_by_days.setdefault(_which_days(days), []).append(part)
    order = {"": 0, "weekday": 1, "weekend": 3}
    return sorted(parts_by_days.items(), key=lambda group: order.get(group[0], 2))


def _which_days(days: frozenset[int]) -> str:
    on_weekdays, on_weekend = len(days & WEEKDAYS), bool(days & WEEKEND)
    if on_weekdays > MOST_NAMED:
        return "" if on_weekend else "weekday"
    if not on_weekdays and days == WEEKEND:
        return "weekend"
    return _listed(DAY_NAMES[day] for day in sorted(days))


def _said(groups: list[tuple[str, list[str]]]) -> str:
    if len(groups) > MOST_GROUPS:
        return f"{_parts({part for _, parts in groups for part in parts})} on some days"
    *first, last = [_days_and_parts(days, parts) for days, parts in groups] or [""]
    if not first:
        return last
    return f"{', '.join(first)}{',' if any(' and ' in phrase for phrase in (*first, last)) else ''} and {last}"


def _days_and_parts(days: str, parts: list[str]) -> str:
    if days == "weekend" and {"morning", "afternoon"} <= set(parts):
        return "weekends"
    return f"{days} {_parts(parts)}".strip()


def _parts(parts: Iterable[str]) -> str:
    of_day = [part for part in (*ALL_DAY, "night") if part in set(parts)]
    if len(of_day) == len(PARTS):
        return "days and nights"
    if {*ALL_DAY} <= set(of_day):
        return "days and evenings"
    return _listed(f"{part}s" for part in of_day)


def _listed(phrases: Iterable[str]) -> str:
    *first, last = phrases
    return f"{', '.join(first)} and {last}" if first else str(last)


def _capital(phrase: str) -> str:
    return phrase[:1].upper() + phrase[1:]
