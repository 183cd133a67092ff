"""What is old is deleted each night: a day before its time each thing is there, a day after it is gone."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from coaching.accounts.models import Person, SecurityEvent, SignIn
from coaching.booking.models import Answer, CoachingSession, Seat
from coaching.checks import State
from coaching.diagnostics.people_queries import WORDS, retention_check
from coaching.folders.models import Folder
from coaching.folders.mutations import add_entry
from coaching.folders.rules import EntryDetails, Kind
from coaching.notices.kinds import MessageKind
from coaching.notices.models import Notice
from coaching.notices.mutations import owe
from coaching.own_data import retention_mutations
from coaching.own_data.retention_mutations import RULES, delete_what_is_old, last_night
from coaching.payments.models import Dispute, Objection, Payment, Receipt, Refund
from coaching.remedies import with_times
from coaching.rooms.models import Presence, Room, RoomEvent
from coaching.runtime.models import RetentionRun
from coaching.students.models import StudentMessage
from tests import factories
from tests.clocks import at
from tests.fakes import Killed
from tests.money_rows import paid, refunded

pytestmark = pytest.mark.usefixtures("db")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NOW = datetime(2027, 9, 9, 12, 0, tzinfo=UTC)


def test_each_kind_of_data_is_there_a_day_before_its_time_and_gone_a_day_after(alice: Person, bob: Person) -> None:
    call = make_call(alice, bob, NOW)
    seat = call.seats.get()
    SignIn.create(token_sha256="x", person=bob, made_at=NOW, seen_at=NOW, verified_at=NOW, ends_at=NOW)
    SignIn.create(token_sha256="y", person=bob, made_at=NOW, seen_at=NOW, verified_at=NOW, ends_at=NOW + 60 * DAY)
    owe(MessageKind.BOOKED, "a message", bob.id, NOW, session_id=call.id, state="sent")
    SecurityEvent.create(at=NOW, person=bob, kind="password changed")
    make_money(seat)
    add_entry(seat, bob, EntryDetails(Kind.NOTE, "A note."), "key", NOW)
    StudentMessage.create(coach=alice, student=bob, title="x", words="x", sent_at=NOW)
    kept: dict[str, tuple[int, Callable[[], int]]] = {
        "answers": (90, lambda: Answer.select().count()),
        "goals": (90, lambda: Seat.select().where(Seat.goals != "", Seat.phone.is_null(False)).count()),
        "presence": (90, lambda: Presence.select().count()),
        "folders": (365, lambda: Folder.select().count()),
        "room_log": (180, lambda: RoomEvent.select().count()),
        "sign_ins": (30, lambda: SignIn.select().where(SignIn.token_sha256 == "x").count()),
        "idle sign-ins": (14 + 30, lambda: SignIn.select().where(SignIn.token_sha256 == "y").count()),
        "student_messages": (180, lambda: StudentMessage.select().count()),
        "messages": (180, lambda: Notice.select().count()),
        "security_log": (180, lambda: SecurityEvent.select().count()),
    }
    for days in sorted({days for days, _ in kept.values()}):
        for passed in (days - 1, days + 1):
            delete_what_is_old(at(NOW + passed * DAY))
            remaining = {name for name, (_, count) in kept.items() if count()}
            assert remaining == {name for name, (limit, _) in kept.items() if limit > passed}, passed

    assert set(RULES) <= kept.keys()
    gone = {run.name: run.total for run in RetentionRun.select()}
    assert gone == dict.fromkeys(RULES, 1) | {"sign_ins": 2, "messages": 2}
    # What somebody has paid, and the record of the call that it was for, is in no rule.
    delete_what_is_old(at(NOW + 20 * 366 * DAY))
    assert [table.select().count() for table in (Payment, Refund, Receipt, CoachingSession, Seat)] == [1] * 5


def test_presence_waits_for_whoever_still_has_to_decide(alice: Person, bob: Person) -> None:
    disputed, objected = make_call(alice, bob, NOW), make_call(alice, bob, NOW + 2 * HOUR)
    payment = make_money(disputed.seats.get())
    Dispute.create(payment=payment, reference="dp_1", state="needs_response", amount_cents=4900, opened_at=NOW)
    Objection.create(seat=objected.seats.get(), sentence="Nobody came.", made_at=NOW)

    delete_what_is_old(at(NOW + 100 * DAY))
    assert Presence.select().count() == 2

    Dispute.update(closed_at=NOW).execute()
    Objection.update(decided_at=NOW).execute()
    delete_what_is_old(at(NOW + 101 * DAY))
    assert not Presence.select().exists()


def test_a_night_that_was_cut_short_goes_on_and_is_done_once(
    alice: Person, bob: Person, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "coaching")
    monkeypatch.setattr(retention_mutations, "A_PART", 2)
    seat = make_call(alice, bob, NOW).seats.get()
    for number in range(4):
        Answer.create(seat=seat, label=f"{number}", kind="text", text="Yes")
    night = NOW + 100 * DAY

    assert delete_what_is_old(at(night), most_parts=1) == 2
    monkeypatch.setitem(RULES, "goals", killed)
    with pytest.raises(Killed):
        delete_what_is_old(at(night))
    monkeypatch.undo()
    assert not Answer.select().exists()
    assert retention_check(night).state == State.OK  # it goes on in a minute
    assert retention_check(night + 13 * HOUR).state == State.WARN

    delete_what_is_old(at(night + HOUR))
    assert Seat.get().goals == ""
    assert RetentionRun.get(RetentionRun.name == "answers").removed == 5
    assert [record.removed for record in caplog.records if record.msg == "old data deleted"] == [
        5,
        1,
        0,
        1,
        0,
        0,
        0,
        0,
        0,
    ]

    Answer.create(seat=seat, label="Late", kind="text", text="Yes")
    assert delete_what_is_old(at(last_night(night) + DAY - timedelta(seconds=1))) == 0
    assert delete_what_is_old(at(night - 2 * DAY)) == 0  # the demo's clock was put back
    assert delete_what_is_old(at(last_night(night) + DAY)) == 1


def test_a_rule_that_breaks_keeps_no_other_from_being_followed_and_is_seen(
    alice: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_call(alice, bob, NOW)
    monkeypatch.setitem(RULES, "answers", lambda _now: 1 // 0)

    delete_what_is_old(at(NOW + 100 * DAY))

    assert not Presence.select().exists()
    assert Answer.select().exists()
    check = retention_check(NOW + 101 * DAY)
    assert check.state == State.WARN
    assert check.sentence.endswith("though it is time: answers of students.")


def test_the_doctor_says_how_the_last_night_fared(alice: Person, bob: Person) -> None:
    assert retention_check(NOW).sentence.startswith("Nothing was looked through yet.")
    make_call(alice, bob, NOW)
    night = NOW + 91 * DAY
    delete_what_is_old(at(night))

    assert with_times(retention_check(night).sentence) == (
        "In the night of 2027-12-09 04:00 UTC this was deleted: answers of students (1), "
        "goals and phone numbers (1), records of who was in a room (1)."
    )
    delete_what_is_old(at(night + DAY))
    assert "nothing was old enough" in retention_check(night + DAY).sentence
    assert retention_check(night + 3 * DAY).state == State.WARN
    assert set(WORDS) == set(RULES)


def make_call(alice: Person, bob: Person, ends_at: datetime) -> CoachingSession:
    """A call of an hour that Bob had, with an answer, goals and phone, its room's log, and who was in it."""
    call: CoachingSession = factories.make_coaching_session(
        factories.make_product(coach=alice), bob, starts_at=ends_at - HOUR, state="completed"
    )
    seat = call.seats.get()
    Seat.update(phone="+49 30 1234567").where(Seat.id == seat.id).execute()
    Answer.create(seat=seat, label="Which genre?", kind="text", text="Doom jazz")
    room = Room.create(
        coaching_session=call, code=f"r{call.id}", discord_guild_id=factories.GUILD_ID, created_at=ends_at
    )
    RoomEvent.create(room=room, at=ends_at, kind="note")
    Presence.create(room=room, person=bob, seconds=60, looked_at=ends_at)
    return call


def make_money(seat: Seat) -> Payment:
    """A payment for the seat that went back, with its receipt."""
    payment: Payment = paid(seat)
    refunded(payment, 4900)
    Receipt.create(
        store=seat.coaching_session.product.store,
        year=2027,
        number=1,
        payment=payment,
        code="receipt",
        issued_on=NOW.date(),
        issued_at=NOW,
        amount_cents=4900,
        currency="EUR",
        seller="Nova",
        buyer="Bob",
        printed="{}",
    )
    return payment


def killed(_now: object) -> int:
    raise Killed
