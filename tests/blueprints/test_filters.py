"""How times read, whatever the clocks do, and as the browser's language has it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask, Response

from blueprints.filters import beside, local_time
from blueprints.languages import first_weekday, region_of, vary_by_language

NBSP = "\N{NO-BREAK SPACE}"
FIRST, SECOND = datetime(2027, 10, 31, 0, 30, tzinfo=UTC), datetime(2027, 10, 31, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("style", "first", "second"),
    [
        ("full", "Sunday 31 October 2027, 02:30 UTC+2", "Sunday 31 October 2027, 02:30 UTC+1"),
        ("short", "Sun 31 Oct, 02:30 UTC+2", "Sun 31 Oct, 02:30 UTC+1"),
        ("time", "02:30 UTC+2", "02:30 UTC+1"),
        # A day needs no offset.
        ("day", "Sunday 31 October", "Sunday 31 October"),
    ],
)
def test_a_time_that_comes_twice_carries_its_offset(style: str, first: str, second: str) -> None:
    assert local_time(FIRST, "Europe/Berlin", style) == first
    assert local_time(SECOND, "Europe/Berlin", style) == second
    assert "UTC" not in local_time(FIRST, "UTC", style)
    assert "UTC" not in local_time(FIRST.replace(day=30), "Europe/Berlin", style)


def test_both_times_of_a_repeated_hour_read_as_what_they_are_in_their_own_zone_too() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    read = [local_time(instant.astimezone(berlin), "Europe/Berlin", "time") for instant in (FIRST, SECOND)]
    assert read == ["02:30 UTC+2", "02:30 UTC+1"]


def test_where_there_is_place_for_no_more_a_time_goes_without_its_offset(app: Flask) -> None:
    with app.test_request_context():
        assert beside(FIRST, SECOND, "Europe/Berlin") == "02:30"
        assert beside(FIRST - timedelta(days=2), SECOND, "Europe/Berlin") == "29 Oct"


EVENING, MIDNIGHT = datetime(2027, 3, 9, 17, 5, tzinfo=UTC), datetime(2027, 3, 8, 23, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("languages", "evening", "midnight", "weekday"),
    [
        ("en-US,en;q=0.9", f"6:05{NBSP}pm", f"12:00{NBSP}am", 6),
        ("en", f"6:05{NBSP}pm", f"12:00{NBSP}am", 6),
        ("de-DE,en-US;q=0.9", "18:05", "00:00", 0),
        ("en-GB", "18:05", "00:00", 0),
        ("pt-BR", "18:05", "00:00", 6),
        ("ar", f"6:05{NBSP}pm", f"12:00{NBSP}am", 5),
        ("en;q=0, fr", "18:05", "00:00", 0),
        ("", "18:05", "00:00", 0),
        ("*", "18:05", "00:00", 0),
        ("\x00;;q=x,,-", "18:05", "00:00", 0),
    ],
)
def test_clocks_and_weeks_are_those_of_the_browsers_language(
    app: Flask, languages: str, evening: str, midnight: str, weekday: int
) -> None:
    with app.test_request_context(headers={"Accept-Language": languages} if languages.isprintable() else {}):
        assert local_time(EVENING, "Europe/Berlin", "time") == evening
        assert local_time(MIDNIGHT, "Europe/Berlin", "short") == f"Tue 9 Mar, {midnight}"
        assert first_weekday() == weekday


def test_a_page_with_a_time_that_was_written_before_still_says_that_it_follows_the_language(app: Flask) -> None:
    for _ in range(2):
        with app.test_request_context(headers={"Accept-Language": "en-US"}):
            assert local_time(EVENING, "Europe/Berlin", "time") == f"6:05{NBSP}pm"
            assert "Accept-Language" in vary_by_language(Response()).vary


@pytest.mark.parametrize(
    ("language", "region"),
    [("zh-Hant-TW", "TW"), ("es-419", ""), ("en_us", "US"), ("ja", "JP"), ("de", ""), ("xx-x", ""), ("", "")],
)
def test_a_language_without_a_region_is_that_of_where_it_is_spoken_most(language: str, region: str) -> None:
    assert region_of(language) == region
