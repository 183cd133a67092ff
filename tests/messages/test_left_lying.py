"""Messages that lay in the outbox: after days without a worker, after a backup was put back, and when they are old."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from coaching.backups.mutations import settle
from coaching.booking.models import CoachingSession
from coaching.booking.mutations import want_look
from coaching.catalog.models import Product
from coaching.messages.models import MessageSettings
from coaching.messages.mutations import save_settings
from coaching.messages.outbox_mutations import KEPT, forget_old_messages, put_late_aside
from coaching.notices.hand_mutations import send_again
from coaching.notices.kinds import MessageKind
from coaching.notices.models import RESTORED, Notice
from coaching.notices.mutations import owe
from tests import factories
from tests.clocks import at
from tests.fakes import FakeHost, FakeMailer
from tests.rooms.reconciling import reconcile
from tests.sending import deliver_due

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
pytestmark = pytest.mark.usefixtures("db")


def make_session(starts_at: datetime, product: Product | None = None) -> CoachingSession:
    """A session of somebody who is reached by mail only; its messages have not been looked at since it was booked."""
    bob = factories.make_person("Bob")
    product = product or factories.make_product(reminders=(3 * 24 * 60, 24 * 60, 60))
    made = factories.make_coaching_session(product, bob, starts_at=starts_at, created_at=NOW - 9 * DAY)
    CoachingSession.update(next_look_at=NOW - 9 * DAY).where(CoachingSession.id == made.id).execute()
    return made


def states(kind: str, session: CoachingSession) -> Counter[str]:
    about = (Notice.session_id == session.id) & (Notice.kind == kind)
    return Counter(notice.state for notice in Notice.select().where(about))


def test_after_three_days_without_a_worker_each_person_gets_the_newest_reminder_only() -> None:
    mailer, host = FakeMailer(), FakeHost()
    first = make_session(NOW - 39 * HOUR / 2)
    sessions = [first, *(make_session(first.starts_at + 2 * n * HOUR, first.product) for n in range(1, 50))]
    # Between its look and its mail the last worker died: this one was written and never went.
    waiting = sessions[12]
    key = f"reminder:{waiting.id}:{int(waiting.starts_at.timestamp())}:{3 * 24 * 60}"
    fields = {"minutes": 3 * 24 * 60}
    owe(MessageKind.REMINDER, key, waiting.seats.get().student_id, NOW - 2 * DAY, session_id=waiting.id, fields=fields)

    turns = [deliver_due(mailer, NOW, host=host) for _ in range(3)]
    assert turns[0] > 0
    assert turns[-1] == 0

    for session in sessions:
        before = session.starts_at - NOW
        sent = states("reminder", session)
        overdue = sum(before <= length for length in (3 * DAY, DAY, HOUR))
        if before <= timedelta(0) or not overdue:
            assert sent == {}
        else:
            assert sent == Counter({"sent": 1, "overtaken": overdue - 1}) + Counter()
    assert len(mailer.sent) == Notice.select().where(Notice.state == "sent").count()
    assert host.messages == []


def test_a_reminder_that_could_not_go_gives_way_to_the_next_one_and_to_other_times() -> None:
    session = make_session(NOW + DAY)
    deliver_due(None, NOW)
    assert states("reminder", session) == {"held": 1, "overtaken": 1}
    Notice.update(state="waiting", channel="").where(Notice.state == "held").execute()

    mailer = FakeMailer()
    deliver_due(mailer, NOW + 23 * HOUR)
    assert len(mailer.sent) == Notice.select().where(Notice.state == "sent").count()
    assert states("reminder", session) == {"overtaken": 2, "sent": 1}

    other = make_session(NOW + 30 * HOUR)
    deliver_due(None, NOW + 6 * HOUR)
    Notice.update(state="waiting", channel="").where(Notice.session_id == other.id, Notice.state == "held").execute()
    times = {"starts_at": NOW + 9 * DAY, "ends_at": NOW + 9 * DAY + HOUR, "busy_until": NOW + 9 * DAY + HOUR}
    CoachingSession.update(times | {"busy_from": NOW + 9 * DAY}).where(CoachingSession.id == other.id).execute()
    deliver_due(mailer, NOW + 6 * HOUR)
    assert states("reminder", other) == {"overtaken": 2}


def test_after_a_restore_nothing_is_repeated_that_may_have_gone() -> None:
    """The backup is from before the reminders and the opening; both happened before it was put back."""
    soon, later = make_session(NOW + 10 * MINUTE), make_session(NOW + 26 * HOUR)
    over = make_session(NOW - 3 * HOUR)
    for session in (soon, later, over):
        student = session.seats.get().student
        state = "held" if session == later else "waiting"
        owe(MessageKind.BOOKED, f"booked:{session.id}", student.id, NOW - DAY, session_id=session.id, state=state)
    CoachingSession.update(next_look_at=NOW - 3 * DAY).execute()
    coach = soon.coach
    save_settings(coach, next_day_at=NOW - 6 * HOUR)

    settled = settle(NOW)

    assert states("booked", soon) == states("booked", later) == {"unsure": 1}
    assert states("booked", over) == {"expired": 1}
    assert states("reminder", soon) == {"unsure": 1, "overtaken": 2}
    assert states("reminder", later) == {"unsure": 1}
    assert states("reminder", over) == {}
    assert states("room_open", soon) == {"unsure": 1}
    assert Notice.get(Notice.kind == MessageKind.COACH_DAY).state == "unsure"
    assert settled.messages == Notice.select().where(Notice.state == "unsure", Notice.last_error == RESTORED).count()
    assert MessageSettings.get(MessageSettings.person == coach).next_day_at > NOW

    mailer, host = FakeMailer(), FakeHost()
    reconcile(host, at(NOW))
    assert len(host.rooms_in()) == 1
    want_look(coach=coach)
    for minutes in (1, 5):
        deliver_due(mailer, NOW + minutes * MINUTE, host=host)
    assert mailer.sent == []
    assert states("room_open", soon) == {"unsure": 1}
    # What becomes due afterwards goes as ever, and what is unsure by hand.
    assert deliver_due(mailer, NOW + 2 * HOUR + MINUTE) == 1
    send_again(Notice.get(Notice.kind == "booked", Notice.state == "unsure", Notice.session_id == later.id).id, NOW)
    assert deliver_due(mailer, NOW + 2 * HOUR + 2 * MINUTE) == 1


def test_what_is_held_is_expired_when_it_is_too_late_for_it() -> None:
    over, later = make_session(NOW - 2 * HOUR), make_session(NOW + DAY)
    for session in (over, later):
        for kind in (MessageKind.BOOKED, MessageKind.REMINDER):
            owe(kind, f"{kind}:{session.id}", 1, NOW - 2 * DAY, session_id=session.id, state="held")
    owe(MessageKind.CANCELLED, "cancelled", 1, NOW - DAY, session_id=later.id, state="held")
    owe(MessageKind.ALERT, "alert", 1, NOW - DAY + MINUTE, state="held", subject="x", body="x")
    put_late_aside(at(NOW))
    assert states("booked", over) == states("reminder", over) == states("cancelled", later) == {"expired": 1}
    assert states("booked", later) == states("reminder", later) == {"held": 1}
    assert Notice.get(Notice.key == "alert").state == "held"


def test_old_messages_are_forgotten_but_for_those_that_wait_for_a_session_to_come() -> None:
    coming = make_session(NOW + DAY)
    old, young = NOW - KEPT, NOW - KEPT + MINUTE
    for made_at in (old, young):
        for state in ("sent", "failed", "unsure", "held"):
            owe(MessageKind.BOOKED, f"{made_at}{state}", 1, made_at, session_id=coming.id, state=state)
    owe(MessageKind.BOOKED, "of a session that is gone", 1, old, session_id=999, state="held")

    forget_old_messages(at(NOW))

    kept = {(notice.made_at, notice.state) for notice in Notice.select()}
    assert kept == {(old, "held"), *((young, state) for state in ("sent", "failed", "unsure", "held"))}
