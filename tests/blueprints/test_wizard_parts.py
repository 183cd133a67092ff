"""What was typed, as plain values: rows that move, a week of times. Pure."""

import pytest
from werkzeug.datastructures import MultiDict

from blueprints.schedules.week import TypedSpan, TypedWeek, fault_in_rows, minute_of
from blueprints.wizard import rows
from blueprints.wizard.schedule import readable_date
from coaching.hours.week import DAY, PRESETS, DaySpan

BLANKS = {"offers": {"minutes": "", "price": ""}, "questions": {"label": "", "kind": "text"}}
THREE = MultiDict(
    {"title": "T", "offers-0-minutes": "30", "offers-0-price": "1", "offers-1-minutes": "60", "offers-7-minutes": "90"}
)


def minutes_after(act: str) -> list[str]:
    """The lengths of the three rows after a button was pressed."""
    changed = rows.rearranged(THREE | {"act": act}, BLANKS)  # type: ignore[operator]
    assert changed is not None
    return [row.get("minutes", "") for row in rows.rows_in(changed[0], "offers")]


@pytest.mark.parametrize(
    ("act", "minutes"),
    [
        ("add-offers", ["30", "60", "90", ""]),
        ("remove-offers-1", ["30", "90"]),
        ("up-offers-1", ["60", "30", "90"]),
        ("down-offers-1", ["30", "90", "60"]),
        ("up-offers-0", ["30", "60", "90"]),
        ("down-offers-2", ["30", "60", "90"]),
        ("remove-offers-9", ["30", "60", "90"]),
    ],
)
def test_rows_are_added_removed_and_moved(act: str, minutes: list[str]) -> None:
    assert minutes_after(act) == minutes


@pytest.mark.parametrize("act", ["", "save", "drop-offers-1", "add-people", "remove-offers-²", "remove-offers--1"])
def test_other_buttons_rearrange_nothing(act: str) -> None:
    assert rows.rearranged(MultiDict({"act": act}), BLANKS) is None


def test_what_else_was_typed_stays() -> None:
    changed = rows.rearranged(THREE | {"act": "remove-offers-0"}, BLANKS)  # type: ignore[operator]
    assert changed is not None
    assert changed[0]["title"] == "T"
    assert changed[1] == "offers-0-minutes"


def test_a_moved_row_is_looked_at_where_it_went() -> None:
    changed = rows.rearranged(THREE | {"act": "down-offers-0"}, BLANKS)  # type: ignore[operator]
    assert changed is not None
    assert changed[1] == "offers-1-minutes"


def test_keys_no_page_sends_are_no_rows() -> None:
    assert (
        rows.rows_in(MultiDict({"offers-²-minutes": "1", "offers-9999-minutes": "1", "offers-1-<b>": "1"}), "offers")
        == []
    )


def week_of(**days: list[tuple[str, str]]) -> TypedWeek:
    fields: MultiDict[str, str] = MultiDict()
    for day, spans in days.items():
        for start, end in spans:
            fields.add(f"hours-{day[1:]}-start", start)
            fields.add(f"hours-{day[1:]}-end", end)
    return TypedWeek.of_fields(fields)


@pytest.mark.parametrize(
    ("start", "end", "span"),
    [
        ("09:00", "12:00", DaySpan(540, 180)),
        ("18:00", "00:00", DaySpan(1080, 360)),
        ("22:00", "02:00", DaySpan(1320, 240)),
        ("00:00", "00:00", DaySpan(0, DAY)),
        ("09:00", "09:00", None),
        ("9", "12:00", None),
        ("09:00", "", None),
        ("25:00", "26:00", None),
        ("०९:००", "12:00", None),
    ],
)
def test_times_are_read_as_people_mean_them(start: str, end: str, span: DaySpan | None) -> None:
    assert TypedSpan(start, end).span == span


def test_a_week_comes_back_as_it_was_kept() -> None:
    kept = {0: (DaySpan(540, 180), DaySpan(780, 240)), 6: (DaySpan(0, DAY),), 4: (DaySpan(1320, 240),)}
    assert TypedWeek.of_hours(kept).hours() == kept


def test_blank_rows_count_as_not_there() -> None:
    assert week_of(d0=[("", ""), ("09:00", "10:00")]).hours() == {0: (DaySpan(540, 60),)}
    assert fault_in_rows([TypedSpan("", "")]) is None


def test_a_line_that_ends_when_it_starts_is_told_so() -> None:
    assert "are the same" in str(fault_in_rows([TypedSpan("09:00", "09:00")]))
    assert "needs a start and an end" in str(fault_in_rows([TypedSpan("09:00", "")]))
    assert fault_in_rows([TypedSpan("00:00", "00:00")]) is None


def test_faults_stand_beside_their_day() -> None:
    week = week_of(d0=[("09:00", "x")], d2=[("09:00", "12:00"), ("11:00", "13:00")])
    assert sorted(week.faults()) == [0, 2]
    assert [day.error is not None for day in week.checked().days] == [True, False, True, False, False, False, False]
    assert not any(day.error for day in week.days)


def test_hours_that_run_into_the_next_day_are_named() -> None:
    assert week_of(d0=[("22:00", "02:00")], d1=[("01:00", "03:00")]).faults()


def test_rows_of_the_week_come_and_go() -> None:
    week = TypedWeek.of_hours({}).with_row(3)
    assert week.hours() == {3: (DaySpan(540, 480),)}
    assert [row.start for row in week.with_row(3).rows[3]] == ["09:00", ""]
    assert week.without_row(3, 0).hours() == {}
    assert week.without_row(3, 7).hours() == week.hours()


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_joins_what_is_there_and_keeps_what_cannot_be_read(preset: str) -> None:
    week = week_of(d0=[("08:00", "x")], d5=[("10:00", "11:00")]).with_preset(preset)
    assert week.hours()[1] == tuple(PRESETS[preset][1])
    assert week.hours()[5] == (DaySpan(600, 60),)
    assert TypedSpan("08:00", "x") in week.rows[0]


def test_too_many_spans_a_day_are_cut() -> None:
    assert len(week_of(d0=[("09:00", "10:00")] * 500).rows[0]) == 12


@pytest.mark.parametrize(
    "text", ["2027-02-30", "1999-01-01", "27-01-01", "", "2027-1-1", "२०२७-०१-०१", "2027-01-01T00:00"]
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert readable_date(text) is None


def test_midnight_is_a_time() -> None:
    assert minute_of("00:00") == 0
