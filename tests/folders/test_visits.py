"""Who writes into a folder lets the other one hear of it: once an hour, and not of what they have seen."""

from datetime import timedelta

import pytest

from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession, Seat
from coaching.folders.models import FolderVisit
from coaching.folders.mutations import add_entry, change_entry
from coaching.folders.queries import has_news
from coaching.folders.rules import EntryDetails, Kind
from coaching.folders.visit_mutations import record_visit
from coaching.notices.models import Notice
from tests import factories
from tests.factories import MADE_AT as NOW
from tests.fakes import FakeMailer
from tests.sending import deliver_due, text_of

MINUTE = timedelta(minutes=1)


@pytest.fixture
def seat(app: object, alice: Person, bob: Person) -> Seat:
    """Bob's in a call with Alice tomorrow."""
    product = factories.make_product(factories.make_store(alice))
    call = factories.make_coaching_session(product, bob, starts_at=NOW + timedelta(days=1))
    return Seat.select(Seat, CoachingSession).join(CoachingSession).where(Seat.coaching_session == call).get()


def write(seat: Seat, person: Person, minutes: int) -> str:
    details = EntryDetails(Kind.NOTE, f"Secret of {minutes}.")
    return add_entry(seat, person, details, f"key{minutes}", NOW + minutes * MINUTE)


def mails_until(mailer: FakeMailer, minutes: int) -> list[str]:
    """To whom mail goes, looked at in that minute, since the last look."""
    before = len(mailer.sent)
    deliver_due(mailer, NOW + minutes * MINUTE)
    return [mail["To"] for mail in mailer.sent[before:]]


def test_the_other_hears_minutes_later_and_once_an_hour(seat: Seat, alice: Person, bob: Person) -> None:
    mailer = FakeMailer()
    first = write(seat, alice, 0)
    change_entry(seat, alice, first, EntryDetails(Kind.NOTE, "Other secret."), 0, NOW + MINUTE)
    assert mails_until(mailer, 4) == []
    assert mails_until(mailer, 5) == [bob.email]
    text = text_of(mailer.sent[0])
    assert "Alice has written something into the folder of Mixing call." in text
    assert f"/sessions/{seat.coaching_session.code}/folder\n" in text
    assert "ecret" not in text
    write(seat, alice, 20)
    write(seat, bob, 20)  # whom nobody has told of anything yet
    assert mails_until(mailer, 59) == [alice.email]
    # An hour after the last that went, and not after it was written.
    assert mails_until(mailer, 64) == []
    assert mails_until(mailer, 65) == [bob.email]
    write(seat, alice, 80)
    assert mails_until(mailer, 124) == []
    assert mails_until(mailer, 125) == [bob.email]
    assert {notice.kind for notice in Notice.select()} == {"folder_written", "coach_folder_written"}


def test_nobody_hears_of_what_they_have_seen(seat: Seat, alice: Person, bob: Person) -> None:
    mailer = FakeMailer()
    write(seat, alice, 0)
    record_visit(seat, bob, NOW - MINUTE, NOW + MINUTE)  # a page from before
    assert (has_news(seat, bob.id), has_news(seat, alice.id)) == (True, False)
    record_visit(seat, bob, NOW + timedelta(days=9), NOW + MINUTE)  # nobody sees what is to come
    record_visit(seat, bob, NOW - MINUTE, NOW + MINUTE)
    assert FolderVisit.get().seen_at == NOW + MINUTE
    assert not has_news(seat, bob.id)
    assert mails_until(mailer, 5) == []
    assert Notice.get().state == "overtaken"
    write(seat, alice, 10)
    assert mails_until(mailer, 60) == [bob.email]


def test_who_is_let_in_nowhere_hears_of_nothing_they_could_open(seat: Seat, alice: Person, bob: Person) -> None:
    mailer = FakeMailer()
    write(seat, alice, 0)
    Person.update(suspended_at=NOW).where(Person.id == bob.id).execute()
    assert mails_until(mailer, 5) == []
    assert Notice.get().state == "overtaken"


def test_a_call_that_is_off_tells_of_nothing(seat: Seat, alice: Person) -> None:
    write(seat, alice, 0)
    CoachingSession.update(state="cancelled").execute()
    assert mails_until(FakeMailer(), 5) == []
