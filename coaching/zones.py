"""Time zones by name: which ones are accepted, what each is called today, and how a list of them is grouped. Pure."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo, available_timezones

from coaching.hours.wall_clock import offset_label

# Names of files that are no place's zone: the machine's own, and the one for "nobody has set any".
NO_ZONES = {"Factory", "localtime"}
NO_ZONE_FOLDERS = ("posix/", "right/")
OCEANS = {"Atlantic": "Atlantic Ocean", "Indian": "Indian Ocean", "Pacific": "Pacific Ocean"}
OTHERS = "Other"
# What the standard zones without a place are called.
PLACELESS = {"Etc/UTC": "UTC", "Etc/GMT": "GMT"}
# The database links an old name to a zone that has kept the same time since 1970, often in another country. Where that
# is so, its source says in a comment ("#=") which name is meant, and the packed file has lost the comments.
MEANT = {
    "Africa/Asmera": "Africa/Asmara",
    "Africa/Timbuktu": "Africa/Bamako",
    "America/Coral_Harbour": "America/Atikokan",
    "America/Virgin": "America/St_Thomas",
    "Antarctica/South_Pole": "Antarctica/McMurdo",
    "Atlantic/Jan_Mayen": "Arctic/Longyearbyen",
    "Iceland": "Atlantic/Reykjavik",
    "Pacific/Ponape": "Pacific/Pohnpei",
    "Pacific/Truk": "Pacific/Chuuk",
    "Pacific/Yap": "Pacific/Chuuk",
}
ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class ZoneChoice:
    """A zone in a list: `also` are further words by which people look for it, its country and its old names.

    `clock` is what its time is called in winter and in summer: EST and EDT. No browser means a zone by these.
    """

    name: str
    label: str
    also: tuple[str, ...]
    clock: tuple[str, ...]


def is_zone(name: str | None) -> bool:
    """True for every name under which a zone may be stored, old ones too."""
    return name in _accepted()


def zone_label(name: str, at: datetime | None = None) -> str:
    """A zone people recognise, by its present name: "Berlin (UTC+1)"; the offset holds at the instant `at`."""
    place = _place(current_name(name))
    return place if at is None or place.startswith("UTC") else f"{place} ({offset_text(name, at)})"


def offset_text(name: str, at: datetime) -> str:
    """How far the zone is ahead of UTC at `at`: "UTC+5:30"."""
    return offset_label(at, _zone(name))


@cache
def current_name(name: str) -> str:
    """What the zone is called today: `Asia/Kolkata` for `Asia/Calcutta`. A name without a newer one stays."""
    if name in _countries():
        return name
    if name in MEANT:
        return MEANT[name]
    target = name
    while target not in _countries() and target in _links():
        target = _links()[target]
    if target in PLACELESS:
        return PLACELESS[target]
    return target if target in _countries() and not _is_abbreviation(name) else name


def zone_groups(own: str | None, at: datetime) -> Iterator[tuple[str, list[ZoneChoice]]]:
    """Every zone of today once, by region and name, with its offset at `at`, then UTC.

    `own` is in the list as it is stored: in place of its present name, or else beside UTC.
    """
    names = {name: name for name in (*_countries(), "UTC") if is_zone(name)}
    if own and is_zone(own):
        names[current_name(own)] = own
    groups = defaultdict(list)
    for present, name in names.items():
        groups[_region(present)].append(
            ZoneChoice(name, zone_label(name, at), _further_words(present), _abbreviations(present, at.year))
        )
    for region in sorted(groups, key=lambda region: (region == OTHERS, region)):
        yield region, sorted(groups[region], key=lambda choice: choice.label)


@cache
def _accepted() -> frozenset[str]:
    # Kept: it walks the disk.
    return frozenset(name for name in available_timezones() - NO_ZONES if not name.startswith(NO_ZONE_FOLDERS))


@cache
def _zone(name: str) -> ZoneInfo:
    # ZoneInfo itself keeps eight, and a list needs them all.
    return ZoneInfo(name)


def _place(name: str) -> str:
    if name.startswith(("Etc/GMT+", "Etc/GMT-")):
        return offset_text(name, ANY_TIME)  # these count the other way round: Etc/GMT+5 is behind
    return name.rsplit("/", 1)[-1].replace("_", " ")


def _region(name: str) -> str:
    region, _, place = name.partition("/")
    return OCEANS.get(region, region) if place and region != "Etc" else OTHERS


def _is_abbreviation(name: str) -> bool:
    """True for a zone called after its clock: CET, EST5EDT."""
    return "/" not in name and is_zone(name) and name.startswith(ANY_TIME.astimezone(_zone(name)).tzname() or "?")


@cache
def _further_words(name: str) -> tuple[str, ...]:
    return tuple(word for word in (_countries().get(name), *_old_names().get(name, ())) if word)


@cache
def _abbreviations(name: str, year: int) -> tuple[str, ...]:
    abbreviations = {datetime(year, month, 1, tzinfo=UTC).astimezone(_zone(name)).tzname() or "" for month in (1, 7)}
    return tuple(sorted(word for word in abbreviations if word.isalpha()))  # many have but a number: "+03"


@cache
def _old_names() -> dict[str, list[str]]:
    names = defaultdict(list)
    for name in sorted(_accepted()):
        if current_name(name) != name:
            names[current_name(name)].append(name)
    return names


@cache
def _countries() -> dict[str, str]:
    """The country of each zone of today: what the database lists for people to choose from."""
    countries = dict(_rows("iso3166.tab", 0, 1))
    return {name: countries.get(code, "") for code, name in _rows("zone.tab", 0, 2)}


@cache
def _links() -> dict[str, str]:
    lines = (line.split() for line in _data("tzdata.zi") if line.startswith("L "))
    return {name: target for _, target, name in lines}


def _rows(file: str, *columns: int) -> Iterator[tuple[str, str]]:
    for line in _data(file):
        if line and not line.startswith("#"):
            cells = line.split("\t")
            yield cells[columns[0]], cells[columns[1]]


def _data(file: str) -> list[str]:
    return files("tzdata").joinpath("zoneinfo", file).read_text(encoding="utf-8").splitlines()
