"""From what became of a paid call to the money that goes back, without anybody's hand."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from coaching.backups.mutations import settle as settle_restored
from coaching.booking.models import CoachingSession, Seat, SeatLine
from coaching.booking.mutations import cancel_session, correct_outcome, record_outcome
from coaching.booking.outcome_rules import Absent
from coaching.errors import NotFound, TooLate
from coaching.notices.models import Notice
from coaching.payments.causes import Cause
from coaching.payments.models import Payment, Refund
from coaching.payments.money_outcome_mutations import give_back_at_once, owe_outcome_refunds
from coaching.payments.refund_mutations import owe_of_seat
from coaching.payments.settling_mutations import owe_due_refunds
from coaching.payments.sweep_actions import look_after_payments
from coaching.refusals import Refusal
from coaching.rooms.models import Room
from coaching.runtime.mutations import record_heartbeat, set_clock_offset
from coaching.runtime.queries import WORKER
from tests.clocks import at
from tests.fakes import GUILD_ID
from tests.payments.conftest import NOW
from tests.rooms.conftest import CLOSED, END, MADE, START, STUDENT, by_shared_role, coaching_session, minutes, worker

__all__ = ["by_shared_role", "coaching_session", "worker"]

HOUR = timedelta(hours=1)


@pytest.fixture
def paid(coaching_session: CoachingSession) -> Payment:
    """The session was paid by card."""
    seat = Seat.get(Seat.coaching_session == coaching_session)
    return pay(seat, "cs_1")


def pay(seat: Seat, reference: str) -> Payment:
    about = {"amount_cents": 4900, "currency": "EUR", "key": reference, "reference": reference}
    return Payment.create(seat=seat, provider="stripe", state="paid", begun_at=MADE, paid_at=MADE, **about)


def went_back(payment: Payment) -> list[tuple[str, int, str]]:
    rows = Refund.select().where(Refund.payment == payment).order_by(Refund.id)
    return [(row.cause, row.amount_cents, row.state) for row in rows]


def asked() -> list[str]:
    return sorted(notice.kind for notice in Notice.select().where(Notice.kind.contains("asked")))


def let_in(session: CoachingSession) -> None:
    """The room was open to the student for the whole call."""
    Room.create(
        coaching_session=session,
        code=session.code,
        discord_guild_id=GUILD_ID,
        created_at=MADE,
        let_in=((MADE, CLOSED),),
    )


def settle(session: CoachingSession, now: datetime, *, absent: Absent | None = None) -> None:
    record_outcome(session, "no_show" if absent else "completed", now, absent)
    owe_outcome_refunds(now)


def test_a_room_that_never_opened_gives_all_of_it_back_at_the_planned_end(worker, host, paid):
    host.fail(Refusal.MISSING_PERMISSION, name="create_channel", times=99)
    worker.minutes(MADE, END - minutes(1), step=20)
    owe_outcome_refunds(END - minutes(1))
    assert went_back(paid) == []
    owe_outcome_refunds(END)
    assert went_back(paid) == [("not_let_in", 4900, "owed")]
    for later in (END + minutes(1), END + timedelta(days=3)):
        owe_outcome_refunds(later)
    assert (went_back(paid), asked()) == ([("not_let_in", 4900, "owed")], [])
    assert owe_outcome_refunds(END + timedelta(days=4)) == 0


def test_after_a_restore_nobody_knows_of_the_calls_since_and_both_are_asked(worker, coaching_session, paid):
    record_heartbeat(WORKER, MADE - timedelta(hours=2))
    settle_restored(END + minutes(5))
    worker.by_hand(END + minutes(6))
    owe_outcome_refunds(END + minutes(6))
    assert CoachingSession.get().absent == "unknown"
    assert (went_back(paid), asked()) == ([], ["coach_outcome_asked", "outcome_asked"])


def test_a_student_who_has_left_the_server_gets_nothing_back_by_it(worker, host, coaching_session, paid):
    host.leave(GUILD_ID, STUDENT)
    worker.minutes(MADE, START + minutes(5), step=10)
    [channel] = host.rooms_in()
    host.voice[GUILD_ID, "2001"] = channel.channel_id
    worker.minutes(START + minutes(6), END, step=6)
    host.voice.clear()
    worker.minutes(END + minutes(5), CLOSED + minutes(5), step=5)
    for now in (END, CLOSED + minutes(6), END + timedelta(days=1)):
        owe_outcome_refunds(now)
    # What the looks alone did not tell is told by why they were kept out.
    assert CoachingSession.get().absent == "student"
    # Having joined again afterwards changes nothing of what was.
    host.gone.clear()
    worker.by_hand(END + timedelta(days=1))
    owe_outcome_refunds(END + timedelta(days=8))
    assert (went_back(paid), asked()) == ([], [])


def test_a_coach_who_was_missing_has_two_days(db, alice, coaching_session, paid):
    let_in(coaching_session)
    settle(coaching_session, CLOSED, absent="coach")
    owe_outcome_refunds(END + 48 * HOUR - minutes(1))
    assert went_back(paid) == []
    notice = Notice.get(Notice.kind == "coach_missed")
    assert (notice.person_id, json.loads(notice.fields)["until"]) == (alice.id, (END + 48 * HOUR).isoformat())
    owe_outcome_refunds(END + 48 * HOUR)
    owe_outcome_refunds(END + 49 * HOUR)
    assert went_back(paid) == [("coach_absent", 4900, "owed")]
    correct_outcome(coaching_session, alice, "completed", None, END + 50 * HOUR)
    owe_outcome_refunds(END + 50 * HOUR)
    assert went_back(paid) == [("coach_absent", 4900, "owed")]


def test_a_correction_in_time_keeps_the_money_and_a_later_one_gives_it_back(db, alice, coaching_session, paid):
    let_in(coaching_session)
    settle(coaching_session, CLOSED, absent="coach")
    correct_outcome(coaching_session, alice, "completed", None, END + 47 * HOUR)
    owe_outcome_refunds(END + 60 * HOUR)
    assert went_back(paid) == []
    correct_outcome(coaching_session, alice, "no_show", "coach", END + 70 * HOUR)
    owe_outcome_refunds(END + 70 * HOUR)
    assert went_back(paid) == [("coach_absent", 4900, "owed")]


def test_the_coach_gives_it_back_at_once_by_one_press_and_nobody_else_does(db, alice, bob, coaching_session, paid):
    let_in(coaching_session)
    settle(coaching_session, CLOSED)
    with pytest.raises(TooLate):
        give_back_at_once(coaching_session, alice, CLOSED)
    correct_outcome(coaching_session, alice, "no_show", "coach", CLOSED)
    current = CoachingSession.get()
    with pytest.raises(NotFound):
        give_back_at_once(current, bob, CLOSED)
    give_back_at_once(current, alice, CLOSED)
    give_back_at_once(current, alice, CLOSED)
    owe_outcome_refunds(END + 49 * HOUR)
    assert went_back(paid) == [("coach_absent", 4900, "owed")]


def test_a_shared_role_shows_nobody_in_a_room_so_both_are_asked_once_and_the_coach_decides(
    worker, alice, by_shared_role, paid
):
    worker.minutes(MADE, END, step=20)
    worker.by_hand(CLOSED + minutes(5))
    current = CoachingSession.get()
    assert (current.state, current.absent) == ("no_show", "unknown")
    for now in (END, CLOSED + minutes(6), END + HOUR, END + 49 * HOUR):
        owe_outcome_refunds(now)
        assert (went_back(paid), asked()) == ([], ["coach_outcome_asked", "outcome_asked"])
    # What the coach says counts: that it took place moves no money, that they were not there gives it back.
    correct_outcome(current, alice, "completed", None, END + 50 * HOUR)
    owe_outcome_refunds(END + 50 * HOUR)
    assert went_back(paid) == []
    correct_outcome(CoachingSession.get(), alice, "no_show", "coach", END + 51 * HOUR)
    owe_outcome_refunds(END + 51 * HOUR)
    assert (went_back(paid), len(asked())) == ([("coach_absent", 4900, "owed")], 2)


@pytest.mark.parametrize(("absent", "session_type"), [("both", "video"), ("unknown", "video"), (None, "phone")])
def test_where_nobody_knows_both_are_asked_once_and_no_money_moves(db, coaching_session, paid, absent, session_type):
    CoachingSession.update(session_type=session_type).execute()
    let_in(coaching_session)
    settle(CoachingSession.get(), CLOSED, absent=absent)
    owe_outcome_refunds(END + 24 * HOUR)
    assert (went_back(paid), asked()) == ([], ["coach_outcome_asked", "outcome_asked"])


def test_what_took_place_or_was_called_off_is_looked_at_no_more(db, alice, coaching_session, paid):
    let_in(coaching_session)
    settle(coaching_session, CLOSED)
    assert (went_back(paid), asked()) == ([], [])
    assert owe_outcome_refunds(END + 24 * HOUR) == 0
    owe_outcome_refunds(END + timedelta(days=8))
    assert Payment.get_by_id(paid.id).final_at is not None
    CoachingSession.update(state="scheduled").execute()
    Payment.update(outcome_seen="", final_at=None).execute()
    cancel_session(CoachingSession.get(), alice, START)
    owe_outcome_refunds(END)
    assert (went_back(paid), Payment.get_by_id(paid.id).final_at) == ([], END)


def test_a_room_that_never_opened_gives_back_extras_too_but_not_what_went_back_before(db, coaching_session, paid):
    seat = Seat.get()
    SeatLine.create(seat=seat, kind="session", title="Call", amount_cents=4000)
    SeatLine.create(seat=seat, kind="bump", title="Notes", amount_cents=900, is_refundable=False)
    owe_of_seat(seat, Cause.BY_COACH, 900, "a part", START)
    record_outcome(coaching_session, "no_show", END, "unknown")
    owe_outcome_refunds(END)
    assert went_back(paid) == [("by_coach", 900, "owed"), ("not_let_in", 4000, "owed")]


def test_what_is_paid_after_the_call_was_no_room_to_wait_for(db, coaching_session, paid):
    Payment.update(paid_at=END + timedelta(days=30)).execute()
    record_outcome(coaching_session, "no_show", END, "unknown")
    owe_outcome_refunds(END + timedelta(days=31))
    assert (went_back(paid), asked()) == ([], [])


def test_all_of_it_is_back_with_the_student_without_a_hand(app, rig, browser_of, bob):
    session = rig.book()
    rig.pay(rig.begin(session))
    for now in (NOW + minutes(2), session.ends_at - minutes(1)):
        rig.set_clock(now)
        look_after_payments(rig.provider_of, lambda: at(rig.now))
    assert (went_back(Payment.get()), rig.ledger()[0]["refunded"]) == ([], 0)
    for step in (0, 1, 2):
        rig.set_clock(session.ends_at + minutes(step))
        look_after_payments(rig.provider_of, lambda: at(rig.now))
    assert went_back(Payment.get()) == [("not_let_in", 4900, "succeeded")]
    assert rig.ledger()[0]["refunded"] == 4900
    set_clock_offset(rig.now - datetime.now(UTC))
    page = browser_of(bob).get(f"/sessions/{session.code}").text
    for words in ("The room was never open while your call was to be.", "That was not your doing", "€49"):
        assert words in page


def test_what_the_students_absence_would_give_later_is_in_all_of_it(db, coaching_session, paid):
    Seat.update(absent_percent=50).execute()
    record_outcome(coaching_session, "no_show", END, "student")
    owe_due_refunds(END)
    assert went_back(paid) == [("student_absent", 2450, "owed")]
    owe_outcome_refunds(END)
    owe_due_refunds(END)
    assert went_back(paid) == [("student_absent", 2450, "dropped"), ("not_let_in", 4900, "owed")]
