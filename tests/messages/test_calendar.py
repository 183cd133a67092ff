"""A session as a calendar entry, read by programs that nobody here wrote."""

import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import icalendar
import pytest
from dateutil.tz import tzical
from werkzeug.test import Client

from coaching.booking.models import CoachingSession, Seat
from coaching.messages.calendar import feed_file, invitation, session_file
from coaching.messages.calendar_entries import Entry, Party
from coaching.messages.compose_queries import compose
from coaching.messages.reach_queries import get_recipient
from coaching.messages.rendering.mail import as_mail
from coaching.notices.kinds import MessageKind
from coaching.notices.models import Notice
from coaching.notices.mutations import owe
from tests.factories import make_coaching_session, make_person
from tests.fakes import FakeMailer
from tests.sending import SENDER, deliver_due, text_of

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
STARTS_AT = datetime(2027, 3, 9, 17, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
SITE = replace(SENDER, mail_address="hello@localhost")
ENTRY = Entry(
    code="gw56pb",
    title="Mixing call with Alice",
    starts_at=STARTS_AT,
    ends_at=STARTS_AT + HOUR,
    zone="Europe/Berlin",
    revision=2,
    is_cancelled=False,
    address="https://calls.example/sessions/gw56pb",
    reminders=(1440, 60),
)
STORE, BOB = Party("Nova Sound", "hello@calls.example"), Party("Bob", "bob@example.com")
KHAL = """
[calendars]
[[calls]]
path = {folder}/calendar
type = calendar
[sqlite]
path = {folder}/khal.db
[locale]
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
local_timezone = UTC
default_timezone = UTC
[default]
default_calendar = calls
"""
ALL_IN_MARCH = (
    '<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><C:calendar-data/></D:prop>'
    '<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">'
    '<C:time-range start="20270301T000000Z" end="20270401T000000Z"/></C:comp-filter></C:comp-filter></C:filter>'
    "</C:calendar-query>"
)


@pytest.mark.usefixtures("db")
@pytest.mark.one_database
def test_two_programs_have_one_entry_of_a_call_that_was_moved_twice_and_cancelled(tmp_path: Path) -> None:
    bob = make_person("Bob", zone="Europe/Berlin")
    coaching_session = make_coaching_session(student=bob, starts_at=STARTS_AT)
    khal, radicale = Khal(tmp_path), Radicale(tmp_path)

    for hours in (0, 24, 27):
        move(coaching_session, hours)
        part = invitation_in(mail_about(coaching_session, MessageKind.BOOKED))
        assert part.get_param("method") == "REQUEST"
        for program in (khal, radicale):
            program.take(part.get_content())
            begins = STARTS_AT + hours * HOUR
            assert program.entries() == [(f"{begins:%Y-%m-%d %H:%M}", f"{begins + HOUR:%H:%M}", "CONFIRMED")]

    CoachingSession.update(state="cancelled", revision=3, ended_by="coach").execute()
    part = invitation_in(mail_about(coaching_session, MessageKind.CANCELLED))
    assert part.get_param("method") == "CANCEL"
    for program in (khal, radicale):
        program.take(part.get_content())
        assert [state for *_, state in program.entries()] == ["CANCELLED"]


@pytest.mark.usefixtures("db")
def test_a_booking_is_confirmed_to_both_with_an_entry_for_the_calendar_of_each() -> None:
    coaching_session = make_coaching_session(student=make_person("Bob"), starts_at=STARTS_AT)
    people = (Seat.get().student, coaching_session.coach)
    for kind, person in zip((MessageKind.BOOKED, MessageKind.COACH_BOOKED), people, strict=True):
        owe(kind, f"{kind}:1", person.id, NOW, session_id=coaching_session.id)
    mailer = FakeMailer()

    assert deliver_due(mailer, NOW, sender=replace(SITE, url="https://calls.example")) == 2

    for mail, (me, other) in zip(mailer.sent, (people, people[::-1]), strict=True):
        (event,) = icalendar.Calendar.from_ical(invitation_in(mail).get_content()).walk("VEVENT")
        assert (mail["To"], event["attendee"]) == (me.email, f"mailto:{me.email}")
        assert event["summary"] == f"Mixing call with {other.name}"
        assert event["uid"] == f"{coaching_session.code}@calls.example"
        assert "Which messages you get: https://calls.example/settings/messages" in text_of(mail)
    # The student's confirmation cannot be turned off, the coach's can.
    assert [mail["List-Unsubscribe"] is None for mail in mailer.sent] == [True, False]


def test_an_invitation_asks_for_no_answer_and_names_nobody_but_its_recipient() -> None:
    method, content = invitation(ENTRY, STORE, BOB, NOW)
    calendar = icalendar.Calendar.from_ical(content)
    (event,) = calendar.walk("VEVENT")
    assert method == calendar["method"] == "REQUEST"
    assert (event["uid"], event["sequence"], event["status"]) == ("gw56pb@calls.example", 2, "CONFIRMED")
    assert (event["organizer"], event["organizer"].params["CN"]) == ("mailto:hello@calls.example", "Nova Sound")
    assert (event["attendee"], event["attendee"].params["RSVP"]) == ("mailto:bob@example.com", "FALSE")
    assert event["location"] == event["url"] == ENTRY.address
    assert [alarm.decoded("trigger") for alarm in event.walk("VALARM")] == [timedelta(days=-1), timedelta(hours=-1)]
    assert str(event["dtstart"].params["TZID"]) == "Europe/Berlin"
    assert [str(zone["tzid"]) for zone in calendar.walk("VTIMEZONE")] == ["Europe/Berlin"]
    assert len(content) < 2000

    method, content = invitation(replace(ENTRY, is_cancelled=True), STORE, BOB, NOW)
    (event,) = icalendar.Calendar.from_ical(content).walk("VEVENT")
    assert (method, event["status"], event.walk("VALARM")) == ("CANCEL", "CANCELLED", [])


def test_a_file_to_download_and_a_feed_invite_nobody_and_have_the_same_entry() -> None:
    calls = [ENTRY, replace(ENTRY, code="kd82mz", zone="America/New_York", reminders=())]
    for content in (session_file(ENTRY, NOW), feed_file(calls, "Calls", NOW)):
        assert not re.search(rb"METHOD|ATTENDEE|ORGANIZER", content)
        event = icalendar.Calendar.from_ical(content).walk("VEVENT")[0]
        assert (event["uid"], event["summary"]) == ("gw56pb@calls.example", ENTRY.title)
    same = replace(ENTRY, changed_at=NOW)
    assert feed_file([same], "Calls", NOW) == feed_file([same], "Calls", NOW + HOUR)
    assert icalendar.Calendar.from_ical(feed_file([], "Calls", NOW)).walk("VEVENT") == []


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Calcutta", "UTC"])
def test_every_hour_around_a_change_of_the_clocks_is_the_instant_that_is_meant(zone: str) -> None:
    """Read by the zone's own rules as written in the file, as a program does that does not know its name."""
    for day in (
        datetime(2027, 3, 13, tzinfo=UTC),
        datetime(2027, 3, 27, tzinfo=UTC),
        datetime(2027, 10, 30, tzinfo=UTC),
    ):
        starts = [day + hours * HOUR for hours in range(0, 60, 2)]
        entries = [
            replace(ENTRY, code=str(n), zone=zone, starts_at=at, ends_at=at + HOUR) for n, at in enumerate(starts)
        ]
        calendar = icalendar.Calendar.from_ical(feed_file(entries, "Calls", NOW))
        written = b"".join(component.to_ical() for component in calendar.walk("VTIMEZONE"))
        rules = tzical(StringIO(written.decode())) if written else None
        for at, event in zip(starts, calendar.walk("VEVENT"), strict=True):
            there = event.decoded("dtstart")
            tzid = event["dtstart"].params.get("TZID")
            read = there.replace(tzinfo=rules.get(tzid)) if tzid else there
            assert read.astimezone(UTC) == at


@pytest.mark.parametrize(
    "text", ["x\r\nATTENDEE:mailto:evil@example.com", 'a";b=c:mailto:x', "a,b;c\\n:", "\u202eevil", "é" * 200]
)
def test_no_title_or_name_writes_a_line_of_its_own(text: str) -> None:
    _, content = invitation(replace(ENTRY, title=text), Party(text, STORE.address), Party(text, BOB.address), NOW)
    (event,) = icalendar.Calendar.from_ical(content).walk("VEVENT")
    assert (event["attendee"], event["organizer"]) == ("mailto:bob@example.com", "mailto:hello@calls.example")
    assert event["uid"] == "gw56pb@calls.example"
    assert content.count(b"\r\nATTENDEE") == content.count(b"\r\nUID") == 1
    assert max(len(line) for line in content.split(b"\r\n")) <= 75


# --- The programs


class Khal:
    """A calendar on the command line; what it reads is told by itself."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "calendar").mkdir()
        (folder / "khal.conf").write_text(KHAL.format(folder=folder))

    def take(self, content: str) -> None:
        file = self.folder / "invite.ics"
        file.write_text(content, newline="")
        self._run("import", "--batch", str(file))

    def entries(self) -> list[tuple[str, ...]]:
        listing = self._run(
            "list", "2027-03-01", "30d", "--day-format", "", "--format", "{start-long}|{end-time}|{status}"
        )
        return [tuple(part.strip() for part in line.split("|")) for line in listing.splitlines() if "|" in line]

    def _run(self, *words: str) -> str:
        # Here, since it takes a second to load, and every worker reads every file of tests.
        from click.testing import CliRunner
        from khal.cli import main_khal

        ran = CliRunner().invoke(main_khal, ["-c", str(self.folder / "khal.conf"), *words])
        assert ran.exit_code == 0, ran.output
        return ran.output


class Radicale:
    """A calendar server; a mail program puts what it was invited to there, without the METHOD (RFC 4791, 4.1)."""

    def __init__(self, folder: Path) -> None:
        from radicale import config
        from radicale.app import Application

        settings = config.load()
        storage = {"filesystem_folder": str(folder / "radicale")}
        settings.update({"storage": storage, "auth": {"type": "none"}, "logging": {"level": "critical"}}, "test")
        self.client = Client(Application(settings))
        self._ask("PROPFIND", "/bob/", 207)  # on somebody's first visit their folder is made
        self._ask("MKCALENDAR", "/bob/calls/", 201)

    def take(self, content: str) -> None:
        calendar = icalendar.Calendar.from_ical(content)
        del calendar["method"]
        # A second one with the same UID would be a conflict at any other address.
        self._ask("PUT", f"/bob/calls/{calendar.walk('VEVENT')[0]['uid']}.ics", (201, 204), calendar.to_ical())

    def entries(self) -> list[tuple[str, ...]]:
        answer = self._ask("REPORT", "/bob/calls/", 207, ALL_IN_MARCH.encode())
        return [_told(event) for event in _events(answer.text)]

    def _ask(self, method: str, path: str, status: int | tuple[int, ...], data: bytes = b"") -> SimpleNamespace:
        headers = {"Authorization": f"Basic {b64encode(b'bob:x').decode()}", "Depth": "1"}
        answer = self.client.open(path, method=method, data=data, headers=headers)
        assert answer.status_code in (status if isinstance(status, tuple) else (status,)), answer.text
        return SimpleNamespace(text=answer.text)


def _events(multistatus: str) -> Iterator[icalendar.Component]:
    for calendar in re.findall("BEGIN:VCALENDAR.*?END:VCALENDAR", multistatus, re.DOTALL):
        yield from icalendar.Calendar.from_ical(calendar).walk("VEVENT")


def _told(event: icalendar.Component) -> tuple[str, ...]:
    begins, ends = (event.decoded(name).astimezone(UTC) for name in ("dtstart", "dtend"))
    return f"{begins:%Y-%m-%d %H:%M}", f"{ends:%H:%M}", str(event["status"])


# --- The session and its mails


def move(coaching_session: CoachingSession, hours: int) -> None:
    """The session is held so much later than booked: each time a new revision."""
    begins = STARTS_AT + hours * HOUR
    times = {"starts_at": begins, "ends_at": begins + HOUR}
    busy = {"busy_from": begins, "busy_until": begins + HOUR}
    Seat.update(times).where(Seat.coaching_session == coaching_session).execute()
    revision = CoachingSession.revision + (1 if hours else 0)
    CoachingSession.update(times | busy | {"revision": revision, "timed_at": NOW}).execute()


def mail_about(coaching_session: CoachingSession, kind: MessageKind) -> EmailMessage:
    student = Seat.get().student
    recipient = get_recipient(student)
    message = compose(Notice(kind=kind, session_id=coaching_session.id), recipient, SITE, NOW)
    return as_mail(message, SITE, key="x", recipient=student.email, at=NOW)


def invitation_in(mail: EmailMessage) -> EmailMessage:
    (part,) = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    assert part.get_filename() == "invite.ics"
    return part
