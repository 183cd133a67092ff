"""Zones by name: what is accepted, what it is called today, and the list people choose from. Pure."""

from datetime import UTC, datetime
from zoneinfo import available_timezones

import pytest

from coaching.zones import current_name, is_zone, offset_text, zone_groups, zone_label

WINTER = datetime(2027, 1, 15, 12, 0, tzinfo=UTC)
SUMMER = datetime(2027, 7, 15, 12, 0, tzinfo=UTC)
OLD_NAMES = sorted(name for name in available_timezones() if is_zone(name) and current_name(name) != name)


def listed(own: str | None = None) -> dict[str, str]:
    return {choice.name: choice.label for _, choices in zone_groups(own, WINTER) for choice in choices}


def test_every_zone_there_is_is_accepted_and_nothing_else() -> None:
    accepted = {name for name in available_timezones() if is_zone(name)}
    assert available_timezones() - accepted <= {"Factory", "localtime"}
    for name in ("Factory", "localtime", "posix/Europe/Berlin", "right/UTC", "Etc/Unknown", "Mars/Base", "", None):
        assert not is_zone(name), name
    for name in ("EST5EDT", "Etc/GMT+5", "UTC", "Asia/Calcutta", "Europe/Kiev"):
        assert is_zone(name), name


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("Europe/Berlin", "Berlin (UTC+1)"),
        ("Asia/Calcutta", "Kolkata (UTC+5:30)"),
        ("Asia/Saigon", "Ho Chi Minh (UTC+7)"),
        ("Europe/Kiev", "Kyiv (UTC+2)"),
        ("Asia/Katmandu", "Kathmandu (UTC+5:45)"),
        ("America/Buenos_Aires", "Buenos Aires (UTC−3)"),
        # Where the database knows only a neighbour that keeps the same time.
        ("Africa/Asmera", "Asmara (UTC+3)"),
        ("America/Coral_Harbour", "Atikokan (UTC−5)"),
        ("Iceland", "Reykjavik (UTC+0)"),
        # Of one time with Brussels, but no old name for it.
        ("Europe/Amsterdam", "Amsterdam (UTC+1)"),
        ("US/Eastern", "New York (UTC−5)"),
        ("EST5EDT", "EST5EDT (UTC−5)"),
        ("CET", "CET (UTC+1)"),
        # These count the other way round.
        ("Etc/GMT+5", "UTC−5"),
        ("Etc/GMT-14", "UTC+14"),
        ("Etc/Zulu", "UTC"),
        ("UTC", "UTC"),
        ("GMT0", "GMT (UTC+0)"),
    ],
)
def test_a_zone_is_called_what_it_is_called_today(name: str, label: str) -> None:
    assert zone_label(name, WINTER) == label


def test_the_offset_is_that_of_the_instant() -> None:
    assert (zone_label("Europe/Berlin", SUMMER), zone_label("Europe/Berlin")) == ("Berlin (UTC+2)", "Berlin")


def test_an_old_name_and_its_new_one_mean_the_same_time() -> None:
    known = {*listed(), "GMT"}
    assert [name for name in OLD_NAMES if current_name(name) not in known] == []
    for name in OLD_NAMES:
        for at in (WINTER, SUMMER):
            assert offset_text(name, at) == offset_text(current_name(name), at), name


def test_the_list_has_every_zone_of_today_once_and_utc() -> None:
    names = [choice.name for _, choices in zone_groups(None, WINTER) for choice in choices]
    assert len(names) == len(set(names)) > 400
    assert {"UTC", "Europe/Kyiv", "Asia/Kolkata", "Pacific/Chatham"} <= set(names)
    assert not {"Asia/Calcutta", "EST5EDT", "Etc/GMT+5", "US/Eastern"} & set(names)
    regions = [region for region, _ in zone_groups(None, WINTER)]
    assert regions[:2] == ["Africa", "America"]
    assert regions[-1] == "Other"


@pytest.mark.parametrize("own", ["Asia/Calcutta", "EST5EDT", "Etc/GMT+5", "Etc/UTC", "CET", "Atlantic/Jan_Mayen"])
def test_ones_own_zone_is_in_the_list_as_it_is_stored_and_only_once(own: str) -> None:
    assert listed(own)[own] == zone_label(own, WINTER)
    assert list(listed(own).values()).count(zone_label(own, WINTER)) == 1


def test_a_zone_is_found_by_its_country_its_old_names_and_its_clock() -> None:
    choices = [choice for _, choices in zone_groups(None, WINTER) for choice in choices]
    also, clock = {choice.name: choice.also for choice in choices}, {choice.name: choice.clock for choice in choices}
    assert also["Asia/Kolkata"] == ("India", "Asia/Calcutta")
    assert clock["America/New_York"] == ("EDT", "EST")
    assert clock["Asia/Dubai"] == ()
    assert "Germany" in also["Europe/Berlin"]
