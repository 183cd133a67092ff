"""When the owner of an outside calendar is busy, by iCalendar texts as their makers write them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from icalendar.timezone import tzp

from coaching.calendars.essence import essence_of, without_past
from coaching.calendars.events import Frame, Reading, fingerprint, mark_of
from coaching.calendars.events import read_events as read_essence
from coaching.calendars.faults import Fault, FeedError
from tests.calendars.ics import calendar, event

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
FRAME = Frame(
    NOW - timedelta(days=1), NOW + timedelta(days=40), "Europe/Berlin", "coach.example.com", "alice@example.com"
)
BERLIN = ";TZID=Europe/Berlin:"
HOUR = "DURATION:PT1H"


def fingerprint_of(text: str, frame: Frame) -> str:
    return fingerprint(essence_of(text), frame)


def read_events(text: str, frame: Frame) -> Reading:
    return read_essence(essence_of(text), frame)


@pytest.fixture(autouse=True)
def _zones() -> None:
    """Each calendar is read by a process of its own; here icalendar would remember the zones of earlier ones."""
    tzp.use_default()


def busy(text: str, frame: Frame = FRAME) -> list[str]:
    return as_lines(read_events(text, frame).busy)


def as_lines(times: Iterable[tuple[datetime, datetime]]) -> list[str]:
    """`03-04 09:00 - 10:00`, in UTC; the end with its day where that is another."""
    return [f"{a:%m-%d %H:%M} - {b:{'%H:%M' if a.date() == b.date() else '%m-%d %H:%M'}}" for a, b in times]


@pytest.mark.parametrize(
    ("lines", "times"),
    [
        # One event, its end given, left out, in another zone, over midnight; in UTC; without a zone.
        ((event(f"{BERLIN}20270304T100000", f"DTEND{BERLIN}20270304T113000"),), ["03-04 09:00 - 10:30"]),
        ((event(f"{BERLIN}20270304T100000"),), []),
        ((event(f"{BERLIN}20270304T233000", "DTEND:20270305T003000Z"),), ["03-04 22:30 - 03-05 00:30"]),
        ((event(":20270304T100000Z", HOUR),), ["03-04 10:00 - 11:00"]),
        ((event(":20270304T100000", HOUR),), ["03-04 09:00 - 10:00"]),
        ((event(":20270304T100000Z", "DTEND:20270304T090000Z"),), []),
        # Whole days end at the midnight of their zone, also on the day of 23 hours.
        ((event(";VALUE=DATE:20270304"),), ["03-03 23:00 - 03-04 23:00"]),
        ((event(";VALUE=DATE:20270328", "DTEND;VALUE=DATE:20270329"),), ["03-27 23:00 - 03-28 22:00"]),
        # Free, cancelled, or one of our own.
        ((event(":20270304T100000Z", HOUR, "TRANSP:TRANSPARENT"),), []),
        ((event(":20270304T100000Z", HOUR, "STATUS:CANCELLED"),), []),
        ((event(":20270304T100000Z", HOUR, "X-MICROSOFT-CDO-BUSYSTATUS:FREE"),), []),
        ((event(":20270304T100000Z", HOUR, uid="gw56pb@Coach.example.com"),), []),
        ((event(":20270304T100000Z", HOUR, "STATUS:TENTATIVE"),), ["03-04 10:00 - 11:00"]),
        # Declined by the calendar's owner, by somebody else.
        ((event(":20270304T100000Z", HOUR, "ATTENDEE;CN=Al;PARTSTAT=DECLINED:MAILTO:alice@Example.com"),), []),
        (
            (event(":20270304T100000Z", HOUR, "ATTENDEE;PARTSTAT=DECLINED:mailto:bob@example.com"),),
            ["03-04 10:00 - 11:00"],
        ),
        (
            (event(":20270304T100000Z", HOUR, "ATTENDEE;PARTSTAT=ACCEPTED:mailto:alice@example.com"),),
            ["03-04 10:00 - 11:00"],
        ),
        # Ten o'clock stays ten o'clock when the clocks change; an end of the rule in UTC is one in UTC.
        (
            (event(f"{BERLIN}20270320T100000", HOUR, "RRULE:FREQ=WEEKLY;UNTIL=20270403T080000Z"),),
            ["03-20 09:00 - 10:00", "03-27 09:00 - 10:00", "04-03 08:00 - 09:00"],
        ),
        (
            (event(f"{BERLIN}20270320T100000", HOUR, "RRULE:FREQ=WEEKLY;UNTIL=20270403T075959Z"),),
            ["03-20 09:00 - 10:00", "03-27 09:00 - 10:00"],
        ),
        # Over a change of clocks a repetition lasts as long as ever, or ends when it always does: whichever is later.
        (
            (event(f"{BERLIN}20270326T230000", f"DTEND{BERLIN}20270327T080000", "RRULE:FREQ=DAILY;COUNT=2"),),
            ["03-26 22:00 - 03-27 07:00", "03-27 22:00 - 03-28 07:00"],
        ),
        (
            (event(f"{BERLIN}20270327T230000", f"DTEND{BERLIN}20270328T080000", "RRULE:FREQ=DAILY;COUNT=2"),),
            ["03-27 22:00 - 03-28 06:00", "03-28 21:00 - 03-29 06:00"],
        ),
        # Long ago, every other month, on the first Monday.
        (
            (event(f"{BERLIN}19990104T100000", HOUR, "RRULE:FREQ=MONTHLY;INTERVAL=3;BYDAY=1MO"),),
            ["04-05 08:00 - 09:00"],
        ),
        # Taken out, as an instant, in another zone, as a date; added, also with a length of its own.
        (
            (
                event(
                    *(f"{BERLIN}20270302T100000", HOUR, "RRULE:FREQ=DAILY;COUNT=5"),
                    *(f"EXDATE{BERLIN}20270303T100000", "EXDATE:20270304T090000Z", "EXDATE;VALUE=DATE:20270305"),
                    *(f"RDATE{BERLIN}20270310T100000", "RDATE;VALUE=PERIOD:20270311T100000Z/PT2H"),
                ),
            ),
            ["03-02 09:00 - 10:00", "03-06 09:00 - 10:00", "03-10 09:00 - 10:00", "03-11 10:00 - 12:00"],
        ),
        (
            (event(";VALUE=DATE:20270304", "RRULE:FREQ=DAILY;COUNT=2", "EXDATE:20270305T000000"),),
            ["03-03 23:00 - 03-04 23:00"],
        ),
        # One repetition moved, one cancelled, one free; an old version of the move is not heard of any more.
        (
            (
                event(f"{BERLIN}20270302T100000", HOUR, "RRULE:FREQ=DAILY;COUNT=4"),
                event(f"{BERLIN}20270303T150000", HOUR, f"RECURRENCE-ID{BERLIN}20270303T100000", "SEQUENCE:2"),
                event(f"{BERLIN}20270303T180000", HOUR, f"RECURRENCE-ID{BERLIN}20270303T100000", "SEQUENCE:1"),
                event(f"{BERLIN}20270304T100000", HOUR, "RECURRENCE-ID:20270304T090000Z", "STATUS:CANCELLED"),
                event(f"{BERLIN}20270305T100000", HOUR, f"RECURRENCE-ID{BERLIN}20270305T100000", "TRANSP:TRANSPARENT"),
            ),
            ["03-02 09:00 - 10:00", "03-03 14:00 - 15:00"],
        ),
        # All from one repetition on.
        (
            (
                event(f"{BERLIN}20270302T100000", HOUR, "RRULE:FREQ=DAILY;COUNT=4"),
                event(
                    *(f"{BERLIN}20270304T130000", "DURATION:PT2H"),
                    "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Berlin:20270304T100000",
                ),
            ),
            ["03-02 09:00 - 10:00", "03-03 09:00 - 10:00", "03-04 12:00 - 14:00", "03-05 12:00 - 14:00"],
        ),
        # Invited to one repetition only: there is no series.
        ((event(f"{BERLIN}20270304T100000", HOUR, f"RECURRENCE-ID{BERLIN}20270304T090000"),), ["03-04 09:00 - 10:00"]),
        # What overlaps or touches is one time; what began before or ends after the frame is cut.
        (
            (
                event(":20270304T100000Z", HOUR, uid="a"),
                event(":20270304T110000Z", HOUR, uid="b"),
                event(":20270304T103000Z", "DURATION:PT5M", uid="c"),
                event(":20270101T000000Z", "DTEND:20270301T000000Z", uid="d"),
            ),
            ["02-28 12:00 - 03-01 00:00", "03-04 10:00 - 12:00"],
        ),
        # A name of Windows; a maker's own name in front.
        ((event(";TZID=W. Europe Standard Time:20270304T100000", HOUR),), ["03-04 09:00 - 10:00"]),
        ((event(";TZID=/vendor.example.org/Europe/Berlin:20270304T100000", HOUR),), ["03-04 09:00 - 10:00"]),
    ],
)
def test_a_calendar_says_when_its_owner_is_busy(lines: tuple[str, ...], times: list[str]) -> None:
    assert busy(calendar(*lines)) == times


def test_whole_days_and_times_without_a_zone_are_those_of_the_calendar_else_of_the_coach() -> None:
    events = (event(":20270304T100000", HOUR, uid="a"), event(";VALUE=DATE:20270306", uid="b"))
    assert busy(calendar(*events, head="X-WR-TIMEZONE:Asia/Kathmandu\n")) == [
        "03-04 04:15 - 05:15",
        "03-05 18:15 - 03-06 18:15",
    ]
    assert busy(calendar(*events, head="X-WR-TIMEZONE:Nowhere/At_all\n"))[0] == "03-04 09:00 - 10:00"


def test_a_zone_that_the_calendar_explains_itself_holds() -> None:
    rules = """BEGIN:VTIMEZONE
