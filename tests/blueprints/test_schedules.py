"""A coach's schedules: the list, the week, single days and time off, zone and journeys, and why a time is free."""

from datetime import UTC, date, datetime, timedelta

import pytest

from coaching.calendars.models import Feed, OutsideBusy
from coaching.hours import mutations
from coaching.hours.models import DateOverride, Schedule, TimeOff
from coaching.hours.queries import coming_overrides, coming_time_off, schedules_of, travels_of, weekly_hours
from coaching.hours.week import DaySpan, TravelSpan
from tests import factories
from tests.pages import form_to

NOW = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)  # a Monday
HTMX = {"HX-Request": "true"}


@pytest.fixture
def coach(browser_of, set_clock, alice):
    """Alice's browser, on a Monday in March."""
    set_clock(NOW)
    return browser_of(alice)


@pytest.fixture
def product(alice):
    return factories.make_product(factories.make_store(alice, slug="alices"), title="Mixing call")


@pytest.fixture
def address(product):
    return f"/dashboard/schedules/{product.schedule.code}"


def fresh(product) -> Schedule:
    return Schedule.get_by_id(product.schedule_id)


def test_the_list_says_when_and_for_what(coach, product, alice):
    factories.make_schedule(
        alice, weekdays=range(4, 6), name="Nights", start_minute=1320, length_minutes=240, zone="Asia/Tokyo"
    )
    page = coach.get("/dashboard/schedules").text
    assert "Mon–Sun 09:00–17:00 · Berlin (UTC+1)" in page
    assert "Fri–Sat 22:00–02:00 · Tokyo (UTC+9)" in page
    assert "No call uses it yet" in page
    assert 'href="/dashboard/schedules"' in coach.get("/dashboard").text


def test_without_a_store_there_is_a_way_to_one(browser_of, bob):
    student = browser_of(bob)
    assert 'href="/stores/new"' in student.get("/dashboard/schedules").text
    assert student.get("/dashboard/schedules/new").location == "/dashboard/schedules"
    assert student.post("/dashboard/schedules/new", data={"name": "Mine", "zone": "UTC"}).status_code == 403
    assert "/dashboard/schedules" not in student.get("/dashboard").text
    assert schedules_of(bob) == []


def test_a_new_schedule_sent_twice_is_one(coach, product, alice):
    fields = form_to(coach.get("/dashboard/schedules/new").text, "/dashboard/schedules/new").fields
    assert fields["zone"] == "Europe/Berlin"
    refused = coach.post("/dashboard/schedules/new", data=fields | {"zone": "Nowhere/Land"})
    assert (refused.status_code, refused.text.count("Give the schedule a name.")) == (422, 2)
    answers = [coach.post("/dashboard/schedules/new", data=fields | {"name": "Evenings"}) for _ in range(2)]
    _, made = schedules_of(alice)
    assert [answer.location for answer in answers] == [f"/dashboard/schedules/{made.code}"] * 2
    assert (made.name, weekly_hours(made).week[0]) == ("Evenings", (DaySpan(540, 480),))


def test_a_schedule_is_duplicated_with_or_without_its_days(coach, product, address, alice):
    schedule, today = product.schedule, NOW.date()
    assert 'name="with_days"' not in coach.get(f"{address}/copy").text  # it has none
    days = [today - timedelta(days=1), today, today + timedelta(days=9)]
    for day in days:
        mutations.change_day(schedule, day, [DaySpan(600, 60)] if day == days[2] else [], note="Fair")
    past, coming = TravelSpan("Asia/Tokyo", days[0], days[0]), TravelSpan("Asia/Tokyo", days[2], days[2])
    for journey in (past, coming):
        mutations.plan_travel([schedule], journey, days[0])
    mutations.save_weekly_hours(schedule, {1: [DaySpan(1320, 240)]})
    name = schedule.name
    assert f'href="{address}/copy"' in coach.get("/dashboard/schedules").text

    page = coach.get(f"{address}/copy").text
    assert "2 days to come are changed." in page
    fields = form_to(page, f"{address}/copy").fields
    assert fields["name"] == f"{name} (copy)"
    answers = [coach.post(f"{address}/copy", data=fields) for _ in range(2)]
    _, made = schedules_of(alice)
    assert [answer.location for answer in answers] == [f"/dashboard/schedules/{made.code}"] * 2
    assert (made.name, made.zone) == (f"{name} (copy)", schedule.zone)
    assert weekly_hours(made).week == {1: (DaySpan(1320, 240),)}
    assert weekly_hours(made).travels == (coming,)
    assert {day.day_on: (day.spans, day.note) for day in coming_overrides(made, date.min)} == {
        days[1]: ("[]", "Fair"),
        days[2]: ("[[600, 60]]", "Fair"),
    }
    assert product.schedule == fresh(product)

    fields = form_to(coach.get(f"{address}/copy").text, f"{address}/copy").fields
    assert fields["name"] == f"{name} (copy 2)"
    taken = coach.post(f"{address}/copy", data=fields | {"name": f" {name.upper()}  (Copy)"})
    assert (taken.status_code, "You have a schedule of this name." in taken.text) == (422, True)
    without = {key: value for key, value in fields.items() if key != "with_days"}
    assert coach.post(f"{address}/copy", data=without).status_code == 303
    bare = schedules_of(alice)[-1]
    assert (bare.name, coming_overrides(bare, date.min)) == (f"{name} (copy 2)", [])
    assert weekly_hours(bare).travels == (coming,)


def test_what_is_too_much_of_changed_days_makes_no_copy(coach, product, address, alice):
    days = range(mutations.MOST_OVERRIDES // 2 + 1)
    DateOverride.insert_many(
        {"schedule": product.schedule, "day_on": NOW.date() + timedelta(days=day)} for day in days
    ).execute()
    fields = form_to(coach.get(f"{address}/copy").text, f"{address}/copy").fields
    refused = coach.post(f"{address}/copy", data=fields)
    assert (refused.status_code, "can change at most 500 days" in refused.text) == (422, True)
    assert len(schedules_of(alice)) == 1


def test_the_week_is_changed_by_plain_fields(coach, product, address):
    fields = form_to(coach.get(address).text, address).fields
    night = fields | {"hours-1-start": "22:00", "hours-1-end": "02:00", "act": "save"}
    assert coach.post(address, data=night).location == address
    assert weekly_hours(fresh(product)).week[1] == (DaySpan(1320, 240),)
    page = coach.get(address).text
    assert "The hours are saved. What is booked stays booked." in page
    assert 'data-weekday="2" x="34.4%" y="24" width="12.4%" height="30.0"' in page  # until two, drawn on the next day


def test_whoever_shortens_the_week_reads_what_lies_outside_of_it(coach, product, address, bob):
    factories.make_coaching_session(product, bob, starts_at=datetime(2027, 3, 10, 14, 0, tzinfo=UTC))
    fields = form_to(coach.get(address).text, address).fields | {"act": "save"}
    coach.post(address, data=fields | {"hours-2-end": "15:30"})
    assert "One session lies outside of them and stays booked" in coach.get(address).text


def test_buttons_change_the_page_only(coach, product, address):
    fields = form_to(coach.get(address).text, address).fields
    copied = {**fields, "hours-0-end": "12:00", "act": "copy", "copy-from": "0", "copy-to": ["2", "6", "9"]}
    page = coach.post(address, data=copied, headers=HTMX).text
    assert "<html" not in page
    assert page.count('value="12:00"') == 3
    assert "Hours copied." in page
    evenings = coach.post(address, data=fields | {"act": "preset:evening"}).text
    assert evenings.count('value="21:00"') == 5
    assert coach.post(address, data=fields | {"act": "clear"}).text.count("No hours") == 7
    assert 'name="hours-3-start" value=""' in coach.post(address, data=fields | {"add": "3"}).text
    assert "hours-4-start" not in coach.post(address, data=fields | {"remove": "4-0"}).text
    assert weekly_hours(fresh(product)).week[0] == (DaySpan(540, 480),)


def test_what_is_wrong_with_the_week_stands_beside_it(coach, product, address):
    fields = form_to(coach.get(address).text, address).fields
    for changes, sentence in (
        ({"hours-2-end": ""}, "Each line needs a start and an end"),
        ({"hours-2-start": ["09:00", "10:00"], "hours-2-end": ["11:00", "12:00"]}, "These hours overlap"),
        ({f"hours-{day}-{part}": "" for day in range(7) for part in ("start", "end")}, "“Mixing call” is on sale"),
    ):
        answer = coach.post(address, data=fields | changes | {"act": "save"})
        assert (answer.status_code, sentence in answer.text) == (422, True), sentence
    assert 0 in weekly_hours(fresh(product)).week


def test_an_older_page_overwrites_no_newer_hours(coach, product, address):
    fields = form_to(coach.get(address).text, address).fields | {"act": "save"}
    coach.post(address, data=fields | {"hours-0-start": "08:00"})
    answer = coach.post(address, data=fields | {"hours-0-start": "11:00"})
    assert answer.status_code == 409
    assert "08:00–17:00" in answer.text
    assert "11:00–17:00" in answer.text
    again = form_to(answer.text, address).fields | {"act": "save"}
    assert coach.post(address, data=again).status_code == 303
    assert weekly_hours(fresh(product)).week[0] == (DaySpan(660, 360),)


def test_hours_come_back_to_whoever_had_to_sign_in(coach, client, product, address, alice):
    typed = form_to(coach.get(address).text, address).fields | {"hours-0-start": "05:00", "act": "save"}
    assert client.post(address, data=typed).location.startswith("/sign-in")
    credentials = {"email": alice.email, "password": factories.PASSWORD}
    assert client.post("/sign-in", data=credentials | {"next": address}).location == address
    page = client.get(address).text
    assert "What you typed is back." in page
    assert 'value="05:00"' in page


def test_a_schedule_is_renamed_and_goes_only_unused(coach, product, address, alice):
    assert coach.post(f"{address}/name", data={"name": "  "}).status_code == 422
    assert coach.post(f"{address}/name", data={"name": "Studio"}).location == address
    assert fresh(product).name == "Studio"
    for state in ("published", "draft", "archived"):
        type(product).update(state=state).execute()
        assert "Some calls use" not in coach.get(f"{address}/removal").text
        assert coach.post(f"{address}/removal").status_code == 409
    spare = factories.make_schedule(alice, name="Spare")
    mutations.plan_travel([spare], TravelSpan("Asia/Tokyo", date(2027, 5, 1), date(2027, 5, 2)), NOW.date())
    mutations.close_day(spare, date(2027, 5, 1))
    assert coach.post(f"/dashboard/schedules/{spare.code}/removal").location == "/dashboard/schedules"
    assert schedules_of(alice) == [fresh(product)]
    assert coach.get(f"/dashboard/schedules/{spare.code}").status_code == 404


def test_a_month_shows_hours_beside_what_is_booked(coach, product, address, alice, bob):
    factories.make_coaching_session(product, bob, starts_at=datetime(2027, 3, 10, 14, 0, tzinfo=UTC))
    mutations.close_day(product.schedule, date(2027, 3, 9))
    mutations.change_day(product.schedule, date(2027, 3, 12), [DaySpan(600, 60)], note="Open day")
    mutations.take_time_off(
        alice, datetime(2027, 3, 19, 23, 0, tzinfo=UTC), datetime(2027, 3, 21, 23, 0, tzinfo=UTC), "Sea"
    )
    page = coach.get(f"{address}/days").text
    for words in (
        "Wednesday 10 March, open, 09:00–17:00, 1 booked",
        "Tuesday 9 March, no hours",
        "Friday 12 March, other hours, 10:00–11:00",
        "Saturday 20 March, time off",
        "Sunday 21 March, time off",
        "Monday 22 March, open",
        "10:00–11:00 · Open day",
        "Sat 20 March 2027 to Sun 21 March 2027",
        "Sea",
    ):
        assert words in page, words
    day = coach.get(f"{address}/days?day=2027-03-10", headers=HTMX).text
    assert "<html" not in day
    assert "15:00–16:00 Mixing call" in day
    assert bob.name in day
    assert "April 2027" in coach.get(f"{address}/days?month=2027-04").text
    for beyond in ("month=1999-01", "month=2027-02", "day=2027-02-28", "day=nonsense", "month=2027-99"):
        assert "March 2027" in coach.get(f"{address}/days?{beyond}").text, beyond
    assert "March 2029" in coach.get(f"{address}/days?month=2099-01").text


def test_a_day_shows_what_outside_calendars_say(coach, address, alice):
    at = datetime(2027, 3, 9, 11, 0, tzinfo=UTC)
    feed = factories.make_feed(alice, NOW)
    OutsideBusy.create(feed=feed, starts_at=at, ends_at=at + timedelta(hours=1))
    page = coach.get(f"{address}/days?day=2027-03-09").text
    assert "Tue 9 March 2027, 12:00 to 13:00" in page
    assert "Busy, says “Family”" in page
    Feed.update(fetched_at=NOW - timedelta(days=30)).execute()
    assert "“Family” could not be read for this day" in coach.get(f"{address}/days?day=2027-03-09").text


def test_clocks_and_weeks_are_those_of_the_browsers_language(coach, product, address, alice):
    american = {"Accept-Language": "en-US,en;q=0.9"}
    mutations.take_time_off(alice, datetime(2027, 3, 9, 11, 0, tzinfo=UTC), datetime(2027, 3, 9, 23, 0, tzinfo=UTC))
    mutations.change_day(product.schedule, date(2027, 3, 12), [DaySpan(720, 720)])
    here, there = (coach.get(f"{address}/days", headers=headers).text for headers in ({}, american))
    assert here.index('title="Monday"') < here.index('title="Sunday"')
    assert there.index('title="Sunday"') < there.index('title="Monday"')
    assert "Tue 9 March 2027, 12:00 to 24:00" in here
    assert "Tue 9 March 2027, 12:00\N{NO-BREAK SPACE}pm to midnight" in there
    assert ("12:00–24:00" in here, "12:00\N{NO-BREAK SPACE}pm–midnight" in there) == (True, True)


def test_one_day_opens_closes_and_is_usual_again(coach, product, address):
    day = f"{address}/days/2027-03-09"
    page = f"{address}/days?day=2027-03-09"
    assert coach.get(day).location == page
    own = {"kind": "own", "start": ["10:00", "22:00", ""], "end": ["12:00", "02:00", ""], "note": "Late"}
    assert coach.post(day, data=own).location == page
    (kept,) = coming_overrides(fresh(product), NOW.date())
    assert (weekly_hours(fresh(product)).overrides[kept.day_on], kept.note) == (
        (DaySpan(600, 120), DaySpan(1320, 240)),
        "Late",
    )
    fields = form_to(coach.get(page).text, day).fields
    assert (fields["kind"], fields["note"], fields["start"]) == ("own", "Late", "10:00")
    for changes, sentence in (
        ({"end": ["12:00", ""]}, "Each line needs a start and an end"),
        ({"start": [""], "end": [""]}, "Type from when to when"),
        ({"kind": "often"}, "Choose one of the three."),
        ({"note": "n" * 201}, "At most 200 characters."),
    ):
        refused = coach.post(day, data=own | changes)
        assert (refused.status_code, sentence in refused.text) == (422, True), sentence
    more = coach.post(day, data=own | {"act": "add-row"}, headers=HTMX).text
    assert more.count('name="start"') == 4
    coach.post(day, data={"kind": "closed"})
    assert weekly_hours(fresh(product)).is_closed(date(2027, 3, 9))
    coach.post(day, data={"kind": "weekly"})
    assert coming_overrides(fresh(product), NOW.date()) == []
    for gone in ("2027-02-28", "2029-04-01", "nonsense"):
        assert coach.post(f"{address}/days/{gone}", data={"kind": "closed"}).status_code == 404, gone


def test_a_day_changed_in_another_window_is_not_overwritten_unasked(coach, product, address):
    day, page = f"{address}/days/2027-03-09", f"{address}/days?day=2027-03-09"
    older = form_to(coach.get(page).text, day).fields
    coach.post(day, data=older | {"kind": "own", "start": "10:00", "end": "12:00"})
    answer = coach.post(day, data=older | {"kind": "closed"}, headers=HTMX)
    assert (answer.status_code, "it has 10:00–12:00 now" in answer.text) == (409, True)
    assert 'id="changes" aria-labelledby="changes-title" hx-swap-oob="true"' in answer.text
    assert coach.post(day, data=form_to(answer.text, day).fields).status_code == 303
    assert weekly_hours(fresh(product)).is_closed(date(2027, 3, 9))


def test_time_off_closes_everything_and_says_what_is_booked(coach, product, address, alice, bob, mallory, browser_of):
    factories.make_coaching_session(product, bob, starts_at=datetime(2027, 3, 10, 14, 0, tzinfo=UTC))
    days = f"{address}/days"
    whole = {"off_from": "2027-03-10", "off_until": "2027-03-12", "off_note": "Skiing"}
    assert coach.post(days, data=whole).location == f"{days}?month=2027-03"
    page = coach.get(days).text
    assert "One session is booked in it: it stays." in page
    (off,) = coming_time_off(alice, NOW)
    assert (off.starts_at, off.ends_at) == (
        datetime(2027, 3, 9, 23, 0, tzinfo=UTC),
        datetime(2027, 3, 12, 23, 0, tzinfo=UTC),
    )
    timed = {"off_from": "2027-04-01", "off_until": "2027-04-01", "off_from_time": "12:00", "off_until_time": "18:30"}
    # One day needs no last one.
    coach.post(days, data=timed | {"off_until": ""})
    assert "Thursday 1 April, open, 09:00–17:00, time off for a part of it" in coach.get(f"{days}?month=2027-04").text
    assert coming_time_off(alice, NOW)[1].ends_at == datetime(2027, 4, 1, 16, 30, tzinfo=UTC)
    for changes, sentence in (
        ({"off_from": ""}, "Choose the first day."),
        ({"off_until": "1.4.2027"}, "Type a day like 2027-12-24."),
        ({"off_until": "2027-03-31"}, "The last day is before the first."),
        ({"off_from": "2027-01-01", "off_until": "2027-01-02"}, "This is over already."),
        ({"off_from": "2027-01-01", "off_until": ""}, "This is over already."),
        ({"off_until_time": "12:00"}, "Time off has to end after it starts."),
        ({"off_from_time": "noon"}, "Type a time like 22:30."),
    ):
        refused = coach.post(days, data=timed | changes)
        assert (refused.status_code, sentence in refused.text) == (422, True), sentence
    # On a journey a day is one there.
    tokyo = TravelSpan("Asia/Tokyo", date(2027, 5, 3), date(2027, 5, 9))
    mutations.plan_travel([product.schedule], tokyo, NOW.date())
    coach.post(days, data={"off_from": "2027-05-08", "off_until": "2027-05-10"})
    assert "Sat 8 May 2027 to Mon 10 May 2027" in coach.get(days).text
    assert coming_time_off(alice, NOW)[2].starts_at == datetime(2027, 5, 7, 15, 0, tzinfo=UTC)
    removal = f"{address}/time-off/{off.id}/removal"
    mallorys = factories.make_schedule(mallory)
    foreign = f"/dashboard/schedules/{mallorys.code}/time-off/{off.id}/removal"
    browser_of(mallory).post(foreign)
    assert TimeOff.select().count() == 3
    for words in ("Removed.", "It was not there any more."):
        assert coach.post(removal).location == days
        assert words in coach.get(days).text
    assert TimeOff.select().count() == 2


def test_another_zone_is_looked_at_before_it_holds(coach, product, address, bob):
    factories.make_coaching_session(product, bob, starts_at=datetime(2027, 3, 2, 8, 0, tzinfo=UTC))
    zone = f"{address}/zone"
    page = coach.get(f"{zone}?zone=America/New_York").text
    assert fresh(product).zone == "Europe/Berlin"
    assert "15:00–23:00" in page  # nine to five there, on a clock in Berlin
    assert "Tue 2 Mar, 09:00 in Berlin, which is Tue 2 Mar, 03:00 in New York" in page
    assert "Outside the new hours" in page
    fields = form_to(page.split('class="card stack"')[1], zone).fields
    assert coach.post(zone, data=fields).location == zone
    assert fresh(product).zone == "America/New_York"
    assert "What is booked keeps its time." in coach.get(zone).text
    older = coach.post(zone, data=fields | {"zone": "Asia/Tokyo"})
    assert (older.status_code, "Another window has set New York" in older.text) == (409, True)
    assert "The hours are in New York already." in coach.get(f"{zone}?zone=America/New_York").text
    assert coach.get(f"{zone}?zone=Nowhere/Land").status_code == 422
    assert coach.post(zone, data={"zone": "Nowhere/Land"}).status_code == 422
    assert fresh(product).zone == "America/New_York"


def test_a_journey_is_looked_at_planned_and_removed(coach, product, address, bob):
    factories.make_coaching_session(product, bob, starts_at=datetime(2027, 3, 10, 14, 0, tzinfo=UTC))
    zone, travels = f"{address}/zone", f"{address}/travels"
    trip = {"travel_zone": "Asia/Tokyo", "from_on": "2027-03-10", "until_on": "2027-03-12"}
    page = coach.get(zone, query_string=trip).text
    assert travels_of(fresh(product)) == []
    assert "01:00–09:00" in page
    assert "Wed 10 Mar, 15:00 in Berlin, which is Wed 10 Mar, 23:00 in Tokyo" in page
    assert coach.post(travels, data=form_to(page, travels).fields).location == f"{zone}#travels"
    assert weekly_hours(fresh(product)).travels == (TravelSpan("Asia/Tokyo", date(2027, 3, 10), date(2027, 3, 12)),)
    overlapping = trip | {"from_on": "2027-03-12", "until_on": "2027-03-20"}
    for refused in (coach.get(zone, query_string=overlapping), coach.post(travels, data=overlapping)):
        assert (refused.status_code, "on another journey from 10 March 2027" in refused.text) == (422, True)
    for changes, sentence in (
        ({"travel_zone": ""}, "Choose a time zone from the list."),
        ({"until_on": "2027-03-09"}, "The last day is before the first."),
        ({"from_on": "2027-02-01", "until_on": "2027-02-28"}, "This journey is over already."),
        ({"from_on": "2029-03-31", "until_on": "2029-04-01"}, "Plan no further than 31 March 2029."),
    ):
        refused = coach.post(travels, data=trip | changes)
        assert (refused.status_code, sentence in refused.text) == (422, True), sentence
    (planned,) = travels_of(fresh(product))
    other = factories.make_schedule(product.store.owner)
    coach.post(f"/dashboard/schedules/{other.code}/travels/{planned.id}/removal")
    assert travels_of(fresh(product)) == [planned]
    assert "Asia/Tokyo" not in coach.get(f"{address}/days").text
    assert "travelling" in coach.get(f"{address}/days").text
    assert coach.post(f"{travels}/{planned.id}/removal").status_code == 303
    assert travels_of(fresh(product)) == []
    page = coach.get(zone, query_string=trip | {"everywhere": "y"}).text
    assert "Plan this journey in all schedules" in page
    coach.post(travels, data=form_to(page, travels).fields)
    assert [len(travels_of(schedule)) for schedule in (fresh(product), other)] == [1, 1]


def test_it_is_said_why_a_time_is_free_or_not(coach, product, address, bob):
    check = f"{address}/check"
    factories.make_coaching_session(product, bob, starts_at=datetime(2027, 3, 10, 14, 0, tzinfo=UTC))
    fields = form_to(coach.get(f"{check}?on=2027-03-10").text, check).fields
    assert fields["on"] == "2027-03-10"
    for at, words in (
        ("10:00", ["A student can book “Mixing call” for 1 h"]),
        ("15:30", ["Not free", "Session", bob.name]),
        ("20:00", ["Not free", "Hours"]),
    ):
        page = coach.get(check, query_string=fields | {"at": at}).text
        assert [word for word in words if word not in page] == [], at
    for changes, sentence in (
        ({"at": ""}, "Type a time like 18:00."),
        ({"at": "10:00", "on": ""}, "Choose a day."),
        ({"at": "10:00", "offer": "999"}, "Choose a call of this schedule."),
    ):
        refused = coach.get(check, query_string=fields | changes)
        assert (refused.status_code, sentence in refused.text) == (422, True), sentence
    twice = coach.get(check, query_string=fields | {"on": "2027-10-31", "at": "02:30"}).text
    assert (twice.count('class="card stack"'), "02:30 UTC+2" in twice, "02:30 UTC+1" in twice) == (2, True, True)
    skipped = coach.get(check, query_string=fields | {"on": "2027-03-28", "at": "02:30"}).text
    assert "The clocks skip the time you typed." in skipped
    empty = factories.make_schedule(product.store.owner)
    assert "No call uses this schedule yet." in coach.get(f"/dashboard/schedules/{empty.code}/check").text


def test_after_the_clock_went_on_what_is_over_is_gone(coach, product, address, set_clock, alice):
    mutations.close_day(product.schedule, date(2027, 3, 9))
    mutations.take_time_off(alice, NOW, NOW + timedelta(days=3), "Skiing")
    mutations.plan_travel([product.schedule], TravelSpan("Asia/Tokyo", date(2027, 3, 5), date(2027, 3, 6)), NOW.date())
    assert "Skiing" in coach.get(f"{address}/days").text
    set_clock(NOW + timedelta(days=60))
    page = coach.get(f"{address}/days").text
    assert "Skiing" not in page
    assert "Every day to come has its weekly hours." in page
    assert "Tokyo</b>" not in coach.get(f"{address}/zone").text