TZID:Studio
BEGIN:STANDARD
DTSTART:20200101T000000
TZOFFSETFROM:+0300
TZOFFSETTO:+0300
END:STANDARD
END:VTIMEZONE
"""
    assert busy(calendar(event(";TZID=Studio:20270304T100000", HOUR), head=rules)) == ["03-04 07:00 - 08:00"]


def test_the_coach_is_told_of_zones_nobody_knows_and_of_events_nobody_can_read() -> None:
    reading = read_events(
        calendar(
            event(";TZID=Mars/Olympus:20270304T100000", HOUR, uid="a"),
            event(";TZID=../../etc/passwd:20270305T100000", HOUR, uid="b"),
            event(":yesterday", HOUR, uid="c"),
            event(":20270306T100000Z", HOUR, "RRULE:FREQ=NEVER", uid="d"),
            "SUMMARY:nothing else",
        ),
        FRAME,
    )
    assert as_lines(reading.busy) == ["03-04 09:00 - 10:00", "03-05 09:00 - 10:00"]
    assert reading.events == 2
    assert "“../../etc/passwd”, “Mars/Olympus”. Their times are read as those of Berlin." in reading.remark
    assert "3 events could not be read" in reading.remark


def test_a_calendar_of_busy_times_alone_is_read() -> None:
    text = """BEGIN:VCALENDAR
BEGIN:VFREEBUSY
FREEBUSY:20270304T100000Z/20270304T110000Z,20270305T100000Z/PT30M
FREEBUSY;FBTYPE=FREE:20270306T100000Z/PT30M
FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20270307T100000Z/PT30M
END:VFREEBUSY
END:VCALENDAR
"""
    assert busy(text) == ["03-04 10:00 - 11:00", "03-05 10:00 - 10:30", "03-07 10:00 - 10:30"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("<!doctype html><title>Sign in</title>", Fault.NO_CALENDAR),
        ("", Fault.NO_CALENDAR),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20270304T100000Z\n", Fault.BROKEN),
        ("BEGIN:VCALENDAR\nEND:VCALENDAR\nBEGIN:VCALENDAR\nBEGIN:VEVENT\n", Fault.BROKEN),
        ("BEGIN:VCALENDAR\nBEGIN:VFREEBUSY\nFREEBUSY:soon\nEND:VFREEBUSY\nEND:VCALENDAR\n", Fault.BROKEN),
        (calendar(event(":20270304T100000Z", HOUR, "RRULE:FREQ=SECONDLY")), Fault.TOO_OFTEN),
        (calendar(event(":20270304T100000Z", HOUR, "RRULE:FREQ=MINUTELY;COUNT=3")), Fault.TOO_OFTEN),
        (
            calendar(
                *[
                    event(f":2027030{day}T100000Z", HOUR, "RRULE:FREQ=HOURLY", uid=f"{day}{n}")
                    for day in range(1, 8)
                    for n in range(4)
                ]
            ),
            Fault.TOO_OFTEN,
        ),
        ("BEGIN:VCALENDAR\n" + "BEGIN:VEVENT\nEND:VEVENT\n" * 5001 + "END:VCALENDAR\n", Fault.TOO_MANY),
    ],
)
def test_what_is_no_calendar_or_too_much_of_one_is_refused(text: str, fault: Fault) -> None:
    with pytest.raises(FeedError) as refused:
        read_events(text, FRAME)
    assert refused.value.fault is fault


def test_what_only_says_when_it_was_asked_for_is_the_same_calendar() -> None:
    texts = [calendar(event(":20270304T100000Z", f"DTSTAMP:2027030{day}T000000Z", HOUR)) for day in (1, 2)]
    assert fingerprint_of(texts[0], FRAME) == fingerprint_of(texts[1], FRAME)
    assert fingerprint_of(texts[0], FRAME) != fingerprint_of(texts[0].replace("T10", "T11"), FRAME)
    elsewhere = replace(FRAME, zone="Asia/Tokyo")
    assert fingerprint_of(texts[0], FRAME) != fingerprint_of(texts[0], elsewhere)
    assert fingerprint_of(texts[0], elsewhere).startswith(mark_of(elsewhere))


def test_what_has_nothing_to_do_with_time_is_not_even_looked_at() -> None:
    text = calendar(
        event(
            *(":20270304T100000Z", "DTEND:20270304T1100\n 00Z", "DESCRIPTION:a long\n  story", "no colon here"),
            # Line breaks of other alphabets, as somebody who sends invitations may have typed them.
            "SUMMARY:free\u2028END:VEVENT\u2028TRANSP:TRANSPARENT\x0bSTATUS:CANCELLED",
            "ATTACH;ENCODING=BASE64;VALUE=BINARY:AAAA",
        )
    )
    assert busy(text) == ["03-04 10:00 - 11:00"]
    assert "story" not in essence_of(text)
    assert "free" not in essence_of(text)


def test_what_took_place_once_and_is_over_is_left_out_before_anything_is_worked_out() -> None:
    past = [event(":20200304T100000Z", "DTEND:20200304T110000Z", uid=f"past{number}") for number in range(6000)]
    others = (
        event(":20200101T100000Z", "DTEND:20200101T110000Z", "RRULE:FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=4", uid="a"),
        event(":20200101T100000Z", "DTEND:20200101T110000Z", "RDATE:20270305T100000Z", uid="b"),
        event(":20200101T100000Z", "DTEND:20270306T110000Z", uid="c"),
        event(":20200307T100000Z", "DURATION:P1D", uid="d"),
        event(";VALUE=DATE:20270227", "DTEND;VALUE=DATE:20270301", uid="e"),
    )
    left = without_past(essence_of(calendar(*past, *others)), FRAME.from_at)
    assert [name for name in "abcde" if f"UID:{name}" in left] == list("abcde")
    assert "past" not in left
    assert read_events(calendar(*past, *others), FRAME).events == 4
